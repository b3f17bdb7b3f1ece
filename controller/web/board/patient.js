// Who lies in the bed: name and identifier, set or removed.
import { el } from "/screen/dom.js";
import { heading } from "./panel.js";
import { put, remove } from "./api.js";
import { t } from "/public/i18n.js";

function field(name, limit) {
  const input = el("input", { id: `patient-${name}`, name, required: true, maxlength: limit, autocomplete: "off" });
  const label = el("label", { for: input.id, "data-t": `patient.${name}` }, t(`patient.${name}`));
  return { input, label };
}

export class PatientForm {
  constructor() {
    this.identifier = field("identifier", 64);
    this.name = field("name", 120);
    this.message = el("p", { role: "status", class: "problem" });
    const save = el("button", { class: "primary", "data-t": "patient.save" }, t("patient.save"));
    const discharge = { type: "button", "data-t": "patient.discharge", onclick: () => this.#send(() => this.#remove()) };
    this.discharge = el("button", discharge, t("patient.discharge"));
    const parts = [this.identifier.label, this.identifier.input, this.name.label, this.name.input];
    this.form = el("form", { class: "patient-form" }, ...parts, save, this.discharge, this.message);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(() => this.#save());
    });
    this.node = el("section", {}, heading("bed.patient"), this.form);
  }

  open(bed) {
    this.path = `/api/beds/${encodeURIComponent(bed.id)}/patient`;
    this.identifier.input.value = bed.patient?.identifier ?? "";
    this.name.input.value = bed.patient?.name ?? "";
    this.message.textContent = "";
  }

  #save() {
    return put(this.path, { identifier: this.identifier.input.value, name: this.name.input.value });
  }

  async #remove() {
    await remove(this.path);
    this.form.reset();
  }

  async #send(change) {
    try {
      await change();
      this.message.textContent = t("patient.saved");
    } catch (error) {
      this.message.textContent = error.message;
    }
  }
}
