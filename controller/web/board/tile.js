// One bed's tile: name, patient, its vital signs with their ages, waveform, battery and link.
import { alarmWords } from "./alarms.js";
import { age, judgedName, pair, unit, why } from "./format.js";
import { el, keep, part as partOf, setState, setText, show } from "./dom.js";
import { makeScore, updateScore } from "./score-line.js";
import { t } from "/public/i18n.js";
import { VITALS } from "./vitals.js";

/** Builds the tile of `bed`; `open(bed id, button)` is called when a person opens it. */
export function makeTile(bed, open) {
  const button = el("button", { type: "button", class: "open", onclick: () => open(bed.id, button) });
  const heading = el("h2", {}, button);
  const head = el("header", {}, heading, el("p", { class: "patient" }));
  const cells = VITALS.map((vital) => makeCell(vital.name));
  const canvas = el("canvas", { "aria-hidden": "true" });
  const wave = el("div", { class: "wave" }, canvas, el("p", { class: "wave-text" }));
  const foot = el("footer", {}, makeBattery(), makeLink());
  const notes = el("ul", { class: "notes" });
  const vitals = el("dl", { class: "vitals" }, ...cells);
  return el("li", { class: "tile" }, head, notes, makeScore(), vitals, wave, foot);
}

/** One vital sign: label, unit, number, why it is none, its age. */
export function makeCell(name) {
  const label = el("dt", {}, el("span", { class: "label" }), el("span", { class: "unit" }));
  const figure = el("span", { class: "number" });
  const mark = el("span", { class: "mark", "aria-hidden": "true" });
  const foot = el("span", { class: "foot" }, el("span", { class: "why" }), el("span", { class: "age" }));
  const value = el("dd", {}, el("span", { class: "figure" }, figure, mark), foot, el("span", { class: "last" }));
  return el("div", { class: `cell ${name}`, "data-vital": name }, label, value);
}

function makeBattery() {
  const shape = el("i", { class: "battery-shape", "aria-hidden": "true" });
  return el("span", { class: "battery" }, shape, el("span", { class: "reader" }), el("span", { class: "battery-low" }), el("span", { class: "battery-text" }));
}

function makeLink() {
  const bars = el("i", { class: "bars", "aria-hidden": "true" }, el("b"), el("b"), el("b"));
  return el("span", { class: "link" }, bars, el("span", { class: "reader" }), el("span", { class: "link-text" }));
}

/** Draws `view` (views.js) into `tile`. */
export function updateTile(tile, view) {
  const part = (selector) => partOf(tile, selector);
  setState(tile, view.state);
  tile.dataset.priority = view.alerts[0]?.priority ?? "";
  setText(part(".open"), view.name);
  part(".open").ariaLabel = t("bed.open", { bed: view.name });
  setText(part(".patient"), view.patient?.name ?? t("note.no-patient"));
  part(".patient").classList.toggle("empty", view.patient === null);
  for (const vital of VITALS) {
    const judged = view.vitals[vital.name];
    show(part(`.${vital.name}`), !vital.optional || judged.state !== "absent");
    updateCell(part(`.${vital.name}`), judged, view.metrics);
  }
  updateScore(part(".score"), view.score);
  updateWave(part(".wave"), view.wave);
  updateBattery(part(".battery"), view.battery);
  updateLink(part(".link"), view.link);
  const lines = [...view.alerts.map(alertLine), ...view.notes];
  keep(part(".notes"), lines, (line) => line.key, makeNote, updateNote);
}

const alertLine = (alert) => ({
  key: `alert ${alert.code} ${alert.device}`,
  state: alert.priority,
  text: `${t(`priority.${alert.priority}`)} · ${alarmWords(alert)}`,
});

const makeNote = () => el("li");

function updateNote(node, line) {
  setState(node, line.state);
  setText(node, line.text);
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
}

function updateWave(node, wave) {
  setState(node, wave.state);
  setText(partOf(node, ".wave-text"), wave.text);
}

function updateBattery(node, battery) {
  show(node, battery !== null);
  if (battery === null) return;
  const level = battery.percent <= 20 ? "low" : "ok";
  setState(node, battery.off ? "off" : level);
  node.style.setProperty("--level", `${battery.percent}%`);
  setText(partOf(node, ".reader"), t("device.battery"));
  setText(partOf(node, ".battery-low"), level === "low" ? t("battery.low") : "");
  setText(partOf(node, ".battery-text"), `${battery.percent} % · ${age(battery.age)}`);
}

function updateLink(node, link) {
  show(node, link !== null);
  if (link === null) return;
  setState(node, link.state);
  setText(partOf(node, ".reader"), t("device.link"));
  const text = link.state === "off" ? t("link.off", { age: age(link.age) }) : t(`link.${link.state}`);
  const aged = link.state === "off" || link.age === null ? text : `${text} · ${age(link.age)}`;
  setText(partOf(node, ".link-text"), aged);
}
