// A robot whose camera is in the room: staff turns its look, and stops it, by way of the robots' service.
import { ask } from "/public/ask.js";
import { el, setText, show } from "/screen/dom.js";
import { t } from "./words.js";

/** Degrees by one press: to the right and up are more. */
const TURNS = { left: [-15, 0], right: [15, 0], up: [0, 10], down: [0, -10] };

export class Robot {
  #name = "";

  /** `say(words)`: what became of it. */
  constructor(marks, say) {
    Object.assign(this, { marks, say });
    this.stop = el("button", { type: "button", class: "danger large", "data-do": "robot-stop", onclick: () => this.#stop() });
    this.looks = new Map(Object.keys(TURNS).map((key) => [key, el("button", { type: "button", "data-do": `look-${key}`, onclick: () => this.#look(key) })]));
    this.node = el("div", { class: "row robot", hidden: true }, this.stop, ...this.looks.values());
  }

  /** The seat whose picture is drawn on. */
  draw(seat) {
    const isRobot = seat?.part === "robot" && this.marks.isStaff;
    show(this.node, isRobot);
    if (!isRobot) return;
    this.#name = seat.name;
    setText(this.stop, t("marks.robot-stop", { name: seat.name }));
    for (const [key, button] of this.looks) setText(button, t(`marks.robot-look-${key}`));
  }

  #stop() {
    return this.#ask("PUT", "taken-over", undefined, t("marks.robot-stopped", { name: this.#name }));
  }

  #look(key) {
    const [pan, tilt] = TURNS[key];
    return this.#ask("POST", "look", { pan, tilt }, "");
  }

  async #ask(method, what, body, words) {
    const name = this.#name;
    try {
      const answer = await ask(method, `/api/robots/${encodeURIComponent(name)}/${what}`, body);
      this.say(answer.ok ? words : t("marks.robot-refused", { name, why: answer.message }));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.say(t("marks.robot-refused", { name, why: t("marks.offline") }));
    }
  }
}
