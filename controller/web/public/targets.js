// What the patient's measurements at home should come to: set by who may, by kind, with all that was agreed upon before;
// nothing in a row is no target. On the page of patients at home, and beside the room of a visit.
//
//   const targets = new Targets(node, changed)
//   await targets.open("/api/patients/4711", { may, visit })      // `visit`: in which it is agreed upon
import { aimed, factor, UNITS_OF_GLUCOSE } from "./reading.js";
import { done } from "/people/page.js";
import { el, show } from "/screen/dom.js";
import en from "./words/invite-measured-en.js";
import { learn, t } from "/screen/i18n.js";
import { moment } from "/screen/dates.js";
import { unit } from "/screen/format.js";
import zh from "./words/invite-measured-zh.js";

learn({ en, zh });
const UNITS = { "blood-pressure": ["mm[Hg]"], weight: ["kg"], "blood-glucose": UNITS_OF_GLUCOSE, "body-temperature": ["Cel"], "oxygen-saturation": ["%"] };
const BOUNDS = ["low", "high", "second_high"];

export class Targets {
  #path = null; #may = false; #visit = null; #told = null; #drawn = "";

  /** `changed()`: one was said. */
  constructor(node, changed = () => {}) {
    Object.assign(this, { node, changed });
  }

  async open(path, { may, visit = null }) {
    if (path !== this.#path) this.close();
    this.#path = path;
    this.#may = may;
    this.#visit = visit;
    const told = await done("GET", `${path}/targets`);
    if (told === undefined || this.#path !== path) return;
    this.#told = told;
    this.draw();
  }

  close() {
    this.#path = this.#told = null;
    this.#drawn = "";
    show(this.node, false);
    this.node.replaceChildren();
  }

  draw() {
    if (this.#told === null) return;
    const { targets, history } = this.#told;
    const key = JSON.stringify([this.#path, history, this.#may, document.documentElement.lang]);
    if (key === this.#drawn) return; // somebody may be typing
    this.#drawn = key;
    const rows = Object.keys(UNITS).map((kind) => this.#row(kind, targets.find((one) => one.kind === kind)));
    const head = [el("h2", { id: "targets-title" }, t("at-home.targets")), el("p", { class: "soft" }, t("at-home.targets-note")), el("p", { class: "soft" }, factor())];
    this.node.replaceChildren(...head, el("ul", { class: "targets" }, ...rows.filter(Boolean)), ...ever(history));
    show(this.node, this.#may || history.length > 0);
  }

  #row(kind, target) {
    if (!this.#may && target === undefined) return null;
    const name = t(`at-home.kind.${kind}`);
    const words = target === undefined ? t("at-home.no-target") : said(target);
    const line = el("p", {}, el("b", {}, name), `: ${words}`);
    return el("li", { "data-kind": kind }, line, ...(this.#may ? [this.#form(kind, name, target)] : []));
  }

  /** A number stays as it was typed when another unit is chosen: it is said in that one then. */
  #form(kind, name, target) {
    const bounds = BOUNDS.filter((bound) => bound !== "second_high" || kind === "blood-pressure");
    const units = UNITS[kind];
    let chosen = target?.unit ?? units[0];
    const fields = bounds.map((bound) => ({ bound, words: el("span"), input: el("input", { name: bound, type: "number", step: "any", min: "0", value: target?.[bound] ?? "" }) }));
    const label = () => fields.forEach((one) => {
      one.words.textContent = `${t(`at-home.bound-${one.bound}`)}, ${unit(chosen)}`;
      one.input.ariaLabel = `${name}: ${one.words.textContent}`;
    });
    label();
    const choice = (one) => el("option", { value: one, selected: one === chosen }, unit(one));
    const select = el("select", { name: "unit", "aria-label": `${name}: ${t("at-home.unit")}` }, ...units.map(choice));
    select.addEventListener("change", () => {
      chosen = select.value;
      label();
    });
    const which = units.length > 1 ? [el("label", {}, t("at-home.unit"), select)] : [];
    const form = el("form", { class: "row" }, ...fields.map((one) => el("label", {}, one.words, one.input)), ...which, el("button", { "aria-label": `${t("at-home.set")}: ${name}` }, t("at-home.set")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const values = fields.map(({ bound, input }) => [bound, input.value === "" ? null : Number(input.value)]);
      this.#set(kind, { ...Object.fromEntries(values), ...(units.length > 1 ? { unit: chosen } : {}), visit: this.#visit });
    });
    return form;
  }

  async #set(kind, body) {
    if ((await done("PUT", `${this.#path}/targets/${kind}`, body)) === undefined) return;
    await this.open(this.#path, { may: this.#may, visit: this.#visit });
    this.changed();
  }
}

/** What, who, when, and in which visit. */
function said(target) {
  const parts = { target: aimed(target), by: target.by, when: moment(target.at_ms), visit: target.visit };
  return t(target.visit === null ? "at-home.target" : "at-home.target-visit", parts);
}

function ever(history) {
  if (history.length === 0) return [];
  const rows = history.map((one) => el("li", {}, el("b", {}, t(`at-home.kind.${one.kind}`)), `: ${said(one)}`));
  return [el("details", { class: "ever" }, el("summary", {}, t("at-home.ever", { n: history.length })), el("ol", {}, ...rows))];
}
