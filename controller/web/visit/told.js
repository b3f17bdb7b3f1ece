// What the patient is told of what was signed: a prescription at once, the summary in the room and after the end.
import { ask } from "/public/ask.js";
import { setText, show } from "/screen/dom.js";
import { onLanguage, t } from "./words.js";
import { summaryView } from "/public/summary.js";

const AGAIN_MS = 5000;
const byId = (id) => document.getElementById(id);

export class Told {
  #summary = null; #askedAt = -Infinity; #medicines = [];

  constructor(room) {
    room.addEventListener("wardlink-told", ({ detail }) => this.#took(detail));
    onLanguage(() => this.draw());
  }

  #took(message) {
    if (message.kind === "prescribed") this.#medicines.push(message);
    else if (message.kind === "summary") this.#ask();
    this.draw();
  }

  /** After the end, until there is one; what is amended while the page is open is shown, too. */
  look() {
    if (performance.now() - this.#askedAt > AGAIN_MS) this.#ask();
  }

  async #ask() {
    this.#askedAt = performance.now();
    try {
      const answer = await ask("GET", "/api/visit/summary");
      if (answer.ok && answer.data.summary?.version !== this.#summary?.version) this.#summary = answer.data.summary;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // no answer came: it is asked again
    }
    this.draw();
  }

  draw() {
    show(byId("told"), this.#medicines.length > 0);
    setText(byId("told"), this.#medicines.map((one) => t("visit.prescribed", one)).join(" "));
    show(byId("summary"), this.#summary !== null);
    const node = byId("summary-text");
    if (this.#summary !== null) node.replaceChildren(summaryView(this.#summary));
  }

  /** Nothing of it is there for whoever uses this page next. */
  forget() {
    this.#summary = null;
    this.#medicines = [];
    this.draw();
  }
}
