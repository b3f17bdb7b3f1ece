// What the patient says they took at home, for who prescribes: said by the patient, seen by nobody, never what was given.
import en from "/public/words/patient-said-en.js";
import zh from "/public/words/patient-said-zh.js";
import { asked } from "./asking.js";
import { el, show } from "/screen/dom.js";
import { has, learn, t } from "/screen/i18n.js";
import { moment } from "/screen/dates.js";

learn({ en, zh });

const LAST = 10;

export class PatientSaid {
  constructor(node) {
    Object.assign(this, { node, whose: null, told: null });
  }

  async open(identifier) {
    Object.assign(this, { whose: identifier, told: null });
    show(this.node, false);
    const answer = await asked("GET", `/api/patients/${encodeURIComponent(identifier)}/taken`);
    if (this.whose !== identifier || !answer.ok) return;
    this.told = answer.data;
    this.draw();
  }

  close() {
    Object.assign(this, { whose: null, told: null });
    show(this.node, false);
    this.node.replaceChildren();
  }

  /** Nothing of who never said anything. */
  draw() {
    if (this.told === null || this.told.taken.length === 0) return;
    const { adherence, taken } = this.told;
    const sums = adherence.filter((one) => one.due > 0).map((one) => el("li", { "data-rx": one.prescription }, el("b", {}, one.medicine), el("span", {}, sumWords(one))));
    const last = taken.slice(0, LAST).map((one) => el("li", { "data-said": one.said }, lineWords(one)));
    this.node.replaceChildren(
      el("h2", { id: "patient-said-title" }, t("said.title")),
      el("p", { class: "soft" }, t("said.note")),
      el("ul", { class: "said-sums" }, ...sums),
      el("details", {}, el("summary", {}, t("said.last", { n: last.length })), el("ul", { class: "said-last" }, ...last)),
    );
    show(this.node, true);
  }
}

function sumWords({ due, taken, skipped }) {
  return t("said.sum", { due, taken, skipped, silent: due - taken - skipped });
}

function lineWords(one) {
  const due = one.due_ms === null ? t("said.needed") : moment(one.due_ms);
  const why = one.why ? `: ${whyWords(one.why)}` : "";
  return `${one.medicine} · ${due} · ${t(`said.word.${one.said}`)}${why} · ${t("said.said-at", { when: moment(one.at_ms) })}`;
}

/** A reason: one of those that the page offers, or the patient's own words. */
export const whyWords = (text) => (has(`said.why.${text}`) ? t(`said.why.${text}`) : `“${text}”`);
