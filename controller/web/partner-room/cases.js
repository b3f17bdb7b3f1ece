// The cases of a conference, and what was chosen of each for who takes part.
import { el, setText, show } from "/screen/dom.js";
import { ask } from "/public/ask.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

export class Cases {
  #base = "";
  #cases = [];
  #files = new Map();
  #drawn = "";

  /** `problem(text)`: why something is not shown. */
  constructor(node, shown, problem) {
    Object.assign(this, { node, shown, problem });
  }

  take(base, cases) {
    this.#base = base;
    this.#cases = cases;
    this.draw();
  }

  draw() {
    const now = JSON.stringify([this.#cases, [...this.#files], document.documentElement.lang]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    this.node.replaceChildren(...this.#cases.filter((one) => one.state !== "off").map((one) => this.#row(one)));
  }

  #row(one) {
    const who = one.patient === null ? t("guest.no-patient") : `${one.patient.name} · ${one.patient.identifier}`;
    const file = el("button", { type: "button", onclick: () => this.#open(one) }, t("guest.file"));
    const items = (this.#files.get(one.id) ?? []).map((item) => el("button", { type: "button", "aria-label": `${t("guest.look")}: ${item.title}`, onclick: () => this.#look(one, item) }, item.title));
    return el("li", { "data-state": one.state }, el("p", {}, `${one.question} · ${t(`guest.case-${one.state}`)}`), el("p", { class: "soft" }, who), el("div", { class: "row" }, ...(one.patient === null ? [] : [file, ...items])));
  }

  async #asked(path) {
    const answer = await ask("GET", `${this.#base}/cases/${path}`);
    this.problem(answer.ok ? "" : answer.message);
    return answer.ok ? answer.data : null;
  }

  async #open(one) {
    const told = await this.#asked(`${one.id}/file`);
    if (told === null) return;
    this.#files.set(one.id, told.items);
    this.draw();
  }

  async #look(one, item) {
    const told = await this.#asked(`${one.id}/items/${item.id}`);
    if (told === null) return;
    const title = el("h2", { id: "shown-title", tabindex: "-1" }, `${item.title} · ${moment(item.at_ms)}`);
    const close = el("button", { type: "button", onclick: () => show(this.shown, false) }, t("guest.close"));
    const body = el("pre", {});
    setText(body, typeof told.content === "string" ? told.content : JSON.stringify(told.content, null, 2));
    this.shown.replaceChildren(title, body, close);
    show(this.shown, true);
    title.focus();
  }
}
