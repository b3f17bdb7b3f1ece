// The form: what is filled in as a definition, a definition back into the form.
import { el } from "/screen/dom.js";
import { metricName, unit as unitName } from "/screen/format.js";
import { onLanguage, t } from "/public/i18n.js";

const byId = (id) => document.getElementById(id);
const number = (text) => (text === "" ? null : Number(text));
/** "SpO₂ (%) · spo2": as the board says it, and the code by which it stands in the sentence. */
const words = ([name, unit]) => `${metricName(name)} (${unitName(unit)}) · ${name}`;
const FIELDS = [
  ["value", "number", "90", { step: "any", required: true }],
  ["lasting_min", "number", "5", { step: "any", min: 0, required: true }],
  ["max_gap_s", "number", "60", { min: 1, max: 86400, required: true }],
  ["from_h", "number", "0", { step: "any", required: true }],
  ["to_h", "number", "24", { step: "any" }],
];

export class Builder {
  /** `changed()` is called whenever something is filled in. */
  constructor(changed) {
    onLanguage(() => this.#rename());
    this.metrics = [];
    this.changed = changed;
    this.count = 0;
    byId("add").addEventListener("click", () => this.#add().querySelector("select").focus());
    byId("question").addEventListener("input", changed);
  }

  /** What can be measured: [name, unit] each. */
  know(metrics) {
    this.metrics = metrics;
    if (byId("conditions").children.length === 0) this.#add();
  }

  definition() {
    const wards = byId("wards").value.split(",").map((one) => one.trim()).filter(Boolean);
    const who = { age_min: number(byId("age-min").value), age_max: number(byId("age-max").value), sex: byId("sex").value || null, wards };
    const parts = [...byId("conditions").children].map((node) => this.#condition(node));
    const condition = parts.length === 1 ? parts[0] : { [byId("joined").value]: parts };
    return { who, condition, from_day: byId("from-day").value || null, to_day: byId("to-day").value || null };
  }

  #condition(node) {
    const said = (name) => node.querySelector(`[data-name=${name}]`);
    const [code, unit] = this.metrics[said("metric").selectedIndex];
    const rest = Object.fromEntries(FIELDS.map(([name]) => [name, number(said(name).value)]));
    const one = { code, unit, op: said("op").value, anchor: said("anchor").value, ...rest };
    return said("not").checked ? { not: one } : one;
  }

  #add() {
    const node = el("fieldset", { class: "condition" }, el("legend", { "data-t": "cohorts.condition" }, t("cohorts.condition")));
    const metric = this.#select("metric", this.metrics.map((one) => [one[0], words(one), null]));
    const op = this.#select("op", ["<", "<=", ">", ">="].map((one) => [one, t(`cohorts.op-${one}`), `cohorts.op-${one}`]));
    const anchor = this.#select("anchor", ["admission", "discharge"].map((one) => [one, t(`cohorts.${one}`), `cohorts.${one}`]));
    const rest = FIELDS.map(([name, type, value, more]) => this.#field(name, el("input", { type, value, ...more })));
    const not = this.#field("not", el("input", { type: "checkbox" }));
    const remove = el("button", { type: "button", "data-t": "cohorts.remove", onclick: () => this.#remove(node) }, t("cohorts.remove"));
    node.append(metric, op, rest[0], rest[1], rest[2], anchor, rest[3], rest[4], not, remove);
    metric.querySelector("select").value = "spo2";
    byId("conditions").append(node);
    this.changed();
    return node;
  }

  #rename() {
    for (const list of document.querySelectorAll("#conditions [data-name=metric]"))
      for (const [n, one] of this.metrics.entries()) list.options[n].textContent = words(one);
  }

  #remove(node) {
    if (byId("conditions").children.length === 1) return;
    node.remove();
    byId("add").focus();
    this.changed();
  }

  #select(name, options) {
    const made = options.map(([value, text, key]) => el("option", { value, ...(key && { "data-t": key }) }, text));
    return this.#field(name, el("select", {}, ...made));
  }

  #field(name, input) {
    this.count += 1;
    input.id = `${name}-${this.count}`;
    input.dataset.name = name;
    return el("div", {}, el("label", { for: input.id, "data-t": `cohorts.${name}` }, t(`cohorts.${name}`)), input);
  }
}
