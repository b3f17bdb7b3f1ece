// Short messages from page to page beside the pictures (data channels): as fast as the network is, and kept by nobody.
//
//   room.channels.on("marks", (seat, text) => …);
//   room.channels.send("marks", JSON.stringify(mark));       // to every seat, from each to each or by the server
//
// What must not be lost is said to the room instead (signal.say). A message that comes both ways while the pictures
// change theirs is heard once. A server passes all on in order and complete, whatever the kind.

/** By label. Both ends know the number, so that none is agreed upon; `newest`: what would have to wait is not sent. */
export const KINDS = {
  vitals: { id: 1, ordered: false, maxPacketLifeTime: 300, priority: "high", newest: true },
  marks: { id: 2, ordered: true, priority: "medium" },
};
const LONGEST = 8000;
const MOST_WAITING = 262_144;
const NEWEST_WAITING = 16_384;
const REMEMBERED = 512;
const MESSAGE = /^(\d{1,12}) ([a-z]{1,16}) (.*)$/s;

/** The channels of one connection, `pc`; `took(text)`. With a server, each end opens its own. */
export class Lines {
  #channels = new Map();

  constructor(pc, took, { negotiated }) {
    for (const [label, { id, newest, ...options }] of Object.entries(KINDS)) {
      const channel = pc.createDataChannel(label, negotiated ? { ...options, negotiated, id } : options);
      channel.onmessage = ({ data }) => took(data);
      this.#channels.set(label, channel);
    }
  }

  /** Whether it was sent. */
  send(label, text) {
    const channel = this.#channels.get(label);
    const most = KINDS[label].newest ? NEWEST_WAITING : MOST_WAITING;
    if (channel.readyState !== "open" || channel.bufferedAmount > most) return false;
    channel.send(text);
    return true;
  }
}

export class Channels {
  #heard = new Map();
  #n = 0;
  #seen = new Map();

  /** `lines()`: the Lines of all connections there are. */
  constructor(lines) {
    this.lines = lines;
  }

  /** `heard(seat, text)` from now on. */
  on(label, heard) {
    this.#heard.set(label, [...(this.#heard.get(label) ?? []), heard]);
  }

  /** To every seat, or by these `lines` alone; how many connections took it. */
  send(label, text, lines = this.lines()) {
    if (text.length > LONGEST) throw new RangeError(`expected at most ${LONGEST} characters, got ${text.length}`);
    this.#n += 1;
    return lines.filter((one) => one.send(label, `${this.#n} ${label} ${text}`)).length;
  }

  /** What came from `seat`; what no page of ours sends is passed over. */
  took(seat, data) {
    const [, n, label, text] = (typeof data === "string" && data.length <= 2 * LONGEST && MESSAGE.exec(data)) || [];
    if (text === undefined || !this.#isNew(seat, Number(n))) return;
    for (const heard of this.#heard.get(label) ?? []) heard(seat, text);
  }

  #isNew(seat, n) {
    if (!this.#seen.has(seat)) this.#seen.set(seat, { last: 0, recent: new Set() });
    const seen = this.#seen.get(seat);
    if (n <= seen.last - REMEMBERED || seen.recent.has(n)) return false;
    seen.recent.add(n);
    if (n > seen.last) seen.last = n;
    for (const old of seen.recent) {
      if (old > seen.last - REMEMBERED) break;
      seen.recent.delete(old);
    }
    return true;
  }
}
