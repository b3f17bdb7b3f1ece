// Trends of one bed: a small chart a metric, gaps as gaps, one time axis for all.
import { clockTime, metricName, number, unit } from "/screen/format.js";
import { el } from "/screen/dom.js";
import { get } from "./api.js";
import { heading } from "./panel.js";
import { isDark, onTheme } from "/screen/theme.js";
import { Minute } from "./minute.js";
import { moment } from "/screen/dates.js";
import { onLanguage, t } from "/public/i18n.js";
import { VITALS } from "/screen/vitals.js";
import uPlot from "/vendor/uplot/uPlot.esm.js";

const MINUTES = [15, 60, 480, 1440];
const REFRESH_MS = 15_000;
const HEIGHT = 150;
/** From the middle of the last minute to now. */
const LAST_MINUTE_MS = 30_000;
/** Axes never show less than this, so that noise does not look like a change. */
const LEAST_SPAN = { hr: 40, spo2: 10, temp: 2, bp: 40, rr: 10, other: 0 };
/** How many the controller gives at once. */
const AT_ONCE = 16;
const KNOWN = VITALS.flatMap((vital) => vital.metrics);

export class Trends {
  constructor(clock, ward) {
    Object.assign(this, { clock, ward, bed: null, minutes: MINUTES[0], charts: [], loadedAt: -Infinity });
    this.message = el("p", { role: "status" });
    this.area = el("div", { class: "charts" });
    this.minute = new Minute();
    const waves = el("button", { type: "button", "data-t": "minute.show", onclick: () => this.#openMinute(clock.now() - LAST_MINUTE_MS) }, t("minute.show"));
    const head = el("div", { class: "trend-head" }, heading("bed.trends"), waves, this.#ranges());
    this.node = el("section", {}, head, this.message, this.area, this.minute.node);
    onTheme(() => this.#draw());
    onLanguage(() => this.#draw());
    new ResizeObserver(() => this.#resize()).observe(this.area);
  }

  #ranges() {
    const legend = el("legend", { class: "reader", "data-t": "trend.range" }, t("trend.range"));
    const choices = MINUTES.map((minutes) => {
      const input = el("input", { type: "radio", name: "range", value: minutes, checked: minutes === this.minutes });
      return el("label", {}, input, el("span", { "data-t": `trend.${minutes}` }, t(`trend.${minutes}`)));
    });
    const choose = (event) => this.#load(Number(event.target.value));
    return el("fieldset", { class: "ranges", onchange: choose }, legend, ...choices);
  }

  open(bed) {
    this.bed = bed;
    this.#load(this.minutes);
  }

  #openMinute(at) {
    this.minute.open(this.bed, at);
    this.minute.node.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.minute.close();
    this.bed = null;
    this.data = null;
    this.#draw();
  }

  /** Called by every tick: fetches again now and then, while the bed is open. */
  update() {
    if (this.bed && performance.now() - this.loadedAt > REFRESH_MS) this.#load(this.minutes);
  }

  #metrics() {
    const seen = new Set(this.ward.valuesOf(this.bed).map((value) => value.metric));
    const rest = [...seen].filter((metric) => !KNOWN.includes(metric)).sort();
    return [...KNOWN.filter((metric) => seen.has(metric)), ...rest];
  }

  async #load(minutes) {
    const asked = { bed: this.bed, minutes };
    if (minutes !== this.minutes || !this.data) this.message.textContent = t("trend.loading");
    this.minutes = minutes;
    this.loadedAt = performance.now();
    const to = Math.round(this.clock.now());
    const metrics = this.#metrics();
    if (metrics.length === 0) return this.#show(null, t("trend.empty"));
    try {
      const span = { from_ms: to - minutes * 60_000, to_ms: to, points: 600 };
      const found = await fetchTrends(`/api/beds/${encodeURIComponent(this.bed)}/trends`, metrics, span);
      const current = asked.bed === this.bed && asked.minutes === this.minutes;
      if (current) this.#show({ metrics: found, from: to - minutes * 60_000, to }, "");
    } catch (error) {
      this.#show(null, t("trend.failed", { message: error.message }));
    }
  }

  #show(data, message) {
    this.data = data;
    this.message.textContent = message;
    this.#draw();
  }

  #draw() {
    for (const chart of this.charts) chart.plot.destroy();
    this.area.replaceChildren();
    this.charts = [];
    if (!this.data) return;
    for (const [metric, trend] of Object.entries(this.data.metrics)) {
      if (trend.mean.some((value) => value !== null)) this.charts.push(this.#chart(metric, trend));
      else if (trend.notTheirs.length > 0) this.area.append(notTheirs(metric, trend, this.ward.metrics[metric]));
    }
    if (this.area.children.length === 0) this.message.textContent = t("trend.empty");
  }

  #chart(metric, trend) {
    const chart = drawChart(this.area, metric, trend, this.data, this.ward.metrics[metric]);
    const { plot } = chart;
    plot.over.addEventListener("click", () => this.#openMinute(plot.posToVal(plot.cursor.left, "x") * 1000));
    return chart;
  }

  #resize() {
    for (const { plot, plotArea } of this.charts) plot.setSize({ width: plotArea.clientWidth, height: HEIGHT });
  }
}

/** One metric in `area`, from `span.from` to `span.to` in ms; `about` is its row of the snapshot's metrics. */
export function drawChart(area, metric, trend, span, about) {
  const text = el("span", { class: "summary" });
  const title = el("figcaption", {}, el("b", {}, metricName(metric)), ` ${unit(trend.unit)} `, text);
  const plotArea = el("div", { "aria-hidden": "true" });
  const beside = trend.notTheirs.length > 0 ? [notTheirs(metric, trend, about)] : [];
  area.append(el("figure", { class: vitalOf(metric) }, title, plotArea, ...beside));
  const summary = summarise(trend, about);
  text.textContent = summary;
  const colour = getComputedStyle(plotArea).color;
  const options = chartOptions(span, { width: plotArea.clientWidth, colour, limit: about.stale_after_s, least: LEAST_SPAN[vitalOf(metric)] });
  options.hooks = { setCursor: [(plot) => (text.textContent = pointText(plot, about) ?? summary)] };
  const plot = new uPlot(options, [trend.t_ms.map((ms) => ms / 1000), trend.max, trend.min, trend.mean], plotArea);
  return { plot, plotArea };
}

/** The trends of all `metrics`, asked for in as few requests as the controller allows. */
export async function fetchTrends(path, metrics, span) {
  const found = {};
  for (let first = 0; first < metrics.length; first += AT_ONCE) {
    const query = new URLSearchParams(span);
    for (const metric of metrics.slice(first, first + AT_ONCE)) query.append("metric", metric);
    const { metrics: trends, not_theirs: aliens } = await get(`${path}?${query}`);
    for (const [metric, trend] of Object.entries(trends)) found[metric] = { ...trend, notTheirs: aliens.filter((one) => one.metric === metric) };
  }
  return found;
}

/** What the patient at home says was measured of somebody else: told, and in no mean. */
function notTheirs(metric, trend, about) {
  const each = trend.notTheirs.map((one) => `${number(one.value, about)} ${unit(trend.unit)} (${moment(one.t_ms)})`);
  return el("p", { class: "not-theirs", role: "note" }, t("trend.not-theirs", { metric: metricName(metric), each: each.join(", ") }));
}

const vitalOf = (metric) => VITALS.find((vital) => vital.metrics.includes(metric))?.name ?? "other";

function summarise(trend, metric) {
  const known = (values) => values.filter((value) => value !== null);
  const means = known(trend.mean);
  const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
  const low = number(Math.min(...known(trend.min)), metric);
  const high = number(Math.max(...known(trend.max)), metric);
  const last = trend.t_ms[trend.mean.findLastIndex((value) => value !== null)];
  return `${t("trend.summary", { low, high, mean: number(mean, metric) })} · ${t("trend.until", { time: clockTime(last) })}`;
}

function pointText(plot, metric) {
  const i = plot.cursor.idx;
  const mean = i === null || i === undefined ? null : plot.data[3][i];
  return mean === null ? null : `${moment(plot.data[0][i] * 1000)} · ${number(mean, metric)}`;
}

/** `from`, `to` in ms; the band is min to max, the line the mean; `limit` s without a value are a gap. */
function chartOptions({ from, to }, { width, colour, limit, least }) {
  const faint = isDark() ? "#a3b1c6" : "#45536a";
  const axis = { stroke: faint, grid: { stroke: isDark() ? "#2a3749" : "#d5dce5", width: 1 }, ticks: { show: false } };
  const times = (_, splits) => splits.map((second) => clockTime(second * 1000));
  const gaps = (plot, _s, _from, _to, empty) => empty.filter(([left, right]) => seconds(plot, left, right) > limit);
  const edge = { stroke: "transparent", points: { show: false }, gaps };
  const points = { show: true, size: 5, filter: (plot) => alone(plot.data[0], plot.data[3], limit) };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { sync: { key: "trends" }, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: true, range: [from / 1000, to / 1000] }, y: { range: (_, low, high) => span(low, high, least) } },
    axes: [{ ...axis, values: times, space: 70 }, { ...axis, size: 46 }],
    series: [{}, edge, edge, { stroke: colour, width: 2, points, gaps }],
    bands: [{ series: [1, 2], fill: colour.replace("rgb(", "rgba(").replace(")", ", 0.25)") }],
  };
}

const seconds = (plot, left, right) => plot.posToVal(right, "x", true) - plot.posToVal(left, "x", true);

function span(low, high, least) {
  const middle = (low + high) / 2;
  const half = Math.max((high - low) * 0.6, least / 2, 0.5);
  return [middle - half, middle + half];
}

/** Indices of values with no neighbour within `limit` s: a line would not show them. */
function alone(times, values, limit) {
  const known = values.flatMap((value, i) => (value === null ? [] : [i]));
  const far = (i, j) => i === undefined || j === undefined || Math.abs(times[i] - times[j]) > limit;
  return known.filter((i, place) => far(i, known[place - 1]) && far(i, known[place + 1]));
}
