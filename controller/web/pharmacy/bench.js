// One piece of the queue on the bench: whose and what in large letters, whether the signature holds, and what is done next.
import { amount, dosage, hint, unit } from "/prescriptions/said.js";
import { Charge } from "./charge.js";
import { asked, change, reason } from "/prescriptions/asking.js";
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { OPEN } from "./queue.js";
import { Preparing } from "./preparing.js";
import { stepping } from "/prescriptions/stepping.js";
import { strengths } from "/prescriptions/search.js";
import { languageTag, t } from "/public/i18n.js";

const STEPS = ["accepted", "rejected", "on-hold", "cancelled", "failed"];

export class Bench {
  constructor(node, facts, onChanged) {
    Object.assign(this, { node, facts, onChanged, item: null, seal: null, next: null, user: "", language: "" });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.charge = new Charge(() => facts.clock.now(), () => this.draw());
    this.preparing = new Preparing(() => this.#changed(), () => this.charge.waits());
  }

  person(me) {
    this.user = me.user;
    this.preparing.user = me.user;
    this.draw();
  }

  open(item) {
    this.close();
    Object.assign(this, { item });
    this.facts.open({ patient: item.prescription.patient });
    this.charge.open(item);
    this.node.hidden = false;
    this.draw();
    this.node.querySelector("h2").focus();
    this.node.scrollIntoView({ block: "start" });
    this.#verify();
  }

  close() {
    Object.assign(this, { item: null, seal: null, next: null });
    this.problem.textContent = "";
    this.preparing.close();
    this.charge.open(null);
    this.facts.close();
    this.node.hidden = true;
    this.node.replaceChildren();
  }

  /** As it stands now; what has ended leaves the bench. */
  update(items) {
    if (this.item === null) return;
    const now = items.find((one) => one.task.id === this.item.task.id);
    if (now === undefined) return this.close();
    const isSame = key(now) === key(this.item);
    this.item = now;
    this.charge.open(now);
    this.charge.read();
    if (isSame) return;
    this.draw();
    this.#verify();
  }

  tick() {
    if (this.item === null) return;
    this.facts.update({ patient: this.item.prescription.patient });
    this.charge.tick();
  }

  /** The signature is looked at again whenever something has changed. */
  async #verify() {
    const { item } = this;
    const answer = await asked("GET", `/api/pharmacy/tasks/${item.task.id}/signature`);
    if (this.item === null || key(item) !== key(this.item)) return;
    this.seal = answer.ok ? answer.data : { holds: false, why: reason(answer) };
    this.draw();
  }

  #changed() {
    this.onChanged();
  }

  draw() {
    if (this.item === null) return;
    const { task, prescription: one } = this.item;
    const typed = kept(this.node);
    const isFocused = document.activeElement?.id;
    this.charge.draw(this.language !== languageTag());
    this.language = languageTag();
    this.node.replaceChildren(
      el("button", { type: "button", class: "close", onclick: () => this.close() }, t("bed.close")),
      el("h2", { id: "bench-title", tabindex: -1 }, `${one.patient.name} · ${one.patient.identifier}`),
      this.#what(one),
      this.#sealed(),
      this.facts.node,
      ...overridden(one),
      this.charge.node,
      this.problem,
      ...(this.seal?.holds ? this.#work(task, one) : []),
      ...this.#next(task, one),
    );
    for (const [id, value] of typed) if (value && document.getElementById(id)?.value === "") document.getElementById(id).value = value;
    if (isFocused) document.getElementById(isFocused)?.focus();
    if (document.activeElement === document.body) document.getElementById("pack-code")?.focus(); // the scanner types into it
  }

  #what(one) {
    const { wanted } = one;
    const more = [one.number, t(`rx.setting.${wanted.setting}`), t(`rx.delivery.${one.delivery}`), wanted.reason && t("rx.because-of", { reason: wanted.reason })];
    return el(
      "div",
      { class: "what" },
      el("p", { class: "medicine" }, wanted.medicine.code.display),
      el("p", { class: "contains" }, [strengths(wanted.medicine), wanted.medicine.form].filter(Boolean).join(" · ")),
      el("p", { class: "dosage" }, dosage(wanted)),
      el("p", { class: "out" }, t("pharmacy.hand-out", { amount: amount(wanted.quantity), left: `${this.item.left} ${unit(wanted.quantity.unit)}` })),
      ...(wanted.priority === "routine" ? [] : [el("p", { class: "held" }, t(`rx.priority.${wanted.priority}`))]),
      ...(wanted.note ? [el("p", { class: "remark" }, wanted.note)] : []),
      ...(wanted.substitution ? [] : [el("p", { class: "held" }, t("pharmacy.no-substitution"))]),
      el("p", { class: "note" }, more.filter(Boolean).join(" · ")),
    );
  }

  #sealed() {
    if (this.seal === null) return el("p", { class: "seal", "data-state": "asking", role: "status" }, t("pharmacy.verifying"));
    if (!this.seal.holds) return el("p", { class: "seal", "data-state": "broken", role: "alert" }, t("pharmacy.broken", { why: this.seal.why }));
    const words = t("pharmacy.holds", { by: this.seal.by, when: moment(this.seal.utc_ms) });
    return el("p", { class: "seal", "data-state": "holds", role: "status" }, words);
  }

  #work(task, one) {
    const open = this.item.dispenses.find((each) => OPEN.has(each.state));
    if (task.state === "requested") return [el("button", { type: "button", class: "primary large", onclick: () => this.#step("accepted", "") }, t("pharmacy.accept"))];
    if (open !== undefined) return this.preparing.nodes(open, one);
    return ["accepted", "in-progress"].includes(task.state) ? [this.#begin(task, one)] : [];
  }

  /** How much of what is left is handed out now. */
  #begin(task, { wanted }) {
    const most = Number(this.item.left) < Number(wanted.quantity.value) ? this.item.left : wanted.quantity.value;
    const input = el("input", { id: "begin-value", value: most, inputmode: "decimal", pattern: "[0-9]{1,7}([.][0-9]{1,6})?", required: true, autocomplete: "off" });
    const label = el("label", { for: "begin-value" }, t("pharmacy.begin-value", { unit: unit(wanted.quantity.unit) }));
    const form = el("form", { class: "row begin" }, label, input, el("button", { class: "primary large" }, t("pharmacy.begin")));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const answer = await change(this.problem, "POST", `/api/pharmacy/tasks/${task.id}/dispenses`, { value: input.value.trim() }, task.revision);
      if (answer.ok) this.#changed();
    });
    return form;
  }

  /** Reject, hold, give up: with a reason. What somebody has begun to choose there stays while all else is drawn. */
  #next(task, one) {
    const now = `${key(this.item)} ${languageTag()}`;
    if (this.next?.of !== now) this.next = { of: now, nodes: this.#choices(task, one) };
    return this.next.nodes;
  }

  #choices(task, one) {
    const possible = STEPS.filter((to) => task.possible.includes(to) && !(to === "accepted" && task.state === "requested"));
    const pairs = possible.map((to) => [to, t(`pharmacy.become.${to}`)]);
    return stepping({ title: t("pharmacy.task-becomes"), what: `${one.wanted.medicine.code.display}, ${one.patient.name}`, possible: pairs, free: ["accepted"], act: (to, why) => this.#step(to, why) });
  }

  async #step(state, why) {
    const { task } = this.item;
    const answer = await change(this.problem, "PUT", `/api/pharmacy/tasks/${task.id}/state`, { state, why }, task.revision);
    if (answer.ok || answer.status === 412) this.#changed();
  }
}

/** Hints that the prescriber overrode, with the reasons: the pharmacist judges them. */
function overridden(one) {
  const found = one.issues.filter((issue) => issue.gap === "" && (issue.why || issue.severity === "high"));
  if (found.length === 0) return [];
  return [el("ul", { class: "overridden" }, ...found.map((issue) => el("li", {}, hint(issue), " ", el("strong", {}, t("doc.overridden", { why: issue.why })))))];
}

/** What it is and as it stands. */
const key = ({ task, prescription, dispenses }) => [task.id, task.revision, prescription.revision, ...dispenses.map((one) => `${one.number}/${one.revision}`)].join(" ");
const kept = (node) => [...node.querySelectorAll("input[id]")].map((one) => [one.id, one.value]);
