// One bed, opened: its live screen, its crew, every value with its age, trends, its devices, its patient.
import { age, metricName, number, unit, why } from "/screen/format.js";
import { Coming } from "./coming.js";
import { makeAlien, updateAlien } from "/screen/cell.js";
import { Crew } from "./crew.js";
import { closeButton, heading, lostBanner } from "./panel.js";
import { DeviceList } from "./devices.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { Facts } from "./facts.js";
import { Findings } from "./findings.js";
import { Handover } from "./handover.js";
import { Limits } from "./limits.js";
import { LiveView } from "./live-view.js";
import { Concluded } from "./concluded.js";
import { Medicines } from "./medicines.js";
import { judgeBed } from "/screen/vitals.js";
import { PatientForm } from "./patient.js";
import { Ride } from "./ride.js";
import { Results } from "./results.js";
import { Scored } from "./scored.js";
import { StudyStrip } from "/images/strip.js";
import { t } from "/public/i18n.js";
import { Trends } from "./trends.js";

export class Bed {
  constructor(dialog, ward, clock, sweeps) {
    Object.assign(this, { dialog, ward, clock, id: null });
    this.title = el("h2", { id: "bed-title" });
    this.values = el("ul", { class: "values" });
    this.noValues = el("p");
    this.live = new LiveView(ward, sweeps);
    this.trends = new Trends(clock, ward);
    this.results = new Results(clock);
    this.findings = new Findings(clock);
    this.studies = new StudyStrip(clock);
    this.facts = new Facts(clock);
    this.medicines = new Medicines();
    this.coming = new Coming(clock);
    this.concluded = new Concluded();
    this.scored = new Scored(ward, clock);
    this.devices = new DeviceList();
    this.patient = new PatientForm();
    this.crew = new Crew(clock);
    this.limits = new Limits();
    this.handover = new Handover(ward);
    this.ride = new Ride(ward);
    dialog.append(
      lostBanner(),
      el("header", {}, this.title, closeButton(dialog)),
      this.live.node,
      this.crew.node,
      el("section", {}, heading("bed.values"), this.noValues, this.values),
      this.facts.node,
      this.medicines.node,
      this.coming.node,
      this.limits.node,
      this.scored.node,
      this.trends.node,
      this.ride.node,
      this.results.node,
      this.findings.node,
      this.studies.node,
      this.concluded.node,
      this.handover.node,
      this.devices.node,
      this.patient.node,
    );
    dialog.addEventListener("close", () => this.#closed());
  }

  open(id) {
    this.id = id;
    this.values.replaceChildren();
    this.live.open(this.#bed());
    this.facts.open(this.#bed());
    this.medicines.open(this.#bed());
    this.coming.open(this.#bed());
    this.scored.open(this.#bed());
    this.crew.open(this.#bed());
    this.limits.open(this.#bed());
    this.handover.open(this.#bed());
    this.ride.open(this.#bed());
    this.studies.open(this.#bed());
    this.update(this.clock.now());
    this.dialog.showModal();
    this.dialog.scrollTop = 0;
    this.dialog.querySelector(".close").focus();
    this.patient.open(this.#bed());
    this.trends.open(id);
    this.results.open(id);
    this.findings.open(id);
  }

  person(me) {
    this.live.person(me);
    this.facts.person(me);
    this.medicines.person(me);
    this.concluded.person(me);
    this.coming.person(me);
    this.scored.person(me);
    this.crew.person(me);
    this.limits.person(me);
    this.studies.person(me);
  }

  #bed() {
    return this.ward.beds.find((bed) => bed.id === this.id);
  }

  #closed() {
    this.id = null;
    this.live.close();
    this.trends.close();
    this.results.close();
    this.findings.close();
    this.studies.close();
    this.crew.close();
    this.limits.close();
    this.handover.close();
    this.ride.close();
    this.facts.close();
    this.medicines.close();
    this.concluded.close();
    this.coming.close();
  }

  update(now) {
    const bed = this.#bed();
    if (!bed) return this.id !== null && this.dialog.close();
    setText(this.title, bed.patient ? `${bed.name} · ${bed.patient.name}` : bed.name);
    const judged = judgeBed(this.ward, bed.id, now);
    this.live.update(judged, now);
    setText(this.noValues, t("bed.no-values"));
    show(this.noValues, judged.length === 0);
    const keyOf = (one) => `${one.source.device} ${one.metric}`;
    keep(this.values, judged, keyOf, makeValue, (node, one) => updateValue(node, one, this.ward.metrics));
    this.facts.update(bed);
    this.medicines.update(bed);
    this.concluded.update(bed);
    this.coming.update(bed, now);
    this.scored.update(bed, now);
    this.crew.update(bed, now);
    this.limits.update(bed);
    this.handover.update(bed);
    this.ride.update(bed);
    this.studies.update(bed);
    this.devices.update(this.ward, this.ward.devicesOf(bed.id), now);
    this.trends.update(now);
  }
}

const makeValue = () =>
  el("li", {}, el("b"), el("span", { class: "number" }), el("span", { class: "why" }), el("span", { class: "age" }), makeAlien());

function updateValue(node, judged, metrics) {
  const metric = metrics[judged.metric];
  const shown = judged.state === "current" || judged.state === "questionable";
  const [name, figure, reason, old, alien] = node.children;
  setState(node, judged.state);
  setText(name, metricName(judged.metric));
  setText(figure, shown ? `${number(judged.value, metric)} ${unit(metric.unit)}` : t("value.none"));
  setText(reason, why(judged));
  setText(old, `${judged.source.device} · ${age(judged.age)}`);
  updateAlien(alien, judged.alien && { ...judged.alien, metric: judged.metric, second: null }, metrics);
}
