// What was decided, what happened and what was sent, each with its time and its reason.
import { clockTime } from "/screen/format.js";
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named } from "/public/i18n.js";
import { whyOf } from "./why.js";

export const noteKey = (one) => [one.at_ms, one.kind, one.robot, one.transport, one.why].join(" ");

export function noteNode(one) {
  const who = [one.robot, one.transport].filter(Boolean).join(" · ");
  return el("li", {}, el("time", {}, moment(one.at_ms)), el("strong", {}, named("robots.note", one.kind)), el("span", {}, who), el("span", { class: "why" }, [spanOf(one), whyOf(one)].filter(Boolean).join(" · ")));
}

/** Of an estimate, from when to when. */
function spanOf({ kind, at_ms: at, detail }) {
  if (kind !== "eta" || !detail.high_ms) return "";
  return `${clockTime(at + detail.low_ms)}–${clockTime(at + detail.high_ms)}`;
}
