// Turns dials, one by one.
import { setText, show } from "/screen/dom.js";
import { t } from "/screen/i18n.js";

/** So long after an answer the state that comes may still be from before it. */
const SETTLES_MS = 600;

/** Turns one dial; what was refused, and why, stands in `problem`. */
export class Turner {
  #until = 0;

  constructor(bed, device, dial, problem) {
    Object.assign(this, { bed, device, dial, problem });
  }

  /** Whether a person has just turned it: the control keeps what they did. */
  get isHeld() {
    return performance.now() < this.#until;
  }

  async turn(value) {
    this.#until = Infinity;
    const problem = await this.#ask(value);
    this.#until = problem ? 0 : performance.now() + SETTLES_MS;
    setText(this.problem, problem);
    show(this.problem, problem !== "");
  }

  async #ask(value) {
    const { bed, device, dial } = this;
    try {
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify({ bed, device, dial, value });
      const answer = await fetch("/api/turn", { method: "POST", headers, body });
      return (await answer.json()).error ?? "";
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
      return t("dial.failed");
    }
  }
}
