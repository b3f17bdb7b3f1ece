// What the checks say while a prescription is written: what speaks against it, from whom, on which facts; what was not
// checked; and why a hint that needs it is overridden.
import { asked, reason } from "./asking.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { hint } from "./said.js";
import { named, t } from "/public/i18n.js";

const PAUSE_MS = 350;
const PATH = "/api/prescriptions/checks";

export class Checks {
  constructor(node) {
    const [state, hints, gaps, sources] = [".state", ".hints", ".gaps", ".sources"].map((one) => node.querySelector(one));
    Object.assign(this, { node, state, hints, gaps, sources, issues: null, from: [], timer: null, last: 0, problem: "", isAsking: false, isWhole: false });
    this.reasons = new Map();
  }

  clear(reasons = {}) {
    this.last += 1;
    clearTimeout(this.timer);
    this.reasons = new Map(Object.entries(reasons));
    Object.assign(this, { issues: null, problem: "", isAsking: false });
    this.hints.replaceChildren();
    this.draw();
  }

  /** Asks in a moment; `line` null: there is nothing to check. What was said of something else is taken away at once. */
  look(about, line) {
    this.last += 1;
    clearTimeout(this.timer);
    Object.assign(this, { issues: null, problem: "", isAsking: line !== null, isWhole: line?.dose !== undefined });
    this.draw();
    if (line !== null) this.timer = setTimeout(() => this.#ask({ ...about, ...line }, this.last), PAUSE_MS);
  }

  /** What the controller has found of it when it was saved. */
  show(issues) {
    this.last += 1;
    clearTimeout(this.timer);
    Object.assign(this, { issues, problem: "", isAsking: false, isWhole: true });
    this.draw();
  }

  /** Why hints are overridden, by their codes: of those that are shown. */
  said() {
    const codes = (this.issues ?? []).map((one) => one.code);
    return Object.fromEntries(codes.map((code) => [code, (this.reasons.get(code) ?? "").trim()]).filter(([, why]) => why !== ""));
  }

  /** The field of the first hint that is not overridden by a reason yet; undefined: each is. */
  unsaid() {
    return [...this.hints.querySelectorAll("input")].find((one) => one.value.trim() === "");
  }

  async #ask(body, mine) {
    const answer = await asked("POST", PATH, body);
    if (mine !== this.last) return;
    if (answer.ok) this.from = answer.data.sources;
    const problem = answer.ok ? "" : t("rx.checks-failed", { why: reason(answer) });
    Object.assign(this, { problem, isAsking: false, issues: answer.ok ? answer.data.issues : null });
    this.draw();
  }

  draw() {
    const found = (this.issues ?? []).filter((one) => one.gap === "");
    const missing = (this.issues ?? []).filter((one) => one.gap !== "");
    setText(this.state, this.#state(found));
    this.state.dataset.state = this.problem ? "failed" : this.issues === null ? "none" : "done";
    keep(this.hints, found, (one) => one.code, (one) => this.#hint(one), (node, one) => words(node, one));
    show(this.gaps, missing.length > 0);
    this.gaps.querySelector("ul").replaceChildren(...missing.map((one) => el("li", {}, hint(one))));
    show(this.sources, this.issues !== null && this.from.length > 0);
    this.sources.replaceChildren(...this.from.map(source));
  }

  #state(found) {
    if (this.problem) return this.problem;
    if (this.isAsking) return t("rx.checking");
    if (this.issues === null) return t("rx.checks-none-yet");
    const words = found.length === 0 ? t("rx.nothing-found") : t("rx.n-hints", { n: found.length });
    return this.isWhole ? words : `${t("rx.part-checked")} ${words}`;
  }

  #hint(one) {
    const node = el("li", { "data-grade": one.grade, "data-severity": one.severity }, el("b", { class: "grade" }), el("p", { class: "what" }), el("p", { class: "basis" }), el("p", { class: "note" }));
    if (!one.needs_reason) return node;
    const id = `why-${one.code}`;
    const input = el("input", { id, maxlength: 200, autocomplete: "off", required: true });
    input.value = this.reasons.get(one.code) ?? one.why ?? "";
    this.reasons.set(one.code, input.value);
    input.addEventListener("input", () => this.reasons.set(one.code, input.value));
    node.append(el("label", { for: id, "data-t": "rx.override" }, t("rx.override")), input);
    return node;
  }
}

function words(node, one) {
  const [grade, what, basis, from] = node.children;
  setText(grade, `${named("rx.grade", one.grade)} · ${named("rx.kind", one.kind)}`);
  setText(what, hint(one));
  setText(basis, one.facts.length === 0 ? "" : t("rx.because", { facts: one.facts.map(fact).join("; ") }));
  setText(from, [one.source, one.edition, one.reference].filter(Boolean).join(" · "));
}

function fact({ name, value, unit, age_days: days }) {
  const old = days === null ? "" : ` (${t("rx.days-old", { n: days })})`;
  return `${named("rx.fact", name)} ${value} ${unit}`.trim() + old;
}

/** Whom the checks ask. That no pharmacist has reviewed it is to be seen. */
function source(one) {
  const judged = one.reviewed_by === "" ? el("b", { class: "held" }, t("rx.not-reviewed")) : t("rx.reviewed", { by: one.reviewed_by });
  const size = t("rx.source-size", { substances: one.substances, doses: one.with_doses, interactions: one.interactions });
  return el(
    "details",
    {},
    el("summary", {}, el("span", {}, `${one.name} (${one.edition}) `, judged)),
    el("p", { class: "note" }, `${size} · ${one.licence}`),
    el("p", {}, t("rx.not-covered")),
    el("ul", {}, ...one.not_covered.map((part) => el("li", {}, part))),
  );
}
