// The scores with their reasons, and what a person adds to them: GCS, consciousness, oxygen, SpO2 scale.
import { Choice, field } from "./fields.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { gcsText, partView, scoreView, shockText } from "/screen/scores.js";
import { t } from "/screen/i18n.js";

/** How many points each has; NT: not testable. */
const GCS = { eye: 4, verbal: 5, motor: 6 };
const NOT = "NT";
const ACVPU = ["A", "C", "V", "P", "U"];

export class Scores {
  constructor(box, teller) {
    Object.assign(this, { box, teller });
    this.told = el("p", { class: "lack" });
    this.rows = el("tbody");
    const head = ["parameter", "value", "points", "reason", "age"].map((name) => el("th", { scope: "col", "data-t": `scores.column.${name}` }));
    this.table = el("table", {}, el("thead", {}, el("tr", {}, ...head)), this.rows);
    this.shock = el("p");
    this.gcs = el("p");
    this.parts = Object.entries(GCS).map(([part, most]) => new Choice(`scores.gcs.${part}`, gcsNames(most), null, () => this.#gcs()));
    this.acvpu = new Choice("scores.acvpu", ACVPU, (name) => `scores.acvpu.${name}`, (acvpu) => this.#assess("consciousness", { acvpu }));
    this.litres = field("litres", "scores.litres", { type: "number", min: 0, max: 100, step: 0.5, inputmode: "decimal" });
    this.oxygen = new Choice("scores.oxygen", ["air", "oxygen"], (name) => `scores.oxygen.${name}`, (name) => this.#oxygen(name));
    this.scale = new Choice("scores.scale", ["1", "2"], (name) => `scores.scale.${name}`, (name) => this.#assess("scale", { spo2: Number(name) }));
    this.node = el("div", {},
      el("div", { class: "told" }, this.told, this.table, this.shock, this.gcs),
      el("h3", { "data-t": "scores.gcs-title" }), ...this.parts.map((part) => part.node),
      this.acvpu.node, el("div", { class: "line" }, this.oxygen.node, this.litres.node), this.scale.node);
  }

  open() {
    const entered = this.box.case?.assessments ?? {};
    const gcs = entered.gcs?.value;
    Object.keys(GCS).forEach((part, i) => this.parts[i].choose(gcs ? String(gcs[part] ?? NOT) : null));
    this.acvpu.choose(entered.consciousness?.value.acvpu ?? null);
    const oxygen = entered.oxygen?.value;
    this.oxygen.choose(oxygen ? (oxygen.on ? "oxygen" : "air") : null);
    this.litres.input.value = oxygen?.l_min ?? "";
    this.scale.choose(String(entered.scale?.value.spo2 ?? 1));
  }

  update(now) {
    const item = this.box.scores ?? undefined;
    const view = scoreView(item, now);
    const known = view !== null && view.state !== "none";
    setText(this.told, known ? "" : (view?.lack ?? t("scores.nothing")));
    show(this.told, !known);
    show(this.table, known);
    keep(this.rows, known ? item.news2.parts : [], (part) => part.parameter, makeRow, (row, part) => {
      const shown = partView(part, item.news2, this.box.metrics, now);
      setState(row, shown.state);
      [shown.name, shown.value, shown.points, shown.reason, shown.age].forEach((text, i) => setText(row.children[i], text));
    });
    setText(this.shock, shockText(item?.shock_index, now));
    setText(this.gcs, gcsText(item?.gcs, now));
  }

  /** Told once all three are chosen, and at each change after that. */
  #gcs() {
    if (this.parts.some((part) => part.value === null)) return;
    const points = this.parts.map(({ value }) => (value === NOT ? null : Number(value)));
    this.#assess("gcs", Object.fromEntries(Object.keys(GCS).map((part, i) => [part, points[i]])));
  }

  #oxygen(name) {
    const litres = this.litres.input.value;
    this.#assess("oxygen", name === "air" ? { on: false } : { on: true, ...(litres !== "" && { l_min: Number(litres) }) });
  }

  async #assess(kind, value) {
    if (await this.teller.tell("assessment", { kind, value: JSON.stringify(value) })) this.teller.say(t("scores.saved"));
  }
}

const gcsNames = (most) => [...Array.from({ length: most }, (_, i) => String(i + 1)), NOT];
const makeRow = () => el("tr", {}, el("th", { scope: "row" }), el("td"), el("td", { class: "given" }), el("td"), el("td", { class: "age" }));
