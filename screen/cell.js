// One vital sign: its name, the number or why there is none, its age.
import { age, judgedName, pair, unit, why } from "./format.js";
import { el, part as partOf, setState, setText, show } from "./dom.js";
import { t } from "./i18n.js";

/** One vital sign: label, unit, number, why it is none, its age. */
export function makeCell(name) {
  const label = el("dt", {}, el("span", { class: "label" }), el("span", { class: "unit" }));
  const figure = el("span", { class: "number" });
  const mark = el("span", { class: "mark", "aria-hidden": "true" });
  const foot = el("span", { class: "foot" }, el("span", { class: "why" }), el("span", { class: "age" }));
  const value = el("dd", {}, el("span", { class: "figure" }, figure, mark), foot, el("span", { class: "last" }), makeAlien());
  return el("div", { class: `cell ${name}`, "data-vital": name }, label, value);
}

/** A number that is not current never stands in the number's place. */
export function updateCell(cell, judged, metrics) {
  const metric = metrics[judged.metric];
  const shown = judged.state === "current" || judged.state === "questionable";
  const part = (selector) => partOf(cell, selector);
  setState(cell, judged.state);
  setText(part(".label"), judgedName(judged));
  setText(part(".unit"), unit(metric?.unit ?? ""));
  setText(part(".number"), shown ? pair(judged, metric) : t("value.none"));
  setText(part(".mark"), judged.state === "questionable" ? "?" : "");
  setText(part(".why"), why(judged));
  setText(part(".age"), judged.age === null || judged.state === "stale" ? "" : age(judged.age));
  const last = judged.state === "stale" && judged.value !== null;
  setText(part(".last"), last ? t("value.last", { value: pair(judged, metric) }) : "");
  updateAlien(part(".alien"), judged.alien, metrics);
}

/** The place of a number that is somebody else's: struck through, in words, with its age. */
export function makeAlien() {
  return el("span", { class: "alien", hidden: true }, el("s"), " ", el("span"));
}

/** `alien`: {metric, value, second, age}, or null. */
export function updateAlien(node, alien, metrics) {
  show(node, alien !== null);
  if (alien === null) return;
  const metric = metrics[alien.metric];
  setText(node.firstChild, `${pair(alien, metric)} ${unit(metric.unit)}`);
  setText(node.lastChild, t("value.not-theirs", { age: age(alien.age) }));
}
