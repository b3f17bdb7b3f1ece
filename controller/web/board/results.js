// The laboratory results of the patient in an opened bed: as the analyser told them, the newest first.
import { age } from "/screen/format.js";
import { el, setState, setText } from "/screen/dom.js";
import { PolledList } from "./polled.js";
import { t } from "/public/i18n.js";

export class Results extends PolledList {
  constructor(clock) {
    super(clock, "results", makeResult, updateResult);
  }
}

const makeResult = () =>
  el("li", {}, el("b"), el("span", { class: "number" }), el("span", { class: "why" }), el("span", { class: "age" }));

/** Not final (status other than F) and out of range (a flag other than N) are said in words beside the number. */
function updateResult(node, one, now) {
  const [name, figure, against, when] = node.children;
  const flagged = one.flags && one.flags !== "N";
  setState(node, flagged ? "questionable" : "current");
  setText(name, one.text || one.code);
  setText(figure, [one.value || t("value.none"), one.unit].filter(Boolean).join(" "));
  const range = one.range ? t("results.range", { range: one.range }) : "";
  setText(against, [flagged ? one.flags : "", one.status === "C" ? t("results.corrected") : "", range].filter(Boolean).join(" · "));
  setText(when, [one.time, one.device, t("age.ago", { age: age(Math.max(now - one.at_ms, 0)) })].filter(Boolean).join(" · "));
}
