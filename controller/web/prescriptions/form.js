// The fields of a prescription: read and filled in. Nothing of it is chosen for the person.
import { el } from "/screen/dom.js";
import { MedicineSearch } from "./search.js";
import { ROUTES, SNOMED, unit } from "./said.js";
import { onLanguage, t } from "/public/i18n.js";

const STRENGTH = /^([0-9.]+) ?([^ /]+)(?: ?\/ ?(?:([0-9.]+) ?)?([^ /]+))?$/;
const UNITS = ["{tablet}", "{capsule}", "mg", "g", "ug", "mL", "[iU]", "mmol", "{puff}", "{drop}"];

const NOTHING_MORE = { units: [], way: null };

const field = (name) => document.getElementById(`rx-${name}`);
const text = (name) => field(name).value.trim();
const whole = (name) => Number(field(name).value || 0);

export class Form {
  /** `onChange()`: something of it is another. */
  constructor(node, onChange) {
    Object.assign(this, { node, onChange, more: NOTHING_MORE });
    this.search = new MedicineSearch(field("medicine"), field("found"), field("chosen"), () => this.#chosen());
    node.addEventListener("input", () => this.#changed());
    node.addEventListener("change", () => this.#changed());
    node.addEventListener("submit", (event) => event.preventDefault());
    onLanguage(() => this.draw());
    this.clear();
  }

  draw() {
    this.search.draw();
    this.#offer();
  }

  clear() {
    this.node.reset();
    this.more = NOTHING_MORE;
    this.search.take(null);
    this.#offer();
    this.#adapt();
  }

  /** Everything of a prescription that is there already. */
  fill({ wanted, delivery }) {
    this.clear();
    this.search.take(wanted.medicine);
    this.more = { units: [wanted.dose.unit, wanted.quantity.unit], way: wanted.route };
    this.#offer();
    const { timing } = wanted;
    const values = {
      dose: wanted.dose.value, "dose-unit": wanted.dose.unit, route: wanted.route.code, rhythm: timing.rhythm,
      times: timing.rhythm === "per-day" ? timing.times : "", hours: timing.rhythm === "every" ? timing.hours : "", at: timing.at.join(" "),
      most: timing.rhythm === "as-needed" ? timing.times : "", apart: timing.rhythm === "as-needed" ? timing.hours : "", for: timing.reason,
      days: wanted.days || "", begin: local(wanted.begin_ms), quantity: wanted.quantity.value, "quantity-unit": wanted.quantity.unit,
      repeats: wanted.repeats, setting: wanted.setting, delivery, priority: wanted.priority, reason: wanted.reason, note: wanted.note,
    };
    for (const [name, value] of Object.entries(values)) field(name).value = value;
    field("substitution").checked = wanted.substitution;
    this.#adapt();
  }

  get medicine() {
    return this.search.chosen?.medicine ?? null;
  }

  /** Whether all that is needed is there; else the first field that is not says so. */
  isWhole() {
    this.#check();
    return this.node.reportValidity();
  }

  /** What is wanted, whole; only after isWhole(). */
  wanted() {
    const begin = text("begin");
    return {
      setting: text("setting"),
      ...this.line(),
      quantity: { value: text("quantity"), unit: text("quantity-unit") },
      begin_ms: begin === "" ? null : new Date(begin).getTime(),
      days: whole("days"),
      repeats: whole("repeats"),
      substitution: field("substitution").checked,
      reason: text("reason"),
      note: field("note").value.trim(),
      priority: text("priority"),
    };
  }

  get delivery() {
    return text("delivery");
  }

  /** What the checks look at: the medicine, and the rest as soon as it is whole; null: no medicine is chosen. */
  line() {
    if (this.medicine === null) return null;
    const isSaid = ["dose", "dose-unit", "route", "rhythm"].every((name) => field(name).value !== "" && field(name).validity.valid);
    const part = this.node.querySelector(`[data-rhythm="${text("rhythm")}"]`);
    const parts = part === null ? [] : [...this.node.querySelectorAll(`[data-rhythm="${text("rhythm")}"] input`)];
    if (!isSaid || !parts.every((one) => one.validity.valid)) return { medicine: this.medicine };
    return { medicine: this.medicine, dose: { value: text("dose"), unit: text("dose-unit") }, route: this.#route(), timing: this.#timing() };
  }

  #route() {
    const chosen = field("route").selectedOptions[0];
    return { system: chosen.dataset.system, code: chosen.value, display: chosen.dataset.display };
  }

  #timing() {
    const rhythm = text("rhythm");
    const said = {
      "per-day": () => ({ times: whole("times") }),
      every: () => ({ hours: whole("hours") }),
      at: () => ({ at: [...new Set(text("at").split(/[ ,]+/))].filter(Boolean).sort() }),
      once: () => ({}),
      "as-needed": () => ({ times: whole("most"), hours: whole("apart"), reason: text("for") }),
    };
    return { rhythm, ...said[rhythm]() };
  }

  #chosen() {
    this.more = NOTHING_MORE;
    for (const name of ["dose", "quantity"]) field(name).value = ""; // an amount is of the medicine that it was written for
    this.#offer();
    this.#changed();
  }

  #changed() {
    this.#adapt();
    this.onChange();
  }

  /** Only what belongs to the rhythm is asked for. */
  #adapt() {
    for (const part of this.node.querySelectorAll("[data-rhythm]")) {
      part.hidden = part.dataset.rhythm !== text("rhythm");
      for (const input of part.querySelectorAll("input")) input.disabled = part.hidden;
    }
    this.#check();
  }

  #check() {
    for (const name of ["dose", "quantity"]) field(name).setCustomValidity(/[1-9]/.test(text(name)) ? "" : t("rx.above-0"));
  }

  /** The units and routes that fit the medicine; what is chosen stays, if it still fits. */
  #offer() {
    const { chosen } = this.search;
    const { units, way } = this.more;
    const fits = chosen === null ? [] : unitsOf(chosen.medicine);
    const packed = chosen?.pack_unit ? [chosen.pack_unit] : fits;
    const all = (some) => [...new Set([...some, ...units, ...(chosen !== null && some.length === 0 ? UNITS : [])])];
    choices(field("dose-unit"), all(fits).map((one) => [one, unit(one)]));
    choices(field("quantity-unit"), all(packed).map((one) => [one, unit(one)]));
    const ways = chosen?.routes.length ? chosen.routes.filter((one) => one in ROUTES) : Object.keys(ROUTES);
    const routes = ways.map((one) => [ROUTES[one][0], t(`rx.route.${one}`), { "data-system": SNOMED, "data-display": ROUTES[one][1] }]);
    const isOther = way !== null && !routes.some(([code]) => code === way.code);
    choices(field("route"), isOther ? [...routes, [way.code, way.display, { "data-system": way.system, "data-display": way.display }]] : routes);
  }
}

/** "500 mg/1 {tablet}": tablets, and mg. */
function unitsOf(medicine) {
  const found = medicine.ingredients.map(({ strength }) => STRENGTH.exec(strength)).filter(Boolean);
  return [...new Set([...found.map((one) => one[4]), ...found.map((one) => one[2])].filter(Boolean))];
}

function choices(select, rows) {
  const { value } = select;
  select.replaceChildren(el("option", { value: "" }, t("rx.choose")), ...rows.map(([name, words, more = {}]) => el("option", { value: name, ...more }, words)));
  select.value = rows.some(([name]) => name === value) ? value : "";
}

function local(ms) {
  if (ms === null) return "";
  const at = new Date(ms);
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
