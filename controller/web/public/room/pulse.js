// How far away each other page is, by what pages tell each other twice a second: when the pulse was sent, and of the
// last one that was heard of each other page, when that one was sent and how long ago it came (as RTCP does, RFC 3550,
// 6.4.1). No two clocks are compared. Pure: times are given, ms of one page's own clock.

export const PERIOD_MS = 500;
/** A page in the background sends every second. What is not answered in this time may wait in the channel itself, which
 * after a bad time sends again later and later: it says nothing of the network any more. */
const PATIENCE_MS = 4 * PERIOD_MS;

export class Pulses {
  #heard = new Map();
  #ways = new Map();

  /** What is told now. `freezes(seat)`: how often that seat's picture stood still here, so far. */
  make(now, freezes) {
    const heard = [...this.#heard].map(([seat, { at, came }]) => [seat, at, now - came, freezes(seat)]);
    return { at: now, heard };
  }

  /** What `seat` told came at `now`; `me` is one's own seat. */
  took(seat, { at, heard }, me, now) {
    this.#heard.set(seat, { at, came: now });
    const mine = heard.find(([of]) => of === me);
    if (mine === undefined) return;
    const [, sent, held, freezes] = mine;
    this.#ways.set(seat, { came: now, rttMs: Math.max(now - sent - held, 0), freezes });
  }

  /** Only these are there. */
  only(seats) {
    for (const kept of [this.#heard, this.#ways]) for (const seat of kept.keys()) if (!seats.has(seat)) kept.delete(seat);
  }

  /** There and back, ms; null: nothing was answered yet, or not for long. */
  rtt(seat, now) {
    const way = this.#ways.get(seat);
    return way === undefined || now - way.came > PATIENCE_MS ? null : way.rttMs;
  }

  /** How often one's own picture stood still there, so far. */
  freezes(seat) {
    return this.#ways.get(seat)?.freezes ?? 0;
  }
}
