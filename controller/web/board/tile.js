// One bed's tile: name, patient, its vital signs with their ages, waveform, battery and link.
import { alarmWords } from "./alarms.js";
import { age } from "/screen/format.js";
import { el, keep, part as partOf, setState, setText, show } from "/screen/dom.js";
import { makeCell, updateCell } from "/screen/cell.js";
import { makeScore, updateScore } from "/screen/score-line.js";
import { t } from "/public/i18n.js";
import { VITALS } from "/screen/vitals.js";

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
