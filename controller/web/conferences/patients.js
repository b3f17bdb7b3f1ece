// A patient whom one sees is found, and the question that is asked about them.
import { button } from "./said.js";
import { done } from "/people/page.js";
import { el, setText } from "/screen/dom.js";
import { t } from "./words.js";

export class Patients {
  /** `chosen({patient, words, question})`. */
  constructor(chosen) {
    this.chosen = chosen;
    const told = (name, key, more = {}) => ({ name, maxlength: "64", autocomplete: "off", "aria-label": t(key), placeholder: t(key), ...more });
    this.find = el("input", told("find", "mc.patient", { type: "search" }));
    this.patient = el("select", { name: "patient", "aria-label": t("mc.patient") });
    this.question = el("input", told("question", "mc.question", { maxlength: "500" }));
    this.find.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#search();
    });
    const add = button(t("mc.add-case"), () => this.#add(), { name: "add-case" });
    this.node = el("div", { class: "patients lines-of" }, el("div", { class: "row" }, this.find, button(t("mc.search"), () => this.#search(), { name: "search-patients" })), this.patient, this.question, add);
  }

  async #search() {
    const told = await done("GET", `/api/patients?text=${encodeURIComponent(this.find.value.trim())}`);
    if (told === undefined) return;
    const options = told.patients.map((one) => el("option", { value: one.identifier }, `${one.name} · ${one.identifier}`));
    this.patient.replaceChildren(el("option", { value: "" }, t(options.length > 0 ? "mc.no-patient" : "mc.nobody")), ...options);
    this.patient.focus();
  }

  #add() {
    const { value, selectedOptions } = this.patient;
    const question = this.question.value.trim();
    const isWhole = value !== "" && question !== "";
    setText(document.getElementById("problem"), isWhole ? "" : t(value === "" ? "mc.no-patient" : "mc.no-question"));
    if (!isWhole) return;
    const words = selectedOptions[0].textContent;
    this.question.value = "";
    this.patient.replaceChildren();
    this.chosen({ patient: value, words, question });
  }
}
