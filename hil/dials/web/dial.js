// One dial: a range and a number beside it, its unit, how far it goes, and a button that lets it go.
import { el, setText } from "/screen/dom.js";
import { onLanguage, t } from "/screen/i18n.js";
import { Turner } from "./api.js";

export class Dial {
  #told = null;

  constructor(bed, device, name, range) {
    Object.assign(this, { bed, device, name });
    const id = `${device ?? bed}-${name}`;
    const limits = { min: range.least, max: range.most, step: range.step };
    this.label = el("label", { for: id });
    this.range = el("input", { id, type: "range", ...limits });
    // The number has no limits of its own: what is beyond them is refused by the bench, which says why.
    this.number = el("input", { id: `${id}-number`, type: "number", step: "any", inputmode: "decimal" });
    this.about = el("span", { class: "about" });
    this.go = el("button", { type: "button" });
    this.problem = el("p", { class: "problem", role: "alert", hidden: true });
    this.turner = new Turner(bed, device, name, this.problem);
    const head = el("div", { class: "head" }, this.label, this.about);
    const row = el("div", { class: "turned" }, this.range, this.number, this.go);
    this.node = el("div", { class: "dial", "data-dial": name }, head, row, this.problem);
    this.range.addEventListener("input", () => (this.number.value = this.range.value));
    this.range.addEventListener("change", () => this.turner.turn(Number(this.range.value)));
    this.number.addEventListener("change", () => this.#typed());
    this.go.addEventListener("click", () => this.turner.turn(null));
    this.#words(range);
    onLanguage(() => this.#words(range));
  }

  /** `value`: what it is turned to, null: nothing; `own`: what is measured meanwhile; `free`: whether it may be. */
  update(value, own, free = true) {
    if (this.turner.isHeld) return;
    this.#told = value;
    this.range.disabled = this.number.disabled = !free;
    this.go.disabled = value === null || !free;
    this.node.dataset.state = value === null ? "own" : "turned";
    if (this.node.querySelector(":focus") !== this.number) this.number.value = value ?? "";
    if (this.node.querySelector(":focus") !== this.range && (value ?? own) !== null) this.range.value = value ?? own;
    setText(this.label.lastChild, value === null ? ` · ${t("dial.own")}` : "");
  }

  async #typed() {
    if (this.number.value === "") return;
    await this.turner.turn(Number(this.number.value));
    if (!this.problem.hidden) this.number.value = this.#told ?? "";
  }

  #words(range) {
    const name = t(`dial.${this.name}`);
    this.label.replaceChildren(el("span", {}, name), el("span", { class: "soft" }));
    this.number.ariaLabel = t("dial.number", { name });
    setText(this.about, t("dial.range", range));
    setText(this.go, t("dial.let-go"));
    this.go.ariaLabel = t("dial.let-go-of", { name });
  }
}

/** Which heart beats: the patient's own, none, or a recorded one; its source stands below. */
export class Rhythm {
  constructor(bed, sources) {
    Object.assign(this, { bed, sources });
    this.label = el("label", { for: `${bed}-rhythm` });
    this.select = el("select", { id: `${bed}-rhythm` });
    this.source = el("p", { class: "soft" });
    this.problem = el("p", { class: "problem", role: "alert", hidden: true });
    this.node = el("div", { class: "dial", "data-dial": "rhythm" }, this.label, this.select, this.source, this.problem);
    this.turner = new Turner(bed, null, "rhythm", this.problem);
    this.select.addEventListener("change", () => this.turner.turn(this.select.value));
    this.#words();
    onLanguage(() => this.#words());
  }

  update(value) {
    if (this.turner.isHeld) return;
    this.select.value = value;
    const none = Object.keys(this.sources).every((name) => this.sources[name] === "");
    setText(this.source, this.sources[value] || (none ? t("rhythm.none") : ""));
  }

  #words() {
    const chosen = this.select.value;
    setText(this.label, t("dial.rhythm"));
    const name = ([id, source]) => el("option", { value: id }, source ? `${id}: ${source}` : t(`rhythm.${id}`));
    this.select.replaceChildren(...Object.entries(this.sources).map(name));
    if (chosen) this.select.value = chosen;
  }
}
