// What was decided of late, for whoever opens it; asked for only while it is open.
import { asked, reason } from "/prescriptions/asking.js";
import { keep, setText } from "/screen/dom.js";
import { noteKey, noteNode } from "./notes.js";
import { Film } from "./film.js";

const [SPAN_MS, EVERY_MS, MOST] = [120_000, 10_000, 60];

export class Lately {
  /** `now()`: the controller's time. */
  constructor(details, now) {
    Object.assign(this, { details, now, asked: -Infinity });
    this.list = details.querySelector("ol");
    this.problem = details.querySelector(".problem");
    details.addEventListener("toggle", () => this.tick());
  }

  redraw() {
    this.list.replaceChildren();
    this.asked = -Infinity;
  }

  /** Called by every tick. */
  tick() {
    if (!this.details.open || performance.now() - this.asked < EVERY_MS) return;
    this.asked = performance.now();
    this.#ask();
  }

  async #ask() {
    const to = Math.round(this.now());
    const answer = await asked("GET", `/api/robots/replay?from_ms=${to - SPAN_MS}&to_ms=${to}`);
    setText(this.problem, answer.ok ? "" : reason(answer));
    if (answer.ok) keep(this.list, new Film(answer.data).told(to, MOST), noteKey, noteNode, () => {});
  }
}
