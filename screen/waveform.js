// A few seconds of one waveform and the moment of it that is being drawn.
//
// Samples arrive in bursts; the playhead runs steadily behind the newest by as much as the bursts
// need (`lag`), at most LAG_MOST_MS. What is older than that when it comes is history, never drawn as live.

export const WINDOW_MS = 6_000;
const KEEP_MS = 10_000;
const LAG_LEAST_MS = 300;
const LAG_MOST_MS = 3_000;
const JOIN_MS = 120;
const NO_SAMPLE = -32768;

/** int16 little-endian in base64. */
export function decodeSamples(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Int16Array(bytes.buffer, 0, bytes.length >> 1);
}

export class Waveform {
  constructor() {
    this.clear();
  }

  clear() {
    this.chunks = [];
    this.lag = LAG_LEAST_MS;
    this.head = -Infinity;
    this.low = this.high = null;
    this.end = this.heardAt = -Infinity;
    this.device = null;
  }

  /** Takes a `wave` item that has just come, at the controller's time `now`. */
  push(item, now) {
    const data = decodeSamples(item.samples);
    const step = 1000 / item.rate_hz;
    const end = item.at_ms + data.length * step;
    const other = item.device !== this.device && now - this.end < 2_000;
    if (other || end <= this.end || item.at_ms > now + LAG_MOST_MS) return;
    this.device = item.device;
    this.end = end;
    this.heardAt = now;
    if (now - item.at_ms > LAG_MOST_MS) return;
    this.#wait(now - item.at_ms);
    this.#append({ start: this.#joined(item.at_ms), step, data }, now);
  }

  /** Chunks that nearly touch are one trace: arrival stamps jitter, the sensor does not. */
  #joined(at) {
    const last = this.chunks.at(-1);
    if (!last) return at;
    const due = last.start + last.data.length * last.step;
    return Math.abs(at - due) < JOIN_MS ? due + (at - due) * 0.1 : Math.max(at, due);
  }

  #append(chunk, now) {
    this.chunks.push(chunk);
    while (this.chunks[0].start < now - KEEP_MS) this.chunks.shift();
    this.#scale();
  }

  #wait(needed) {
    const wanted = Math.min(Math.max(needed + 100, LAG_LEAST_MS), LAG_MOST_MS);
    this.lag = wanted > this.lag ? wanted : this.lag + (wanted - this.lag) * 0.02;
  }

  /** Gain: grows at once, so nothing is cut off; shrinks slowly, so nothing pumps. */
  #scale() {
    let low = Infinity;
    let high = -Infinity;
    for (const { data } of this.chunks.slice(-16)) {
      for (const sample of data) {
        if (sample === NO_SAMPLE) continue;
        if (sample < low) low = sample;
        if (sample > high) high = sample;
      }
    }
    if (low > high) return;
    this.low = this.low === null || low < this.low ? low : this.low + (low - this.low) * 0.08;
    this.high = this.high === null || high > this.high ? high : this.high + (high - this.high) * 0.08;
  }

  /** Whether what still comes is history: the gateway is catching up. */
  behind(now) {
    return now - this.heardAt < 2_000;
  }

  /** The moment to draw up to; it never runs backwards. */
  playhead(now) {
    this.head = Math.max(this.head, now - this.lag);
    return this.head;
  }

  /** 0 (bottom) to 1 (top). */
  height(sample) {
    const span = Math.max(this.high - this.low, 4);
    return 0.5 + (sample - (this.low + this.high) / 2) / span;
  }

  /** Calls `visit(time, height, joined)` for each sample in (from, to]; a gap is where `joined` is false. */
  between(from, to, visit) {
    let last = -Infinity;
    for (const { start, step, data } of this.chunks) {
      const before = Math.floor((from - start) / step);
      for (let i = Math.min(Math.max(before, 0), data.length - 1); i < data.length; i++) {
        const at = start + i * step;
        if (at > to) return;
        if (at > from && data[i] !== NO_SAMPLE) visit(at, this.height(data[i]), at - last < JOIN_MS);
        last = data[i] === NO_SAMPLE ? -Infinity : at;
      }
    }
  }
}
