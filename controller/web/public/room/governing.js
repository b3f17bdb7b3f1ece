// Governs what is sent by each way out of a page, as governor.js decides: looks at how each does twice a second, and
// sets the browser's senders. Whether camera and microphone are on is not its business: what a person switched off
// stays off, since it only says how much of a track may be sent.
import { begin, reduced, RUNGS, step } from "./governor.js";

export const LOOK_MS = 500;
/** What the other end reports of loss comes about once a second; when nothing is sent, no more. */
const REPORT_MS = 3000;
/** The browser asks the other end about every 2.5 s. */
const ASKED_MS = 4000;
/** A look that comes so many times later than it should. */
const LATE = 1.5;

export class Governing {
  #states = new Map();
  #words = "";
  #isLooking = false;

  /** `ways()`: [{ to, pc, rttMs, freezes }], seats (0: all, by the SFU) and how they are reached; `changed(reduced)`. */
  constructor({ ways, changed }) {
    Object.assign(this, { ways, changed });
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  close() {
    clearInterval(this.timer);
  }

  /** How each way is reduced, by seat: "less", "sound", "text"; those that are not, are not in it. */
  get reduced() {
    const words = [...this.#states.values()].map(({ to, state }) => [to, reduced(state)]);
    return Object.fromEntries(words.filter(([, word]) => word !== null));
  }

  /** How often the picture of `seat` stood still here, so far. */
  froze(seat) {
    return [...this.#states.values()].find(({ to }) => to === seat)?.froze ?? 0;
  }

  async look() {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const ways = this.ways();
    const pcs = new Set(ways.map(({ pc }) => pc));
    for (const pc of this.#states.keys()) if (!pcs.has(pc)) this.#states.delete(pc);
    await Promise.all(ways.filter(({ pc }) => pc.signalingState !== "closed").map((way) => this.#govern(way)));
    this.#isLooking = false;
    const words = JSON.stringify(this.reduced);
    if (words !== this.#words) {
      this.#words = words;
      this.changed(this.reduced);
    }
  }

  async #govern(way) {
    const { pc, to } = way;
    const kept = this.#states.get(pc) ?? { to, state: begin(), at: null, sent: 0, freezes: way.freezes, froze: 0, answers: 0, answeredAt: null, applied: null };
    this.#states.set(pc, kept);
    const { seen, ...now } = look(await pc.getStats(), kept, way);
    Object.assign(kept, now, seen === null ? {} : { state: step(kept.state, seen) });
    const { rung } = kept.state;
    const wanted = `${rung} ${pc.getSenders().map(({ track }) => track?.id)}`; // another camera begins without limits
    if (kept.applied !== wanted && (await apply(pc, RUNGS[rung]))) kept.applied = wanted;
  }
}

/** What step() takes; null the first time, and what is kept until the next. */
function look(report, kept, { rttMs, freezes }) {
  const stats = [...report.values()];
  const transport = stats.find((one) => one.type === "transport");
  const froze = Math.max(0, ...stats.filter((one) => one.type === "inbound-rtp" && one.kind === "video").map((one) => one.freezeCount ?? 0));
  const pair = report.get(transport?.selectedCandidatePairId);
  const at = performance.now();
  const sent = transport?.bytesSent ?? 0;
  const answers = pair?.responsesReceived ?? 0;
  const answeredAt = answers === kept.answers ? kept.answeredAt : at;
  const more = { at, sent, freezes, froze, answers, answeredAt };
  if (kept.at === null || !pair) return { seen: null, ...more };
  const ms = at - kept.at;
  const reports = stats.filter((one) => one.type === "remote-inbound-rtp" && performance.timeOrigin + at - one.timestamp < REPORT_MS);
  const seen = {
    ms,
    // A page that is late itself measures itself.
    rttMs: ms > LATE * LOOK_MS ? null : rttMs,
    sureMs: longest([...reports.map((one) => one.roundTripTime), at - answeredAt < ASKED_MS ? pair.currentRoundTripTime : undefined]),
    lost: Math.max(0, ...reports.map((one) => one.fractionLost ?? 0)),
    freezes: Math.max(freezes - kept.freezes, 0),
    availableBps: pair.availableOutgoingBitrate ?? null,
    sentBps: (8000 * (sent - kept.sent)) / ms,
  };
  return { seen, ...more };
}

/** Of seconds, some of which are not known, in ms; null: none is. */
function longest(seconds) {
  const known = seconds.filter((one) => one !== undefined);
  return known.length === 0 ? null : 1000 * Math.max(...known);
}

/** Whether it could be set: not before the connection is agreed upon. */
async function apply(pc, rung) {
  const senders = pc.getSenders().filter(({ track }) => track !== null);
  const isSet = await Promise.all(senders.map((sender) => set(sender, rung)));
  return isSet.length > 0 && isSet.every(Boolean);
}

async function set(sender, rung) {
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) return false;
  const wanted = sender.track.kind === "video" ? picture(sender.track, rung) : sound(rung);
  for (const encoding of parameters.encodings) Object.assign(encoding, wanted);
  try {
    await sender.setParameters(parameters);
    return true;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return false; // closed, or agreed upon anew meanwhile: the next look sets it
  }
}

function picture(track, { lines, fps, bps }) {
  const way = { priority: "low", networkPriority: "low" };
  if (bps === 0) return { ...way, active: false };
  const high = track.getSettings().height ?? lines;
  return { ...way, active: true, maxBitrate: bps, maxFramerate: fps, scaleResolutionDownBy: Math.max(high / lines, 1) };
}

function sound({ audioBps }) {
  const way = { priority: "medium", networkPriority: "medium" };
  return audioBps === 0 ? { ...way, active: false } : { ...way, active: true, maxBitrate: audioBps };
}
