// What a person assesses at the bed: one tap to choose, one to save. It is of the patient who was shown meanwhile.
import { age, clockTime } from "/screen/format.js";
import { el, setText, show } from "/screen/dom.js";
import { get, send } from "./api.js";
import { t } from "/public/i18n.js";

const GCS = { eye: 4, verbal: 5, motor: 6 };
const NOT_TESTABLE = "NT";
const SHOWN = 10;

/** A row of choices, none chosen at first. */
function choice(name, keys) {
  const labels = keys.map((key) => {
    const input = el("input", { type: "radio", name, value: key });
    const word = `scores.${name}.${key}`;
    return el("label", {}, input, el("span", { "data-t": word }, t(word)));
  });
  const legend = el("legend", { "data-t": `scores.${name}` }, t(`scores.${name}`));
  return el("fieldset", { class: "choice" }, legend, el("div", { class: "ranges" }, ...labels));
}

function coma(name) {
  const select = el("select", { id: `gcs-${name}`, name }, new Option("–", ""));
  for (let n = GCS[name]; n >= 1; n--) select.append(new Option(String(n), String(n)));
  select.append(new Option(NOT_TESTABLE, NOT_TESTABLE));
  const label = el("label", { for: select.id, "data-t": `scores.gcs.${name}` }, t(`scores.gcs.${name}`));
  return el("span", { class: "coma" }, label, select);
}

export class Assess {
  constructor(clock) {
    Object.assign(this, { clock, may: false, bed: null, patient: null });
    const flow = el("input", { id: "flow", name: "flow", type: "number", min: "0.1", max: "100", step: "any", inputmode: "decimal" });
    const litres = el("span", { class: "coma" }, el("label", { for: "flow", "data-t": "scores.litres" }, t("scores.litres")), flow);
    const gcs = el("fieldset", { class: "choice" }, el("legend", { "data-t": "scores.gcs-title" }, t("scores.gcs-title")), ...Object.keys(GCS).map(coma));
    this.oxygen = choice("oxygen", ["air", "oxygen"]);
    this.oxygen.append(litres);
    this.problem = el("p", { role: "status", class: "problem" });
    const save = el("button", { class: "primary", "data-t": "scores.save" }, t("scores.save"));
    this.form = el("form", { class: "assess" }, choice("acvpu", ["A", "C", "V", "P", "U"]), this.oxygen, gcs, choice("scale", ["1", "2"]), save, this.problem);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.nobody = el("p", { "data-t": "scores.nobody" }, t("scores.nobody"));
    this.list = el("ul", { class: "entries" });
    this.past = el("details", {}, el("summary", { "data-t": "scores.entries" }, t("scores.entries")), this.list);
    this.past.addEventListener("toggle", () => this.#load());
    this.node = el("div", {}, this.form, this.nobody, this.past);
  }

  person(me) {
    this.may = me.permissions.includes("ward:assess");
  }

  open(bed) {
    this.bed = bed;
    this.#begin(bed.patient?.identifier ?? null);
  }

  /** Another patient: nothing that was chosen for the one before is kept. */
  #begin(patient) {
    this.patient = patient;
    this.form.reset();
    setText(this.problem, "");
    this.list.replaceChildren();
    this.past.open = false;
  }

  update(bed) {
    const patient = bed.patient?.identifier ?? null;
    if (patient !== this.patient) this.#begin(patient);
    show(this.form, this.may && patient !== null);
    show(this.nobody, this.may && patient === null);
    show(this.past, patient !== null);
  }

  get #path() {
    return `/api/beds/${encodeURIComponent(this.bed.id)}/assessments`;
  }

  async #submit(event) {
    event.preventDefault();
    try {
      await send("POST", this.#path, { patient: this.patient, ...chosen(this.form) });
      this.form.reset();
      setText(this.problem, t("scores.saved"));
      await this.#load();
    } catch (error) {
      setText(this.problem, error.message);
    }
  }

  async #load() {
    const { bed, patient } = this;
    if (!this.past.open) return;
    const { entries } = await get(this.#path);
    if (bed === this.bed && patient === this.patient) this.list.replaceChildren(...entries.slice(0, SHOWN).map((one) => this.#entry(one)));
  }

  #entry(one) {
    const when = `${clockTime(one.at_ms)} (${t("age.ago", { age: age(Math.max(this.clock.now() - one.at_ms, 0)) })})`;
    return el("li", {}, `${when} · ${one.by} · ${entryText(one)}`);
  }
}

/** What was chosen, as the API takes it. */
function chosen(form) {
  const data = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  const found = {};
  if (data.acvpu) found.consciousness = data.acvpu;
  if (data.oxygen) found.oxygen = { on: data.oxygen === "oxygen", l_min: data.flow ? Number(data.flow) : null };
  if (data.scale) found.scale = Number(data.scale);
  const gcs = Object.keys(GCS);
  if (gcs.some((name) => data[name])) found.gcs = Object.fromEntries(gcs.map((name) => [name, part(data[name])]));
  return found;
}

/** Undefined where nothing was chosen: the controller refuses a scale of which a part is not said. */
const part = (text) => (text === NOT_TESTABLE ? null : text && Number(text));

function entryText({ kind, value }) {
  if (kind === "consciousness") return t(`scores.acvpu.${value.acvpu}`);
  if (kind === "scale") return t("scores.on-scale", { n: value.spo2 });
  if (kind === "oxygen") return value.on && value.l_min ? t("scores.flow", { n: value.l_min }) : t(value.on ? "scores.oxygen" : "scores.air");
  const letters = Object.entries({ E: value.eye, V: value.verbal, M: value.motor });
  return `GCS ${letters.map(([letter, n]) => `${letter}${n ?? NOT_TESTABLE}`).join(" ")}`;
}
