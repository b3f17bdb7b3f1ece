// What laboratories found of a patient's genes, with its age, and a way to enter it.
import { age } from "/screen/format.js";
import { asked, reason } from "./asking.js";
import { el, setText } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { moment } from "/screen/dates.js";

export class GenotypeList {
  constructor(node) {
    Object.assign(this, { node, whose: null, told: null });
  }

  async open(patient) {
    Object.assign(this, { whose: patient, told: null });
    this.draw();
    if (patient === null) return;
    this.#took(patient, await asked("GET", this.#path(patient)));
  }

  #path = (patient) => `/api/patients/${encodeURIComponent(patient.identifier)}/genotypes`;

  #took(patient, answer) {
    if (this.whose !== patient) return;
    if (answer.ok) this.told = answer.data;
    this.draw();
    if (!answer.ok) setText(this.node.querySelector(".problem"), reason(answer));
  }

  draw() {
    const { told } = this;
    const problem = el("p", { class: "problem", role: "alert" });
    if (told === null) return this.node.replaceChildren(problem);
    const lines = told.genotypes.map((one) => el("li", {}, el("b", {}, `${one.gene} ${one.value}`), ` · ${[moment(one.at_ms).slice(0, 10), t("age.ago", { age: age(Math.max(told.server_ms - one.at_ms, 0)) }), one.laboratory, one.by].filter(Boolean).join(" · ")}`));
    const head = lines.length === 0 ? t("cds.genes-none") : t("cds.genes", { n: lines.length });
    this.node.replaceChildren(el("details", {}, el("summary", {}, head), el("ul", {}, ...lines), this.#form()), problem);
  }

  #form() {
    const gene = el("select", { id: "gene" }, ...this.told.genes.map((one) => el("option", { value: one }, one)));
    const value = el("input", { id: "gene-value", maxlength: 60, autocomplete: "off", placeholder: "*1/*2" });
    const laboratory = el("input", { id: "gene-laboratory", maxlength: 120, autocomplete: "off" });
    const at = el("input", { id: "gene-at", type: "date" });
    const say = async () => {
      if (at.value === "" || value.value.trim() === "") return setText(this.node.querySelector(".problem"), t("cds.gene-whole"));
      const body = { gene: gene.value, value: value.value.trim(), laboratory: laboratory.value.trim(), at_ms: new Date(at.value).getTime() };
      const patient = this.whose;
      this.#took(patient, await asked("POST", this.#path(patient), body));
    };
    const rows = [["cds.gene", gene], ["cds.gene-value", value], ["cds.laboratory", laboratory], ["cds.gene-at", at]];
    return el("div", { class: "override" }, ...rows.flatMap(([key, field]) => [el("label", { for: field.id }, t(key)), field]), el("button", { type: "button", onclick: say }, t("cds.gene-say")));
  }
}
