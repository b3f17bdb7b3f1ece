// A dose in words: what, how much, when it is or was, and what was charted of it.
import { amount, route, when } from "/prescriptions/said.js";
import { age, clockTime } from "/screen/format.js";
import { el } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { aloneLines } from "./alone.js";
import { standing } from "./when.js";

/** "late, 2 h", "now", "in 3 h", "given 08:05". */
export function stands(item, now) {
  const how = standing(item, now.utc);
  const apart = item.due_ms === null ? "" : age(Math.abs(now.utc - item.due_ms));
  const at = item.given === null ? "" : clockTime(item.given.given_ms - now.server + now.utc);
  return t(`round.${how}`, { apart, at });
}

/** The line of a dose: its time, its medicine, its amount; below, who charted it, or since when the last one is. */
export function doseLine(item, now) {
  const { wanted } = item.prescription;
  const time = item.due_ms === null ? t("round.as-needed") : clockTime(item.due_ms);
  return el(
    "div",
    { class: "dose" },
    el("span", { class: "time" }, time),
    el("span", { class: "what" }, el("b", {}, wanted.medicine.code.display), el("span", {}, `${amount(wanted.dose)} · ${route(wanted.route)}`), ...notes(item, now)),
    item.due_ms === null ? "" : el("span", { class: "stands", "data-stands": standing(item, now.utc) }, stands(item, now)),
  );
}

export function notes(item, now) {
  const lines = [];
  const { wanted } = item.prescription;
  if (item.needs_witness) lines.push(el("span", { class: "two" }, t("round.two")));
  if (item.due_ms === null) lines.push(el("span", {}, when(wanted.timing)), el("span", { class: "since" }, sinceLast(item, now)));
  if (item.wait) lines.push(el("span", { class: "wait" }, waits(item, now)));
  if (item.given !== null) lines.push(el("span", {}, charted(item.given)), ...aloneLines(item.given, now));
  return lines;
}

function sinceLast({ given }, now) {
  return given === null ? t("round.none-yet") : t("round.since", { apart: age(Math.max(now.server - given.given_ms, 0)) });
}

/** Why a dose as needed may not be given: the interval, or the most of a day. */
function waits({ given, prescription }, now) {
  const { hours, times } = prescription.wanted.timing;
  const left = given === null ? 0 : given.given_ms + hours * 3_600_000 - now.server;
  return left > 0 ? t("round.wait", { hours, left: age(left) }) : t("round.most", { times });
}

function charted(given) {
  const who = given.witness ? t("round.and", { by: given.by, witness: given.witness }) : given.by;
  const how = given.state === "not-done" ? "round.charted-not" : "round.charted";
  return t(how, { who, why: given.why, number: given.number }) + (given.why && given.state !== "not-done" ? ` (${given.why})` : "");
}
