// A field that finds medicines while one types: arrows go through what is found, Enter takes one, Escape closes.
import { asked } from "./asking.js";
import { el, setText, show } from "/screen/dom.js";
import { medicineName, unit } from "./said.js";
import { named, t } from "/public/i18n.js";

const PAUSE_MS = 150;

export class MedicineSearch {
  /** `note` says what is chosen; `onChosen(choice)`: null as soon as something else is typed. */
  constructor(input, list, note, onChosen) {
    Object.assign(this, { input, list, note, onChosen, found: [], at: -1, chosen: null, asked: 0, timer: null });
    input.addEventListener("input", () => this.#typed());
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("blur", () => this.#close());
    // A press must not take the focus from the field, or the list is closed before the click.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#require();
  }

  /** The one of a prescription that there is already; null: none. */
  take(medicine) {
    this.chosen = medicine === null ? null : { medicine, name_en: medicine.code.display, name_zh: medicine.code.display, routes: [], pack: "", pack_unit: "", high_alert: false, cooled: false };
    this.input.value = medicine?.code.display ?? "";
    this.#close();
    this.draw();
  }

  draw() {
    const one = this.chosen;
    if (one === null) setText(this.note, this.input.value.trim() === "" ? "" : t("rx.choose-medicine"));
    else setText(this.note, [strengths(one.medicine), one.medicine.form, ...marks(one), one.pack && t("rx.pack", { pack: one.pack, unit: unit(one.pack_unit) })].filter(Boolean).join(" · "));
    this.#require();
  }

  #require() {
    this.input.setCustomValidity(this.chosen === null ? t("rx.choose-medicine") : "");
  }

  #typed() {
    const had = this.chosen !== null;
    this.chosen = null;
    if (had) this.onChosen(null);
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), PAUSE_MS);
  }

  async #ask() {
    const text = this.input.value.trim();
    const mine = ++this.asked;
    if (text === "") return this.#close();
    const answer = await asked("GET", `/api/medicines?${new URLSearchParams({ text })}`);
    if (mine !== this.asked || this.chosen !== null || document.activeElement !== this.input) return;
    if (!answer.ok) return setText(this.note, t("rx.not-sent"));
    this.#offer(answer.data.medicines);
  }

  #offer(found) {
    Object.assign(this, { found, at: -1 });
    this.list.replaceChildren(...found.map((one, at) => this.#option(one, at)));
    setText(this.note, found.length === 0 ? t("rx.none-found") : t("rx.n-found", { n: found.length }));
    show(this.list, found.length > 0);
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  #option(one, at) {
    const more = [...one.routes.map((way) => named("rx.route", way)), ...marks(one)].join(" · ");
    return el("li", { id: `${this.list.id}-${at}`, role: "option", "aria-selected": "false", onclick: () => this.#choose(one) }, el("b", {}, medicineName(one)), el("span", {}, more));
  }

  #key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by && !this.list.hidden) this.#move((this.at + by + this.found.length) % this.found.length);
    else if (event.key === "Enter" && this.at >= 0) this.#choose(this.found[this.at]);
    else if (event.key === "Escape" && !this.list.hidden) this.#close();
    else if (event.key !== "Enter") return;
    event.preventDefault();
  }

  #move(at) {
    this.at = at;
    for (const [place, node] of [...this.list.children].entries()) node.setAttribute("aria-selected", String(place === at));
    this.list.children[at].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
  }

  #choose(one) {
    this.chosen = one;
    this.input.value = medicineName(one);
    this.#close();
    this.draw();
    this.onChosen(one);
  }

  #close() {
    this.asked += 1; // what comes now comes too late
    clearTimeout(this.timer);
    Object.assign(this, { found: [], at: -1 });
    show(this.list, false);
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

export function strengths(medicine) {
  return medicine.ingredients.map(({ substance, strength }) => `${substance.display} ${strength.replaceAll(/[{}]/g, "")}`.trim()).join(" + ");
}

function marks({ high_alert: alert, cooled }) {
  return [...(alert ? [t("rx.high-alert")] : []), ...(cooled ? [t("rx.cooled")] : [])];
}
