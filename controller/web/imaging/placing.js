// The form by which imaging is ordered for the patient on a bed.
import { done } from "/people/page.js";
import { el, show } from "/screen/dom.js";
import { named, t } from "/public/i18n.js";

const MODALITIES = ["CR", "CT", "DX", "ECG", "MR", "NM", "PT", "RF", "US", "XA"];
const PRIORITIES = ["routine", "urgent", "asap", "stat"];
/** Nobody is chosen until a person chooses: an order for whoever comes first is an order for the wrong patient. */
const UNCHOSEN = () => ["", t("orders.choose")];

export class Placing {
  constructor(form, button, onPlaced) {
    Object.assign(this, { form, button, onPlaced, beds: null });
    button.addEventListener("click", () => this.#toggle());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#place();
    });
  }

  draw() {
    if (this.beds === null || this.form.hidden) return;
    const kept = this.#given();
    this.form.replaceChildren(
      field("order-bed", t("orders.bed"), select([UNCHOSEN(), ...this.beds.map((bed) => [bed.id, `${bed.name} · ${bed.patient.name}`])])),
      field("order-modality", t("worklist.modality"), select([UNCHOSEN(), ...MODALITIES.map((one) => [one, one])])),
      field("order-part", t("orders.part"), el("input", { maxlength: 64, required: true, autocomplete: "off" })),
      field("order-reason", t("orders.reason"), el("input", { maxlength: 500, required: true, autocomplete: "off" })),
      field("order-priority", t("orders.priority"), select(PRIORITIES.map((one) => [one, named("orders.priority", one)]))),
      field("order-station", t("orders.station"), el("input", { maxlength: 16, autocomplete: "off", spellcheck: "false" })),
      el("button", { type: "submit", class: "primary" }, t("orders.place")),
    );
    for (const [id, value] of kept) document.getElementById(id).value = value;
  }

  #given() {
    return [...this.form.querySelectorAll("input, select")].map((one) => [one.id, one.value]);
  }

  /** Who lies where is asked when the form is opened: it has to be the one who lies there now. */
  async #toggle() {
    if (this.form.hidden) {
      const now = await done("GET", "/api/snapshot");
      if (now === undefined) return;
      this.beds = now.beds.filter((bed) => bed.patient !== null);
    }
    show(this.form, this.form.hidden);
    this.button.setAttribute("aria-expanded", String(!this.form.hidden));
    this.draw();
    if (!this.form.hidden) document.getElementById("order-bed").focus();
  }

  async #place() {
    const given = Object.fromEntries(this.#given().map(([id, value]) => [id.replace("order-", ""), value.trim()]));
    const bed = this.beds.find((one) => one.id === given.bed);
    if (bed === undefined) return;
    const placed = await done("POST", "/api/imaging/orders", { ...given, patient: bed.patient.identifier });
    if (placed === undefined) return;
    this.form.replaceChildren();
    show(this.form, false);
    this.button.setAttribute("aria-expanded", "false");
    await this.onPlaced();
    this.button.focus();
  }
}

function field(id, label, input) {
  input.id = id;
  return el("div", {}, el("label", { for: id }, label), input);
}

function select(pairs) {
  return el("select", { required: true }, ...pairs.map(([value, text]) => el("option", { value }, text)));
}
