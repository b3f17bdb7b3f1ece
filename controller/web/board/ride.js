// How the patient on an opened bed came here: the ride, as it was measured on the vehicle, before the bed's own record.
import { clockTime } from "/screen/format.js";
import { drawChart, fetchTrends } from "./trends.js";
import { el, setText, show } from "/screen/dom.js";
import { get } from "./api.js";
import { heading } from "./panel.js";
import { named, t } from "/public/i18n.js";

const POINTS = 300;

export class Ride {
  constructor(ward) {
    Object.assign(this, { ward, path: null, patient: null, ride: null, plots: [] });
    this.span = el("p", { class: "span" });
    this.open_ = el("p", { class: "unanswered" });
    this.problem = el("p", { role: "status", class: "problem" });
    this.charts = el("div", { class: "charts" });
    this.alarms = el("ul");
    this.marks = el("ul");
    const lists = [heading("ride.alarms"), this.alarms, heading("ride.marks"), this.marks];
    const summary = el("summary", { "data-t": "ride.show" }, t("ride.show"));
    this.details = el("details", { ontoggle: () => this.#toggled() }, summary, this.problem, this.charts, ...lists);
    this.node = el("section", { class: "ride", hidden: true }, heading("ride.title"), this.span, this.open_, this.details);
  }

  open(bed) {
    this.path = `/api/beds/${encodeURIComponent(bed.id)}/ride`;
    this.patient = undefined;
    this.update(bed);
  }

  close() {
    this.#forget();
    this.path = null;
  }

  /** Another patient has another ride; who is identified meanwhile is asked for anew. */
  update(bed) {
    const patient = bed.patient?.identifier ?? null;
    if (patient !== this.patient) {
      this.patient = patient;
      this.#forget();
      if (patient !== null) this.#load();
    }
    show(this.node, this.ride !== null);
    if (this.ride !== null) this.#words(this.ride);
  }

  #words({ name, from_ms, to_ms, by, unanswered }) {
    setText(this.span, t("ride.span", { name, from: clockTime(from_ms), to: clockTime(to_ms), by }));
    setText(this.open_, unanswered.length ? t("offers.unanswered", { what: unanswered.map((one) => t(`resource.${one}`)).join(", ") }) : "");
  }

  #forget() {
    for (const plot of this.plots) plot.destroy();
    Object.assign(this, { ride: null, plots: [] });
    this.details.open = false;
    for (const part of [this.charts, this.alarms, this.marks]) part.replaceChildren();
    setText(this.problem, "");
    show(this.node, false);
  }

  async #load() {
    const { path, patient } = this;
    const told = await this.#asked(() => get(path));
    if (told && path === this.path && patient === this.patient) this.ride = told.ride;
  }

  async #toggled() {
    if (!this.details.open || this.ride === null || this.plots.length > 0) return;
    const { path, ride } = this;
    fill(this.alarms, ride.alarms.map(alarmText));
    fill(this.marks, ride.marks.map(markText));
    if (ride.metrics.length === 0) return setText(this.problem, t("ride.nothing"));
    const found = await this.#asked(() => fetchTrends(`${path}/trends`, ride.metrics, { points: POINTS }));
    if (found && path === this.path && ride === this.ride) this.#draw(found);
  }

  #draw(found) {
    const span = { from: this.ride.from_ms, to: this.ride.to_ms };
    this.charts.replaceChildren();
    const drawn = Object.entries(found).filter(([, trend]) => trend.mean.some((value) => value !== null));
    this.plots = drawn.map(([metric, trend]) => drawChart(this.charts, metric, trend, span, this.ward.metrics[metric]).plot);
  }

  async #asked(request) {
    try {
      return await request();
    } catch (error) {
      if (error.name !== "Refusal" && !(error instanceof TypeError)) throw error;
      setText(this.problem, t("ride.failed", { message: error.message }));
      return null;
    }
  }
}

function fill(list, texts) {
  list.replaceChildren(...(texts.length ? texts : [t("ride.none")]).map((text) => el("li", {}, text)));
}

function alarmText({ code, value, limit, from_ms, to_ms }) {
  const beyond = value && limit ? [t("alarm.beyond", { value, limit })] : [];
  const until = to_ms === null ? [] : [t("ride.until", { time: clockTime(to_ms) })];
  return t("ride.alarm", { time: clockTime(from_ms), what: [named("alert", code), ...beyond, ...until].join(" · ") });
}

function markText({ code, text, by, at_ms }) {
  const what = [named("crew.mark", code), text].filter(Boolean).join(": ");
  return t("ride.mark", { time: clockTime(at_ms), what, by });
}
