// Asking for a conference: what about, when, whom, and which patients with which question.
import { button } from "./said.js";
import { done } from "/people/page.js";
import { el, setText } from "/screen/dom.js";
import { Experts } from "./experts.js";
import { Patients } from "./patients.js";
import { t } from "./words.js";

const PARTS = ["expert", "chair", "presenter"];
const byId = (id) => document.getElementById(id);

export class Asking {
  #members = [];
  #cases = [];

  /** `made(answer)`: of the new one. */
  constructor(node, made) {
    Object.assign(this, { node, made, place: node.querySelector("div") });
  }

  /** Built once, and anew in another language. */
  draw() {
    this.experts = new Experts({ chosen: (one) => this.#add(one), when: () => this.#when() });
    const input = (id, key, more) => [el("label", { for: id }, t(key)), el("input", { id, ...more })];
    this.members = el("ul", { class: "lines-of" });
    this.scribe = el("select", { id: "scribe" });
    this.cases = el("ul", { class: "lines-of" });
    const form = el(
      "form",
      { id: "ask" },
      ...input("about", "mc.about", { maxlength: "200", required: true }),
      ...input("date", "mc.date", { type: "datetime-local", required: true }),
      ...input("minutes", "mc.minutes", { type: "number", min: "5", max: "480", value: "45", required: true }),
      el("fieldset", {}, el("legend", {}, t("mc.add-people")), this.experts.node, this.members, el("label", { for: "scribe" }, t("mc.scribe")), this.scribe),
      el("fieldset", {}, el("legend", {}, t("mc.add-cases")), new Patients((one) => this.#addCase(one)).node, this.cases),
      el("button", { class: "primary" }, t("mc.do-ask")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(form);
    });
    this.place.replaceChildren(form);
    this.#lists();
  }

  #add({ actor, display }) {
    if (this.#members.some((one) => one.actor === actor)) return;
    const hasChair = this.#members.some((one) => one.part === "chair");
    this.#members.push({ actor, display, part: hasChair ? "expert" : "chair", required: !hasChair });
    this.#lists();
  }

  #addCase(one) {
    this.#cases.push(one);
    this.#lists();
  }

  #lists() {
    const { value } = this.scribe;
    this.scribe.replaceChildren(el("option", { value: "" }, t("mc.only-chair")), ...this.#members.map((one) => el("option", { value: one.actor }, one.display)));
    this.scribe.value = this.#members.some((one) => one.actor === value) ? value : "";
    this.members.replaceChildren(...this.#members.map((one) => this.#member(one)));
    this.cases.replaceChildren(...this.#cases.map((one) => el("li", {}, el("span", { class: "grow" }, one.question, el("br"), one.words), this.#drop(this.#cases, one, one.words))));
  }

  #member(one) {
    const who = one.display;
    const part = el("select", { "aria-label": t("mc.member-part", { who }) }, ...PARTS.map((key) => el("option", { value: key, selected: key === one.part }, t(`mc.part-${key}`))));
    part.addEventListener("change", () => (one.part = part.value));
    const required = el("input", { type: "checkbox", checked: one.required });
    required.addEventListener("change", () => (one.required = required.checked));
    const must = el("label", { class: "check", "aria-label": t("mc.member-required", { who }) }, required, t("mc.required"));
    return el("li", { "data-actor": one.actor }, el("span", { class: "grow" }, who), part, must, this.#drop(this.#members, one, who));
  }

  #drop(all, one, who) {
    const drop = () => {
      all.splice(all.indexOf(one), 1);
      this.#lists();
    };
    return button(t("mc.drop"), drop, { label: t("mc.drop-of", { who }) });
  }

  #when() {
    const at = new Date(byId("date").value).getTime();
    return Number.isNaN(at) ? null : { at_ms: at, minutes: Number(byId("minutes").value) };
  }

  async #ask(form) {
    const at = this.#when();
    if (at === null) return setText(byId("problem"), t("mc.no-time"));
    if (this.#members.filter((one) => one.part === "chair").length !== 1) return setText(byId("problem"), t("mc.no-chair"));
    const members = this.#members.map(({ actor, part, required }) => ({ actor, part, required }));
    const cases = this.#cases.map(({ patient, question }) => ({ patient, question }));
    const body = { title: form.elements.about.value.trim(), start_ms: at.at_ms, minutes: at.minutes, scribe: this.scribe.value, members, cases };
    const answer = await done("POST", "/api/conferences", body);
    if (answer === undefined) return undefined;
    Object.assign(this.#members, { length: 0 });
    Object.assign(this.#cases, { length: 0 });
    this.node.open = false;
    this.draw();
    return this.made(answer);
  }
}
