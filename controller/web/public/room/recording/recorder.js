// One run of a recording on this page: picture and sound into chunks of a few seconds, each sealed, chained to the one
// before, and given to the outbox. What is not sealed never leaves the page, and is kept nowhere.
import { importKey, seal } from "./box.js";
import { Composite } from "./composite.js";

const CHUNK_MS = 3000;
const LEAST = 500;
export const MEDIA = "video/webm;codecs=vp8,opus";
const OPTIONS = { mimeType: MEDIA, videoBitsPerSecond: 800_000, audioBitsPerSecond: 48_000, videoKeyFrameIntervalDuration: 1000 };

export class Recorder {
  #media = null; #chain = Promise.resolve(); #from = 0; #endAt = null; #held = [];

  /** `path`: of the recording; `seat`; `started`: the controller's answer to its begin, which comes now; `outbox`. */
  constructor(path, number, seat, started, outbox) {
    Object.assign(this, { path, number, seat, outbox, run: started.run, n: started.next, before: started.before, begunAt: performance.now() });
    this.key = importKey(started.key);
  }

  /** See Composite. */
  async start(room, mine, agreed) {
    this.composite = new Composite(room, mine, agreed);
    this.#media = new MediaRecorder(await this.composite.open(), OPTIONS);
    const begun = new Promise((resolve) => (this.#media.onstart = resolve));
    this.#media.ondataavailable = ({ data }) => this.#took(data, this.#endAt ?? performance.now());
    this.#media.start(CHUNK_MS);
    this.#from = Math.round(performance.now() - this.begunAt); // the film's 0
    await begun;
  }

  /** At once: nothing from now on is in it. Resolves when the last chunk is sealed, with how many there are in all. */
  async stop() {
    this.#endAt = performance.now();
    if (this.#media?.state === "recording") {
      const ended = new Promise((resolve) => (this.#media.onstop = resolve));
      this.#media.stop();
      await ended;
    }
    await this.#chain;
    await this.composite?.close();
    return this.n - 1;
  }

  /** One after the other: each has the hash of the one before. A browser's first may have one byte: it waits. `at` is
   * when it came, by which whatever is in it had been filmed; when it was filmed stands in it. */
  #took(blob, at) {
    this.#held.push(blob);
    const data = new Blob(this.#held);
    if (data.size < (this.#endAt === null ? LEAST : 1)) return;
    this.#held = [];
    const to = Math.max(this.#from, Math.round(at - this.begunAt));
    const from = this.#from;
    this.#from = to;
    this.#chain = this.#chain.then(() => this.#seal(data, from, to));
  }

  async #seal(data, from, to) {
    const { number: recording, n, run, before, seat } = this;
    const box = await seal(await this.key, { recording, n, run, from, to, before }, await data.arrayBuffer());
    const query = new URLSearchParams({ seat, run, from_ms: from, to_ms: to, before });
    await this.outbox.put(`${this.path}/chunks/${n}?${query}`, box.bytes);
    this.n = n + 1;
    this.before = box.digest;
  }
}
