// Who an unknown patient is: the same stay goes on under the real name, with all that belongs to it.
import { el, setText, show } from "/screen/dom.js";
import { send } from "./api.js";
import { heading } from "./panel.js";
import { t } from "/public/i18n.js";

const UNKNOWN = "UNKNOWN-";

function field(name, limit) {
  const input = el("input", { id: `identify-${name}`, name, required: true, maxlength: limit, autocomplete: "off" });
  return [el("label", { for: input.id, "data-t": `patient.${name}` }, t(`patient.${name}`)), input];
}

export class Identify {
  constructor() {
    Object.assign(this, { may: false, bed: null });
    const save = el("button", { class: "primary", "data-t": "crew.identify" }, t("crew.identify"));
    this.form = el("form", { class: "patient-form" }, ...field("identifier", 64), ...field("name", 120), save);
    this.problem = el("p", { role: "status", class: "problem" });
    this.form.addEventListener("submit", (event) => this.#submit(event));
    const why = el("p", { "data-t": "crew.unknown" }, t("crew.unknown"));
    this.node = el("section", { class: "identify", hidden: true }, heading("crew.who"), why, this.form, this.problem);
  }

  person(me) {
    this.may = me.permissions.includes("ward:assign");
  }

  open(bed) {
    this.bed = bed;
    this.form.reset();
    setText(this.problem, "");
  }

  update(bed) {
    this.bed = bed;
    show(this.node, this.may && Boolean(bed.patient?.identifier.startsWith(UNKNOWN)));
  }

  async #submit(event) {
    event.preventDefault();
    const { identifier, name } = this.form.elements;
    try {
      await send("POST", `/api/beds/${encodeURIComponent(this.bed.id)}/identify`, { identifier: identifier.value, name: name.value });
      this.form.reset();
      setText(this.problem, "");
    } catch (error) {
      setText(this.problem, error.message);
    }
  }
}
