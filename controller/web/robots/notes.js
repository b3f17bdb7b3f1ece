// What was decided, what happened and what was sent, each with its time and its reason.
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named } from "/public/i18n.js";

export const noteKey = (one) => [one.at_ms, one.kind, one.robot, one.transport, one.why].join(" ");

export function noteNode(one) {
  const who = [one.robot, one.transport].filter(Boolean).join(" · ");
  return el("li", {}, el("time", {}, moment(one.at_ms)), el("strong", {}, named("robots.note", one.kind)), el("span", {}, who), el("span", { class: "why" }, one.why));
}
