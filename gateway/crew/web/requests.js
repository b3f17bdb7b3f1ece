// What the crew asks the hospital for, and what it answered.
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { named, onLanguage, t } from "/screen/i18n.js";
import { CALL, RESOURCES } from "./known.js";
import { timeOf } from "./times.js";

export class Requests {
  constructor(box, teller) {
    Object.assign(this, { box, teller });
    this.note = el("input", { id: "request-note", maxlength: 200, autocomplete: "off" });
    this.buttons = RESOURCES.filter((name) => name !== CALL).map((name) => el("button", { type: "button", "data-resource": name, onclick: () => this.#ask(name) }));
    const label = el("label", { for: "request-note", "data-t": "request.note" });
    this.none = el("p", { "data-t": "request.none" });
    this.list = el("ol", { class: "entries" });
    this.node = el("div", {}, el("div", { class: "line" }, label, this.note), el("div", { class: "grid" }, ...this.buttons), this.none, this.list);
    onLanguage(() => this.open());
  }

  open() {
    for (const button of this.buttons) setText(button, t(`request.${button.dataset.resource}`));
  }

  update(now) {
    const requests = [...(this.box.case?.requests ?? [])].reverse();
    show(this.none, requests.length === 0);
    keep(this.list, requests, (one) => one.id, makeEntry, (item, one) => this.#entry(item, one, now));
  }

  #entry(item, one, now) {
    setState(item, one.answer ? "answered" : "waiting");
    setText(item.children[0], timeOf(one.at_ms, this.box.clock, now));
    setText(item.children[1], [named("request", one.resource), one.note].filter(Boolean).join(": "));
    const answer = one.answer && t("request.answered", { by: one.answer.by, time: timeOf(one.answer.at_ms, this.box.clock, now) });
    const said = one.resource === CALL ? "" : one.answer?.text; // the address of a room is no words
    setText(item.children[2], one.answer ? [answer, said].filter(Boolean).join(": ") : t("request.waiting"));
  }

  async #ask(resource) {
    const done = await this.teller.tell("request", { resource, note: this.note.value.trim() });
    if (!done) return;
    this.note.value = "";
    this.teller.say(t("request.sent", { what: t(`request.${resource}`) }));
  }
}

const makeEntry = () => el("li", {}, el("time"), el("span"), el("span", { class: "by" }));
