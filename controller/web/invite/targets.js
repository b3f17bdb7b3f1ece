// What the patient's measurements at home should come to: who may says so here, by kind; nothing in a row is no target.
import { done } from "/people/page.js";
import { el, show } from "/screen/dom.js";
import { aimed } from "/public/reading.js";
import { moment } from "/screen/dates.js";
import { t } from "/public/i18n.js";
import { unit } from "/screen/format.js";

const UNITS = { "blood-pressure": "mm[Hg]", weight: "kg", "blood-glucose": "mg/dL", "body-temperature": "Cel", "oxygen-saturation": "%" };
const BOUNDS = ["low", "high", "second_high"];

export class Targets {
  /** `changed()`: one was said. */
  constructor(node, changed) {
    Object.assign(this, { node, changed, path: "", held: [], drawn: "" });
  }

  /** `held`: those that there are; `may`: whether one may say others. */
  draw(path, held, may) {
    const key = JSON.stringify([path, held, may, document.documentElement.lang]);
    if (key === this.drawn) return; // somebody may be typing
    Object.assign(this, { path, held, drawn: key });
    const rows = Object.keys(UNITS).map((kind) => this.#row(kind, held.find((one) => one.kind === kind), may));
    this.node.replaceChildren(el("h2", { id: "targets-title" }, t("at-home.targets")), el("p", { class: "soft" }, t("at-home.targets-note")), el("ul", { class: "targets" }, ...rows.filter(Boolean)));
    show(this.node, may || held.length > 0);
  }

  #row(kind, target, may) {
    if (!may && target === undefined) return null;
    const name = t(`at-home.kind.${kind}`);
    const words = target === undefined ? t("at-home.no-target") : t("at-home.target", { target: aimed(target), by: target.by, when: moment(target.at_ms) });
    const line = el("p", {}, el("b", {}, name), `: ${words}`);
    return el("li", { "data-kind": kind }, line, ...(may ? [this.#form(kind, name, target)] : []));
  }

  #form(kind, name, target) {
    const bounds = BOUNDS.filter((bound) => bound !== "second_high" || kind === "blood-pressure");
    const fields = bounds.map((bound) => {
      const label = `${t(`at-home.bound-${bound}`)}, ${unit(UNITS[kind])}`;
      const input = el("input", { name: bound, type: "number", step: "any", min: "0", value: target?.[bound] ?? "", "aria-label": `${name}: ${label}` });
      return el("label", {}, label, input);
    });
    const form = el("form", { class: "row" }, ...fields, el("button", { "aria-label": `${t("at-home.set")}: ${name}` }, t("at-home.set")));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = Object.fromEntries(bounds.map((bound) => [bound, form.elements[bound].value === "" ? null : Number(form.elements[bound].value)]));
      if ((await done("PUT", `${this.path}/targets/${kind}`, body)) !== undefined) this.changed();
    });
    return form;
  }
}
