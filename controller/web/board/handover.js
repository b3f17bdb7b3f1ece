// Handing over the patient of an opened bed: what would go out, as a FHIR document and as one page to print.
import { el, setText, show } from "/screen/dom.js";
import { languageTag, named, t } from "/public/i18n.js";
import { metricName, number, unit } from "/screen/format.js";
import { get } from "./api.js";
import { heading } from "./panel.js";
import { moment } from "/screen/dates.js";

export class Handover {
  constructor(ward) {
    Object.assign(this, { ward, path: null });
    this.page = el("a", { class: "button", download: true, "data-t": "handover.page" }, t("handover.page"));
    this.file = el("a", { class: "button", download: true, "data-t": "handover.file" }, t("handover.file"));
    this.lines = el("ul", { class: "handover-lines" });
    this.problem = el("p", { role: "status", class: "problem" });
    const summary = el("summary", { "data-t": "handover.what" }, t("handover.what"));
    this.details = el("details", { ontoggle: () => this.#toggled() }, summary, this.problem, this.lines);
    const links = el("p", { class: "handover-links" }, this.page, this.file);
    this.node = el("section", { class: "handover", hidden: true }, heading("handover.title"), links, this.details);
  }

  open(bed) {
    this.path = `/api/beds/${encodeURIComponent(bed.id)}/handover`;
    this.patient = null;
    this.update(bed);
  }

  close() {
    this.path = null;
  }

  update(bed) {
    show(this.node, bed.patient !== null);
    const patient = bed.patient?.identifier ?? null;
    if (patient !== this.patient) this.#forget(patient);
    const query = new URLSearchParams({ lang: languageTag().slice(0, 2), offset: -new Date().getTimezoneOffset() });
    this.#lead(this.page, `${this.path}/pdf?${query}`);
    this.#lead(this.file, `${this.path}/fhir`);
  }

  #lead(link, to) {
    if (link.getAttribute("href") !== to) link.setAttribute("href", to);
  }

  #forget(patient) {
    this.patient = patient;
    this.details.open = false;
    this.lines.replaceChildren();
    setText(this.problem, "");
  }

  #toggled() {
    if (this.details.open && this.path) this.#load(this.path, this.patient);
  }

  async #load(path, patient) {
    try {
      const told = await get(path);
      if (path !== this.path || patient !== this.patient) return;
      setText(this.problem, "");
      this.lines.replaceChildren(...this.#said(told).map((line) => el("li", {}, line)));
    } catch (error) {
      if (path === this.path) setText(this.problem, t("handover.failed", { message: error.message }));
    }
  }

  #said(told) {
    const places = told.places.map((one) => {
      const until = one.to_ms === null ? t("handover.now") : moment(one.to_ms);
      return t("handover.place", { name: one.name, from: moment(one.from_ms), until });
    });
    const news2 = told.news2 && t("handover.news2", { score: told.news2.total ?? t("handover.least", { n: told.news2.least }) });
    const counts = Object.entries(told.counts).filter(([, n]) => n > 0);
    const numbers = counts.map(([name, n]) => t(`handover.count.${name}`, { n }));
    return [...places, ...(news2 ? [news2] : []), ...numbers, ...told.vitals.map((one) => this.#vital(one))];
  }

  #vital(one) {
    const metric = this.ward.metrics[one.metric] ?? { unit: "" };
    const figure = one.value === null ? named("reason", one.reason ?? "not-available") : `${number(one.value, metric)} ${unit(metric.unit)}`;
    const doubts = [...one.quality.map((name) => named("quality", name)), ...(one.stale ? [t("handover.stale")] : [])];
    return [`${metricName(one.metric)}: ${figure}`, moment(one.at_ms), ...doubts].join(" · ");
  }
}
