// How far behind a picture is, and curves drawn beside it: a picture shows a moment some tenths of a second ago, and so
// should the curve. Curves wait for the picture, never the picture for curves; numbers wait for nothing.
//
// A picture's age is what the browser says of when it was taken, where it does (requestVideoFrameCallback), else half the
// round trip and the time from its first packet to the screen (getStats). The controller's time on the page is late by
// the quickest delivery of an event (screen/clock.js), so that what is said of both is right to some hundredths.

const LOOK_MS = 1000;
const KEPT = 15;
/** From the decoder to the glass. */
const SHOWN_MS = 16;
const LONGEST_MS = 5000;
/** Curves are moved by no more a second, so that they do not jump; less than this apart is not seen. */
const STEP_MS = 50;
const SEEN_MS = 40;

/** A picture's age, ms; null: not known. `captured`: ages as the browser says; `waited`: ms from packet to picture. */
export function pictureAge({ captured, waited, rttMs }) {
  const said = captured.filter((age) => age > 0 && age < LONGEST_MS);
  if (said.length > 0) return said.toSorted((a, b) => a - b)[said.length >> 1];
  return waited === null || rttMs === null ? null : waited + rttMs / 2 + SHOWN_MS;
}

/** By how much more curves wait than their own `lagMs` next, so that they come to lie beside a picture of `ageMs`. */
export function extra(before, ageMs, lagMs) {
  const wanted = ageMs === null ? 0 : Math.min(Math.max(ageMs - lagMs, 0), LONGEST_MS);
  if (wanted !== 0 && Math.abs(wanted - before) < SEEN_MS) return before;
  return before + Math.max(-STEP_MS, Math.min(wanted - before, STEP_MS));
}

/** The mean of a sum over a count since the last time; null: nothing came. */
export function since(before, now) {
  const count = now.count - before.count;
  return count > 0 ? (now.sum - before.sum) / count : null;
}

export class Sync {
  #seen = new Map();
  #isLooking = false;
  #timer = setInterval(() => this.#look(), LOOK_MS);

  /** `node`: the room's; `pcs()`: all connections; `rtt(seat)`; `patient()`: the seat of the picture that counts, or null. */
  constructor(node, { pcs, rtt, patient, vitals }) {
    Object.assign(this, { node, pcs, rtt, patient, vitals });
  }

  close() {
    clearInterval(this.#timer);
  }

  async #look() {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const tiles = [...this.node.querySelectorAll(".tile[data-seat]:not(.me)")];
    const ages = new Map(await Promise.all(tiles.map(async (tile) => [Number(tile.dataset.seat), await this.#age(tile)])));
    const age = ages.get(this.patient()) ?? null;
    this.vitals.besides(age);
    this.#isLooking = false;
  }

  /** It stands on the tile, too. */
  async #age(tile) {
    const video = tile.querySelector("video:not([hidden])");
    const track = video?.srcObject?.getVideoTracks()[0];
    if (!track) return null;
    const seen = this.#watched(tile, video);
    const now = await waits(this.pcs(), track);
    const waited = now === null || seen.waits === null ? null : since(seen.waits, now);
    seen.waits = now;
    const age = pictureAge({ captured: seen.captured.splice(0), waited: waited === null ? null : 1000 * waited, rttMs: this.rtt(Number(tile.dataset.seat)) });
    if (age === null) delete tile.dataset.age;
    else tile.dataset.age = Math.round(age);
    return age;
  }

  /** What is kept of the picture on a tile: another picture is another. */
  #watched(tile, video) {
    const known = this.#seen.get(tile.dataset.seat);
    if (known?.video === video) return known;
    const seen = { video, captured: [], waits: null };
    this.#seen.set(tile.dataset.seat, seen);
    const frame = (_, { captureTime, expectedDisplayTime }) => {
      if (captureTime !== undefined) seen.captured.push(expectedDisplayTime - captureTime);
      if (seen.captured.length > KEPT) seen.captured.shift();
      if (this.#seen.get(tile.dataset.seat) === seen && video.isConnected) video.requestVideoFrameCallback(frame);
    };
    video.requestVideoFrameCallback(frame);
    return seen;
  }
}

/** Seconds that this track's pictures waited from their first packet until they were decoded, and how many; or null. */
async function waits(pcs, track) {
  const receiver = pcs.filter((pc) => pc.signalingState !== "closed").flatMap((pc) => pc.getReceivers()).find((one) => one.track === track);
  const report = receiver ? [...(await receiver.getStats()).values()] : [];
  const inbound = report.find((one) => one.type === "inbound-rtp" && one.kind === "video");
  return inbound?.totalProcessingDelay === undefined ? null : { sum: inbound.totalProcessingDelay, count: inbound.framesDecoded };
}
