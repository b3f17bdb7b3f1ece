// Tells the controller when this page showed what is traced: some blocks, in batches (docs/operations.md).
import { send } from "./api.js";

const BATCH_MS = 2_000;
const MOST = 64;

export class Painted {
  constructor(clock) {
    Object.assign(this, { clock, waiting: [], painted: [], timer: null });
  }

  /** The values of these traces have been taken in: the next turn draws them. */
  news(traces) {
    this.waiting.push(...traces);
  }

  /** The tiles with news have been drawn: the next frame shows them. */
  drawn() {
    if (!this.waiting.length || document.hidden) return;
    const traces = this.waiting.splice(0);
    requestAnimationFrame(() => setTimeout(() => this.#note(traces, Math.round(this.clock.now()))));
  }

  #note(traces, at_ms) {
    this.painted.push(...traces.map((trace) => ({ trace, at_ms })));
    this.painted.splice(0, this.painted.length - MOST);
    this.timer ??= setTimeout(() => this.#tell(), BATCH_MS);
  }

  async #tell() {
    this.timer = null;
    try {
      await send("POST", "/api/paints", { items: this.painted.splice(0) });
    } catch (error) {
      console.debug(error); // what is not told is missing in a trace, and nowhere else
    }
  }
}
