// One vehicle: when it arrives, who is on board and how they are, where it is, what its crew asks for.
import { age } from "/screen/format.js";
import { el, keep, part, setState, setText } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { alarmWords } from "/board/alarms.js";
import { makeScore, updateScore } from "/screen/score-line.js";
import { scoreView } from "/screen/scores.js";
import { makeCell, updateCell } from "/screen/cell.js";
import { choose, judgeBed, VITALS } from "/screen/vitals.js";
import { makeCorridor, updateCorridor } from "./corridor.js";
import { makeArriving, updateArriving } from "/images/arriving.js";
import { drawMap, makeMap } from "./map.js";
import { makeRequests, updateRequests } from "./requests.js";
import { makeTrend, updateTrend } from "./trend.js";

export function makeCard() {
  const head = el("header", {}, el("h2"), el("p", { class: "patient" }));
  const eta = el("div", { class: "eta" }, el("strong"), el("span", { class: "way" }), el("span", { class: "where" }));
  const cells = el("dl", { class: "vitals" }, ...VITALS.map((vital) => makeCell(vital.name)));
  const urgent = el("div", { class: "urgent" }, makeScore(), makeTrend(), el("ul", { class: "warnings" }));
  const left = el("div", { class: "facts" }, head, eta, urgent, cells, makeCorridor(), makeArriving(), makeRequests());
  return el("li", { class: "arrival" }, left, makeMap());
}

/** `arrival` is the answer's, `bed` the stream's; `shared`: {ward, now, may, hospital, streets, again}. */
export function updateCard(card, arrival, bed, shared) {
  setText(part(card, "h2"), bed.name);
  setText(part(card, ".patient"), bed.patient.name);
  const { state } = arrival.position ?? { state: "lost" };
  setState(card, state);
  updateEta(card, arrival, shared);
  updateVitals(card, bed, shared);
  updateRequests(part(card, ".requests"), arrival, shared);
  updateTrend(part(card, ".news2-trend"), arrival.news2, shared.now);
  updateCorridor(part(card, ".corridor"), arrival, shared);
  updateArriving(part(card, ".arriving"), bed.patient, shared);
  drawMap(part(card, ".map"), arrival, shared, bed.name);
}

function updateEta(card, { eta, position }, { now, hospital }) {
  const seen = position === null ? null : age(Math.max(now - position.at_ms, 0));
  setState(part(card, ".eta"), eta.state);
  setText(part(card, ".eta strong"), etaWords(eta));
  const told = { distance: distance(eta.distance_m ?? 0), hospital: hospital?.name ?? "", age: seen ?? "" };
  setText(part(card, ".way"), eta.distance_m === null ? "" : t("arrivals.distance", told));
  setText(part(card, ".where"), where(position, seen));
}

/** "8–14 min": from whole minutes down to whole minutes up. */
export function etaWords(eta) {
  if (eta.state !== "coming") return t(`arrivals.eta-${eta.state}`);
  const [least, most] = [Math.floor(eta.least_s / 60), Math.ceil(eta.most_s / 60)];
  return t("arrivals.eta", { least, most });
}

/** What the position is, with its age: never a number without. */
export function where(position, seen) {
  if (position === null) return t("arrivals.never");
  if (position.state === "lost") return t("arrivals.lost", { age: seen });
  return t(`arrivals.${position.state}`, { age: seen, radius: distance(position.radius_m) });
}

/** "340 m", "4.2 km". */
export function distance(metres) {
  if (metres < 995) return t("arrivals.m", { n: metres < 100 ? Math.ceil(metres) : Math.round(metres / 10) * 10 });
  return t("arrivals.km", { n: (metres / 1000).toFixed(metres < 9_950 ? 1 : 0) });
}

function updateVitals(card, bed, { ward, now }) {
  const judged = judgeBed(ward, bed.id, now);
  const devices = ward.devicesOf(bed.id);
  for (const vital of VITALS) updateCell(part(card, `.${vital.name}`), choose(vital, judged, devices), ward.metrics);
  updateScore(part(card, ".score"), scoreView(ward.scores.get(bed.id), now));
  keep(part(card, ".warnings"), ward.alertsOf(bed.id), (one) => `${one.gateway} ${one.device} ${one.code}`, () => el("li"), (item, one) => {
    setState(item, one.priority);
    const told = { priority: t(`priority.${one.priority}`), what: alarmWords(one), age: age(Math.max(now - one.at_ms, 0)) };
    setText(item, t("arrivals.alert", told));
  });
}
