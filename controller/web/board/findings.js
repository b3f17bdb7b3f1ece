// What programs have found of the patient in an opened bed: each for review by a physician, the newest first.
import { age } from "/screen/format.js";
import { el, setState, setText } from "/screen/dom.js";
import { PolledList } from "./polled.js";
import { t } from "/public/i18n.js";

const KNOWN = new Set(["164889003", "48867003", "3424008", "LL", "HH", "U", "D", "implausible"]);

export class Findings extends PolledList {
  constructor(clock) {
    const review = el("p", { "data-t": "findings.review" }, t("findings.review"));
    super(clock, "findings", makeFinding, updateFinding, review);
  }
}

const makeFinding = () => el("li", {}, el("b"), el("span"), el("span", { class: "why" }), el("span", { class: "age" }));

function updateFinding(node, one, now) {
  const [name, urgency, what, origin] = node.children;
  setState(node, one.urgency > 0 ? "questionable" : "current");
  setText(name, KNOWN.has(one.code) ? t(`findings.code-${one.code}`) : one.name);
  setText(urgency, t(`findings.urgency-${one.urgency}`));
  setText(what, one.what);
  const right = one.confidence === null ? t("findings.rule") : t("findings.right", { percent: Math.round(one.confidence * 100) });
  setText(origin, [`${one.model} ${one.version}`, right, t("age.ago", { age: age(Math.max(now - one.at_ms, 0)) })].join(" · "));
}
