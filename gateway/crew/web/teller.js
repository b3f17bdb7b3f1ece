// Tells the box what the crew did, and the crew what became of it: nothing fails in silence.
import { ask, give } from "./api.js";
import { el, setText, show } from "/screen/dom.js";
import { t } from "/screen/i18n.js";

export const UNDO_MS = 5_000;
const SAID_MS = 4_000;

export class Teller {
  /** `node`: where it is said, a live region. */
  constructor(node) {
    this.node = node;
    this.words = el("p");
    this.undo = el("button", { type: "button" });
    this.undo.addEventListener("click", () => this.#undone());
    node.append(this.words, this.undo);
    this.timer = null;
  }

  /** One event of the crew: whether the box has it. `kind` and `detail`: devices/model/crew.py. */
  async tell(kind, detail) {
    return this.#asked(await ask("POST", `/api/case/${kind}`, detail));
  }

  /** Any other request. */
  async send(method, path, body) {
    return this.#asked(await ask(method, path, body));
  }

  /** A picture. */
  async give(path, blob) {
    return this.#asked(await give(path, blob));
  }

  #asked({ ok, status, data }) {
    if (ok) return true;
    this.say(status === 0 ? t("crew.not-recorded") : (data?.error ?? t("crew.refused")), "failed");
    return false;
  }

  /** `undo`: what a touch on "undo" does within UNDO_MS. */
  say(text, state = "done", undo = null) {
    clearTimeout(this.timer);
    this.action = undo;
    setText(this.words, text);
    setText(this.undo, t("mark.undo"));
    show(this.undo, undo !== null);
    this.node.dataset.state = state;
    show(this.node, true);
    if (state !== "failed") this.timer = setTimeout(() => this.#hide(), undo ? UNDO_MS : SAID_MS);
    else this.timer = setTimeout(() => this.#hide(), 3 * SAID_MS);
  }

  #undone() {
    const { action } = this;
    this.#hide();
    action?.();
  }

  #hide() {
    clearTimeout(this.timer);
    this.action = null;
    show(this.node, false);
  }
}
