// Event marks: one touch, and the box has it with its time. A mistake is marked as one: nothing is erased.
import { el, keep, setText, show } from "/screen/dom.js";
import { MARKS } from "./known.js";
import { named, onLanguage, t } from "/screen/i18n.js";
import { timeOf } from "./times.js";

/** What is touched most, in the row below. */
const FIRST = ["drug-given", "defibrillation", "intubation", "cpr-start", "cpr-stop", "rosc", "iv-access", "fluid-given", "oxygen-given"];

export class Marks {
  constructor(row, box, teller, clock) {
    Object.assign(this, { box, teller, clock });
    row.prepend(...FIRST.map((code) => this.#button(code)));
    this.text = el("input", { id: "mark-text", maxlength: 200, autocomplete: "off" });
    const note = el("button", { class: "primary", "data-t": "mark.save-note" });
    const label = el("label", { for: "mark-text", "data-t": "mark.text" });
    const form = el("form", { class: "line" }, label, this.text, note);
    form.addEventListener("submit", (event) => this.#note(event));
    const all = el("div", { class: "grid" }, ...MARKS.filter((code) => code !== "note").map((code) => this.#button(code)));
    this.none = el("p", { "data-t": "mark.none" });
    this.list = el("ol", { class: "entries" });
    const heading = el("h3", { "data-t": "mark.list" });
    this.node = el("div", {}, form, all, heading, this.none, this.list);
    onLanguage(() => this.#words([...row.children, ...all.children]));
    this.#words([...row.children, ...all.children]);
  }

  update(now) {
    const marks = [...(this.box.case?.marks ?? [])].map((mark, i) => ({ ...mark, key: String(i) })).reverse();
    show(this.none, marks.length === 0);
    keep(this.list, marks, (mark) => mark.key, makeEntry, (item, mark) => {
      setText(item.children[0], timeOf(mark.at_ms, this.box.clock, now));
      setText(item.children[1], [named("mark", mark.code), mark.text].filter(Boolean).join(": "));
      setText(item.children[2], mark.by);
    });
  }

  #button(code) {
    return el("button", { type: "button", class: "mark", "data-mark": code, onclick: () => this.#mark(code) });
  }

  #words(buttons) {
    for (const button of buttons) if (button.dataset.mark) setText(button, t(`mark.${button.dataset.mark}`));
  }

  async #mark(code) {
    const at = timeOf(this.clock.now(), this.box.clock, this.clock.now());
    const done = await this.teller.tell("mark", { code });
    if (!done) return;
    const what = t(`mark.${code}`);
    this.teller.say(t("mark.done", { what, time: at }), "done", () => this.#mistake(what, at));
  }

  async #mistake(what, time) {
    const done = await this.teller.tell("mark", { code: "note", text: t("mark.mistake", { what, time }) });
    if (done) this.teller.say(t("mark.undone", { what }));
  }

  async #note(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    if (text === "" || !(await this.teller.tell("mark", { code: "note", text }))) return;
    this.text.value = "";
    this.teller.say(t("mark.noted"));
  }
}

const makeEntry = () => el("li", {}, el("time"), el("span"), el("span", { class: "by" }));
