// What is known of the patient in an opened bed: birth date, sex, weight, allergies. That nobody has said anything of
// allergies is shown as what it is, never as none.
import { age } from "/screen/format.js";
import { el, setState, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, onLanguage, t } from "/public/i18n.js";
import { FactsDialog } from "./facts-dialog.js";
import { get } from "./api.js";
import { heading } from "./panel.js";
import { lived } from "./lived.js";

const EVERY_MS = 15_000;
const MEASURED = ["weight", "height", "creatinine"];

export class Facts {
  constructor(clock) {
    Object.assign(this, { clock, whose: undefined, facts: null, may: new Set(), timer: null });
    this.problem = el("p", { class: "problem", role: "status" });
    this.allergies = el("div", { class: "allergies" });
    this.list = el("ul", { class: "facts" });
    this.buttons = el("p", { class: "facts-ways" });
    this.node = el("section", { class: "patient-facts", hidden: true }, heading("facts.title"), this.problem, this.allergies, this.list, this.buttons);
    this.dialog = new FactsDialog((patient) => this.#take(patient));
    onLanguage(() => this.draw());
  }

  person(me) {
    this.may = new Set(me.permissions);
    this.facts = null;
    show(this.node, false);
    this.#load();
  }

  open(bed) {
    this.#whose(bed);
    this.timer = setInterval(() => this.#load(), EVERY_MS);
  }

  /** Somebody else lies there: nothing of the one before stays. */
  update(bed) {
    if (bed.patient?.identifier !== this.whose) this.#whose(bed);
    else if (this.facts !== null) this.#ages();
  }

  close() {
    clearInterval(this.timer);
    this.#whose(null);
  }

  #whose(bed) {
    this.whose = bed?.patient?.identifier;
    this.facts = null;
    this.dialog.close();
    show(this.node, false);
    this.#load();
  }

  async #load() {
    const { whose } = this;
    if (whose === undefined || !this.may.has("patients:read")) return;
    try {
      const { patient } = await get(`/api/patients/${encodeURIComponent(whose)}`);
      if (whose === this.whose) this.#take(patient);
    } catch (error) {
      if (error.name !== "Refusal" && !(error instanceof TypeError)) throw error;
      if (whose !== this.whose) return;
      setText(this.problem, t("facts.failed", { message: error.message }));
      show(this.node, true);
    }
  }

  #take(patient) {
    if (patient.identifier !== this.whose) return;
    const isNews = patient.revision !== this.facts?.revision;
    this.facts = patient;
    setText(this.problem, "");
    show(this.node, true);
    if (isNews) this.draw();
  }

  draw() {
    if (this.facts === null) return;
    this.allergies.replaceChildren(...this.#allergies());
    const lines = [["birth", birth(this.facts, this.clock.now())], ["sex", this.facts.sex ? named("facts.sex", this.facts.sex) : t("facts.unknown")]];
    const known = lines.map(([name, text]) => line(name, text, this.facts[name === "birth" ? "birth_date" : name] === null));
    this.list.replaceChildren(...known, ...MEASURED.map((kind) => line(kind, figure(this.facts[kind]), this.facts[kind] === null)));
    this.#ages();
    this.buttons.replaceChildren(...(this.may.has("patients:write") ? this.#ways() : []));
  }

  #allergies() {
    const { allergies, no_known_allergies: none } = this.facts;
    const active = allergies.filter((one) => one.status === "active");
    const others = allergies.filter((one) => one.status === "inactive" || one.status === "resolved");
    const past = others.map((one) => el("p", { class: "past" }, `${one.display} (${named("facts.status", one.status)}) `, ...this.#change(one)));
    if (active.length > 0) return [el("ul", { class: "known", "aria-label": t("facts.allergies") }, ...active.map((one) => this.#allergy(one))), ...past];
    const key = none === null ? "facts.allergies-unknown" : "facts.no-known-allergies";
    const said = none === null ? {} : { by: none.by, when: moment(none.at_ms).slice(0, 10) };
    return [el("p", { class: "judged", "data-state": none === null ? "unknown" : "none" }, t(key, said)), ...past];
  }

  #allergy(one) {
    const more = [one.criticality === "high" ? t("facts.criticality.high") : "", one.reaction].filter(Boolean).join(" · ");
    const by = t("facts.by", { by: one.by, when: moment(one.at_ms).slice(0, 10) });
    return el("li", { "data-criticality": one.criticality }, el("b", {}, t("facts.allergy", { what: one.display })), el("span", {}, more), el("span", { class: "note" }, by), ...this.#change(one));
  }

  #change(one) {
    if (!this.may.has("patients:write")) return [];
    return [el("button", { type: "button", "aria-label": t("facts.change-of", { what: one.display }), onclick: () => this.dialog.allergy(this.facts, one) }, t("facts.change"))];
  }

  #ways() {
    const way = (key, act) => el("button", { type: "button", onclick: act }, t(key));
    const ways = [
      way("facts.enter-person", () => this.dialog.person(this.facts)),
      way("facts.enter-value", () => this.dialog.value(this.facts)),
      way("facts.enter-allergy", () => this.dialog.allergy(this.facts)),
    ];
    if (!this.facts.allergies.some((one) => one.status === "active")) ways.push(way("facts.say-none", () => this.dialog.none(this.facts)));
    return ways;
  }

  /** How old each value is. */
  #ages() {
    for (const kind of MEASURED) {
      const measured = this.facts[kind];
      if (measured === null) continue;
      const old = t("age.ago", { age: age(Math.max(this.clock.now() - measured.at_ms, 0)) });
      setText(this.list.querySelector(`[data-fact="${kind}"] .age`), `${old} · ${measured.by}`);
    }
  }
}

function line(name, text, isUnknown) {
  const node = el("li", { "data-fact": name }, el("b", {}, t(`facts.${name}`)), el("span", { class: "number" }, text), el("span", { class: "age" }));
  setState(node, isUnknown ? "unknown" : "known");
  return node;
}

const figure = (measured) => (measured === null ? t("facts.unknown") : `${measured.value} ${named("facts.unit", measured.unit)}`);

function birth({ birth_date: born }, now) {
  if (born === null) return t("facts.unknown");
  const { n, unit, isExact } = lived(born, new Date(now));
  return t(isExact ? "facts.born" : "facts.born-about", { date: born, age: t(`facts.age-${unit}`, { n }) });
}
