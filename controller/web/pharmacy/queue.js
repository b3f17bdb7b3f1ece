// What is to be handed out: the most urgent first, then what waits longest.
import { age } from "/screen/format.js";
import { amount, dosage } from "/prescriptions/said.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { named, t } from "/public/i18n.js";

const URGENCY = ["stat", "asap", "urgent", "routine"];

export class Queue {
  constructor(section, clock, onChosen) {
    Object.assign(this, { clock, onChosen, held: null, user: "" });
    this.list = section.querySelector("ol");
    this.none = section.querySelector(".none");
    this.tab = document.getElementById("tab-queue");
    this.list.addEventListener("keydown", (event) => this.#step(event));
  }

  person(me) {
    this.user = me.user;
  }

  show(items) {
    const rank = ({ prescription: one }) => URGENCY.indexOf(one.wanted.priority);
    this.held = items.toSorted((a, b) => rank(a) - rank(b) || a.task.asked_ms - b.task.asked_ms);
    keep(this.list, this.held, (one) => String(one.task.id), () => this.#make(), (node, one) => this.#fill(node, one));
    show(this.none, items.length === 0);
    setText(this.tab, t("pharmacy.queue-of", { n: items.length }));
  }

  draw() {
    if (this.held === null) return setText(this.tab, t("pharmacy.queue"));
    this.list.replaceChildren();
    this.show(this.held);
  }

  /** How long each waits. */
  tick() {
    for (const node of this.list.children) setText(node.querySelector(".age"), t("age.ago", { age: age(Math.max(this.clock.now() - Number(node.dataset.asked), 0)) }));
  }

  #make() {
    const parts = ["urgency", "patient", "what", "state", "age"].map((name) => el("span", { class: name }));
    const node = el("li", {}, el("button", { type: "button" }, ...parts));
    node.firstChild.addEventListener("click", () => this.onChosen(this.held.find((one) => String(one.task.id) === node.dataset.key)));
    return node;
  }

  #fill(node, item) {
    const { task, prescription: one } = item;
    const [urgency, patient, what, state] = node.firstChild.children;
    Object.assign(node.dataset, { priority: one.wanted.priority, asked: task.asked_ms, waits: String(waitsForCheck(item) !== null) });
    setText(urgency, one.wanted.priority === "routine" ? "" : t(`rx.priority.${one.wanted.priority}`));
    setText(patient, `${one.patient.name} · ${one.patient.identifier}`);
    setText(what, `${one.wanted.medicine.code.display} · ${dosage(one.wanted)} · ${amount(one.wanted.quantity)}`);
    const check = waitsForCheck(item) === null ? named("rx.task", task.state) : t("pharmacy.waits-check");
    setText(state, [check, task.owner, task.fill > 0 && t("pharmacy.repeat", { n: task.fill })].filter(Boolean).join(" · "));
  }

  #step(event) {
    const by = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (by === undefined) return;
    event.target.closest("li")[by]?.firstChild.focus();
    event.preventDefault();
  }
}

/** The dispense of which all packs are scanned, and which another pharmacist has to check; null: there is none. */
export function waitsForCheck({ dispenses }) {
  return dispenses.find((one) => one.state === "in-progress" && one.high_alert && one.checked_by === null && one.scanned === one.value) ?? null;
}

export const OPEN = new Set(["preparation", "in-progress", "on-hold"]);
