// How warm a delivery is that must stay cold: the newest value with its age, what was since it was packed, alarms of its box.
import en from "/public/words/cold-en.js";
import zh from "/public/words/cold-zh.js";
import { learn } from "/screen/i18n.js";
import { age } from "/screen/format.js";
import { alarmWords } from "/board/alarms.js";
import { change } from "./asking.js";
import { el, keep, setState, setText } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "/public/i18n.js";

learn({ en, zh });

const degrees = (value) => (value === null ? "–" : value.toFixed(1));
const minutes = (ms) => Math.round(ms / 6_000) / 10;
const range = ({ low, high }) => `${low}–${high}`;

/** Whether it has to be judged: it is received as that, and given to nobody. */
export const isToJudge = ({ cold }) => cold !== null && cold.state === "to-judge";

/** Where its lines stand; filled by fillCold(). */
export const coldLines = ({ cold }) =>
  cold === null
    ? []
    : [el("div", { class: "cold" }, el("p", { class: "cold-state" }), el("p", { class: "cold-now" }), el("p", { class: "cold-since" }), el("p", { class: "problem", role: "alert" }), el("ul", { class: "cold-alarms" }))];

/** `now`: the controller's time; `may`: whether who looks may say that an alarm was seen; `again`: asks anew. */
export function fillCold(node, one, now, { may = false, again = () => {} } = {}) {
  const { cold } = one;
  if (cold === null) return;
  const place = node.querySelector(".cold");
  const [state, value, since, problem, alarms] = place.children;
  setState(place, cold.state);
  setText(state, [t("cold.must", { range: range(cold) }), stateWords(cold), ...cold.doubts.map((name) => t(`cold.doubt.${name}`))].join(" · "));
  setText(value, cold.place === null || cold.ended_ms !== null ? "" : nowWords(cold, now));
  value.dataset.old = String(isOld(cold, now));
  setText(since, cold.place === null ? "" : sinceWords(cold));
  const keyOf = (alert) => `${alert.gateway} ${alert.code} ${alert.detail.alarm} ${alert.detail.seen}`;
  keep(alarms, cold.alarms, keyOf, (alert) => alarmItem(alert, { one, problem, may, again }), () => {});
}

/** A link of the chain of custody: how warm it was until then; "": it has no need to be cold. */
export function linkWords({ cold, by }) {
  if (cold === null) return "";
  const state = t(`cold.state.${cold.state}`, { by, why: cold.why });
  return t("cold.link", { state, low: degrees(cold.lowest), high: degrees(cold.highest), minutes: minutes(cold.outside_ms) });
}

function stateWords(cold) {
  const isOver = cold.state === "kept" && cold.ended_ms !== null;
  return t(`cold.state.${isOver ? "kept-ended" : cold.state}`, cold);
}

const isOld = (cold, now) => cold.last_ms === null || now - cold.last_ms > cold.longest_ms;

function nowWords(cold, now) {
  if (cold.last_ms === null) return t("cold.none", cold);
  const told = { value: degrees(cold.last), age: age(Math.max(now - cold.last_ms, 0)), place: cold.place };
  return t(isOld(cold, now) ? "cold.stale" : "cold.now", told);
}

function sinceWords(cold) {
  const outside = cold.outside_ms === 0 && !cold.doubts.includes("range-left") ? t("cold.outside-none") : t("cold.outside", { minutes: minutes(cold.outside_ms) });
  const gaps = cold.gaps.map((gap) => t("cold.gap", { minutes: minutes(gap.to_ms - gap.from_ms), from: moment(gap.from_ms) }));
  return [
    t("cold.since", { packed: moment(cold.packed_ms), low: degrees(cold.lowest), high: degrees(cold.highest) }),
    outside,
    ...(gaps.length === 0 ? [t("cold.gap-none", { minutes: minutes(cold.longest_ms) })] : gaps),
  ].join(" · ");
}

function alarmItem(alert, { one, problem, may, again }) {
  const what = alarmWords(alert);
  const seen = async () => {
    const body = { gateway: alert.gateway, alarm: alert.detail.alarm };
    const answer = await change(problem, "POST", `/api/deliveries/${one.number}/alarms/seen`, body);
    if (answer.ok) again();
  };
  const can = may && alert.detail.alarm !== undefined && !alert.detail.seen;
  const button = el("button", { type: "button", "aria-label": t("cold.seen-of", { what }), onclick: seen }, t("cold.seen"));
  return el("li", { "data-state": alert.priority }, el("span", {}, `${t(`priority.${alert.priority}`)} · ${what}`), ...(can ? [button] : []));
}
