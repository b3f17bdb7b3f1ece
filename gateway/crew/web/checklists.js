// Checklists: what is done is ticked by one touch, with who and when. They suggest; they forbid nothing.
import { CHECKLISTS } from "./known.js";
import { el, setText, show } from "/screen/dom.js";
import { onLanguage, t } from "/screen/i18n.js";
import { timeOf } from "./times.js";

export class Checklists {
  constructor(box, teller) {
    Object.assign(this, { box, teller, chosen: Object.keys(CHECKLISTS)[0] });
    this.tabs = el("div", { class: "line tabs" }, ...Object.keys(CHECKLISTS).map((name) => this.#tab(name)));
    this.list = el("ul", { class: "ticks" });
    this.node = el("div", {}, this.tabs, this.list);
    onLanguage(() => this.open());
  }

  open() {
    for (const tab of this.tabs.children) {
      setText(tab, t(`checklist.${tab.dataset.list}`));
      tab.setAttribute("aria-pressed", String(tab.dataset.list === this.chosen));
    }
    this.list.replaceChildren(...CHECKLISTS[this.chosen].map((item) => this.#item(item)));
  }

  update(now) {
    const done = this.box.case?.checklists?.[this.chosen] ?? {};
    for (const item of this.list.children) {
      const button = item.firstChild;
      const said = done[button.dataset.item];
      button.setAttribute("aria-pressed", String(Boolean(said)));
      setText(button.lastChild, said ? `${timeOf(said.at_ms, this.box.clock, now)} · ${said.by}` : "");
      show(button.lastChild, Boolean(said));
    }
  }

  #tab(name) {
    return el("button", { type: "button", "data-list": name, onclick: () => this.#choose(name) });
  }

  #choose(name) {
    this.chosen = name;
    this.open();
  }

  #item(item) {
    const words = t(`checklist.${this.chosen}.${item}`);
    const button = el("button", { type: "button", "data-item": item }, el("i", { "aria-hidden": "true" }), el("span", {}, words), el("span", { class: "by" }));
    button.addEventListener("click", () => this.#touched(button));
    return el("li", {}, button);
  }

  #touched(button) {
    const done = button.getAttribute("aria-pressed") === "true" ? 0 : 1;
    return this.teller.tell("checklist", { list: this.chosen, item: button.dataset.item, done });
  }
}
