// Asks the controller again and again, and knows for how long it has not answered.

const PATIENCE_MS = 10_000;

export class Poll {
  /** `ask(signal)` asks and draws; `onRefusal(message)` tells why an answer was none, or "" when it was one. */
  constructor(ask, everyMs, onRefusal) {
    Object.assign(this, { ask, everyMs, onRefusal, heardAt: null, hurry: false, wake: () => {} });
  }

  /** Milliseconds since the last answer, or null before the first. */
  quietFor(now = performance.now()) {
    return this.heardAt === null ? null : now - this.heardAt;
  }

  async run() {
    for (;;) {
      this.hurry = false;
      await this.once();
      if (!this.hurry) await this.#wait();
    }
  }

  #wait() {
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, this.everyMs);
    });
  }

  /** Something else is asked for now: ask at once, or as soon as the present answer has come. */
  soon() {
    this.hurry = true;
    this.wake();
  }

  async once() {
    try {
      await this.ask(AbortSignal.timeout(PATIENCE_MS));
      this.heardAt = performance.now();
      this.onRefusal("");
    } catch (error) {
      if (error.name === "Refusal") this.onRefusal(error.message);
      else if (!isLoss(error)) throw error;
    }
  }
}

/** No answer, as fetch reports it; anything else is a fault of this page. */
function isLoss(error) {
  return ["AbortError", "TimeoutError"].includes(error.name) || (error instanceof TypeError && /fetch|network/i.test(error.message));
}
