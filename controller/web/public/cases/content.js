// What an item of a file says, by its kind: numbers as charts and tables, each with its unit and time; texts; images.
import { ask } from "/public/ask.js";
import { el } from "/screen/dom.js";
import { metricName, unit as unitName } from "/screen/format.js";
import { moment } from "/screen/dates.js";
import { Pictures } from "./pictures.js";
import { t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 240;
const HEIGHT = 60;

const DRAW = {
  vitals: ({ metrics }) => {
    const charts = Object.entries(metrics).map(([name, told]) => chart(metricName(name), told));
    return charts.length > 0 ? [el("div", { class: "charts" }, ...charts)] : [el("p", { class: "soft" }, t("mc.no-vitals"))];
  },
  results: ({ results }) => {
    if (results.length === 0) return [el("p", { class: "soft" }, t("mc.no-results"))];
    const head = ["at", "test", "value", "normal"].map((key) => el("th", {}, t(`mc.${key}`)));
    return [el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...results.map(result))))];
  },
  report: ({ wanted, findings, conclusion, by, at_ms: at }) => [el("p", { class: "soft" }, `${wanted} · ${by} · ${moment(at)}`), said(findings), said(conclusion)],
  prescription: ({ number, medicine, dosage, by, state }) => [el("p", {}, el("b", {}, medicine), ` · ${dosage}`), el("p", { class: "soft" }, `${number} · ${by} · ${state}`)],
  summary: (told) => ["talked", "found", "todo", "call"].filter((key) => told[key]).flatMap((key) => [el("h4", {}, t(`mc.${key}`)), said(told[key])]),
  document: ({ text }) => [said(text)],
};

/** Asks for it, and draws it into `place`; `showing`: how one of its images is shown to all, null: one may not. */
export async function content(place, path, item, showing = null) {
  const answer = await ask("GET", path);
  if (!answer.ok) return place.replaceChildren(el("p", { class: "waits" }, answer.message));
  if (item.kind === "imaging") return new Pictures(place, path, showing).open();
  return place.replaceChildren(...DRAW[item.kind](answer.data.content));
}

function said(text) {
  return el("p", { class: "said" }, text);
}

function result({ at_ms: at, text, code, value, unit, range, flags }) {
  const flag = Array.isArray(flags) ? flags.join(" ") : (flags ?? "");
  return el("tr", {}, el("td", {}, moment(at)), el("td", {}, text ?? code ?? ""), el("td", { class: flag ? "waits" : "" }, `${value ?? ""} ${unit ?? ""} ${flag}`), el("td", {}, range ?? ""));
}

/** A line over time between the extremes, and in words the extremes and the last value. */
function chart(metric, { unit: ucum, points }) {
  const unit = unitName(ucum);
  const low = Math.min(...points.map((one) => one[1]));
  const high = Math.max(...points.map((one) => one[2]));
  const [from, to] = [points[0][0], points.at(-1)[0]];
  const words = t("mc.chart", { metric, low, high, unit, from: moment(from), to: moment(to) });
  const svg = svgElement("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": words });
  const x = (at) => (to === from ? WIDTH / 2 : ((at - from) / (to - from)) * WIDTH);
  const y = (value) => (high === low ? HEIGHT / 2 : HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 4));
  svg.append(svgElement("polyline", { points: points.map((one) => `${x(one[0]).toFixed(1)},${y(one[3]).toFixed(1)}`).join(" ") }));
  const last = points.at(-1);
  const range = t("mc.range", { low, high, unit, last: Math.round(last[3] * 10) / 10, time: moment(last[0]) });
  return el("figure", { class: "chart" }, el("b", {}, metric), svg, el("figcaption", {}, range));
}

function svgElement(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
