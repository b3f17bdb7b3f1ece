// What the patient's own devices measured: of each kind the newest with its age, a chart and a table of 14 days, and
// whether it was the patient. What is to be measured stands above.
import { age, unit } from "/screen/format.js";
import { el } from "/screen/dom.js";
import { day, shortDate, time, when } from "./plain.js";
import { aimed, factor, numbers, shown } from "/public/reading.js";
import { t } from "./words.js";

const SIGNS = { below: "▼", within: "✓", above: "▲" };
const DAYS_MS = 14 * 86_400_000;
const WIDE = 320;
const HIGH = 90;
const EDGE = 6;

/** `say(reading, word)`: the patient says whether it was them. */
export function measured({ readings, planned, targets }, now, say) {
  const kinds = [...new Set(readings.map((one) => one.kind))];
  const cards = kinds.map((kind) => kindCard(kind, readings.filter((one) => one.kind === kind), now, say, targets.find((one) => one.kind === kind)));
  const aims = targets.filter((one) => !kinds.includes(one.kind)).map(aimCard);
  return [...(planned.length > 0 ? [plans(planned, now)] : []), ...cards, ...aims];
}

/** What was agreed upon of a kind that was not measured yet. */
function aimCard(target) {
  return el("li", { "data-kind": target.kind }, el("h3", {}, t(`my.kind-${target.kind}`)), agreed(target), ...source(target.kind));
}

const agreed = (target) => el("p", {}, t("my.target", { target: aimed(target), by: target.by }));

/** Where the second number of glucose comes from. */
const source = (kind) => (kind === "blood-glucose" ? [el("p", { class: "soft" }, factor())] : []);

function plans(planned, now) {
  const rows = planned.map((one) => {
    const words = t("my.planned-of", { what: t(`my.kind-${one.what}`), at: one.at.join(", "), day: day(one.until_ms) });
    return el("li", {}, el("b", {}, words), el("span", {}, one.next_ms === null ? "" : t("my.planned-next", { when: when(one.next_ms, now.utc) })));
  });
  return el("li", { class: "planned" }, el("h3", {}, t("my.planned")), el("ul", {}, ...rows));
}

function kindCard(kind, readings, now, say, target) {
  const [newest] = readings;
  const what = t(`my.kind-${kind}`);
  const lines = [el("h3", {}, what), el("p", { class: "number" }, shown(newest)), el("p", {}, at(newest, now))];
  if (target !== undefined) lines.push(...aim(newest, target));
  if (newest.is_doubtful) lines.push(el("p", { class: "late" }, t("my.doubtful")));
  const mine = readings.filter((one) => one.said !== "not-mine");
  if (mine.length > 1) lines.push(chart(what, mine, now));
  return el("li", { "data-kind": kind }, ...lines, ...source(kind), question(what, newest, now, say), table(what, readings, now, say));
}

/** What was agreed upon, and how the reading stands to it, in words and with a sign; what it means is not said. */
function aim(one, target) {
  const standing = one.against === null ? [] : [el("p", { class: "against", "data-against": one.against }, el("span", { "aria-hidden": "true" }, `${SIGNS[one.against]} `), t(`my.against-${one.against}`))];
  return [agreed(target), ...standing];
}

const utcOf = (one, now) => one.at_ms - now.server + now.utc;

function at(one, now) {
  return t("my.measured-at", { when: when(utcOf(one, now), now.utc), apart: age(Math.max(now.server - one.at_ms, 0)) });
}

function question(what, one, now, say) {
  const words = one.said === "not-mine" ? [el("p", { class: "late" }, t("my.said-not-mine"))] : [];
  const buttons = ["mine", "not-mine"].map((word) => saying(what, one, word, now, say, "newest"));
  return el("div", { role: "group", "aria-label": `${what}: ${t("my.was-it-you")}`, class: "why" }, el("p", {}, t("my.was-it-you")), el("span", { class: "row" }, ...buttons), ...words);
}

function saying(what, one, word, now, say, place) {
  const label = t(`my.${word}-of`, { what, when: when(utcOf(one, now), now.utc) });
  return el("button", { type: "button", "aria-pressed": String(one.said === word), "aria-label": label, "data-key": `${one.id}/${word}/${place}`, onclick: () => say(one, word) }, t(place === "row" ? `my.${word}-short` : `my.${word}`));
}

function table(what, readings, now, say) {
  const inUnit = { unit: unit(readings[0].unit) };
  const head = el("tr", {}, ...["when", "value", "who"].map((name) => el("th", { scope: "col" }, t(`my.col-${name}`, inUnit))));
  const rows = readings.map((one) => {
    const other = one.said === "not-mine" ? "mine" : "not-mine";
    const utc = utcOf(one, now);
    const who = el("td", {}, ...(one.said === null ? [] : [t(`my.${one.said}-short`), " "]), saying(what, one, other, now, say, "row"));
    return el("tr", { "data-said": one.said ?? "" }, el("th", { scope: "row" }, `${shortDate(utc)} ${time(utc)}`), el("td", { class: "value" }, numbers(one), ...(one.is_doubtful ? [" ?"] : []), ...(one.against === null ? [] : [el("br"), t(`my.against-${one.against}-short`)])), who);
  });
  const whole = el("table", {}, el("caption", { class: "reader" }, what), el("thead", {}, head), el("tbody", {}, ...rows));
  return el("details", { "data-more": `measured/${what}` }, el("summary", {}, t("my.all-of", { n: readings.length })), el("div", { class: "wide" }, whole));
}

/** Points and a line; both numbers of a blood pressure. The table says the same. */
function chart(what, readings, now) {
  const values = readings.flatMap((one) => (one.second === null ? [one.value] : [one.value, one.second]));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (one) => EDGE + (WIDE - 2 * EDGE) * Math.min(Math.max(1 - (now.server - one.at_ms) / DAYS_MS, 0), 1);
  const y = (value) => HIGH - EDGE - ((HIGH - 2 * EDGE) * (value - low)) / (high - low || 1);
  const lines = [(one) => one.value, ...(readings[0].second === null ? [] : [(one) => one.second ?? one.value])];
  const drawn = lines.flatMap((value) => {
    const points = readings.map((one) => [x(one).toFixed(1), y(value(one)).toFixed(1)]);
    return [svg("polyline", { points: points.map((one) => one.join(",")).join(" ") }), ...points.map(([cx, cy]) => svg("circle", { cx, cy, r: 3 }))];
  });
  const end = (value) => numbers({ ...readings[0], value, second: null });
  const span = { what, low: end(low), high: end(high), unit: unit(readings[0].unit) };
  const image = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": t("my.chart-of", span) }, ...drawn);
  return el("figure", {}, image, el("figcaption", { class: "soft" }, t("my.chart-span", span)));
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}
