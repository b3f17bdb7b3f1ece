// What a physician asks of a vehicle's crew: one tap, or a sentence. It is for the patient who was shown meanwhile.
import { el, setText, show } from "/screen/dom.js";
import { put } from "./api.js";
import { onLanguage, t } from "/public/i18n.js";

const TAPS = ["ecg-12", "repeat-bp", "oxygen", "aspirin", "iv-access", "no-delay", "cath-lab", "shock-room", "stroke-unit", "call-me"];

export class Instruct {
  constructor(again) {
    Object.assign(this, { again, may: false, bed: null, patient: null, tried: null });
    this.taps = TAPS.map((code) => el("button", { type: "button", "data-t": `crew.ask.${code}`, onclick: () => this.#send(t(`crew.ask.${code}`)) }, t(`crew.ask.${code}`)));
    this.text = el("input", { id: "instruction", maxlength: 300, autocomplete: "off", required: true });
    const label = el("label", { for: "instruction", "data-t": "crew.text" }, t("crew.text"));
    const send = el("button", { class: "primary", "data-t": "crew.send" }, t("crew.send"));
    this.problem = el("p", { role: "status", class: "problem" });
    this.form = el("form", {}, label, this.text, send);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(this.text.value);
    });
    const taps = el("div", { class: "taps", role: "group", "data-t-label": "crew.taps" }, ...this.taps);
    this.node = el("div", { class: "instruct", hidden: true }, taps, this.form, this.problem);
    const name = () => (taps.ariaLabel = t("crew.taps"));
    name();
    onLanguage(name);
  }

  person(me) {
    this.may = me.permissions.includes("crew:instruct");
  }

  open(bed) {
    this.bed = bed;
    this.#begin(bed.patient?.identifier ?? null, bed);
  }

  /** Another patient: nothing that was written for the one before is kept. */
  #begin(patient, bed) {
    this.patient = patient;
    if (bed !== this.bed) return;
    this.form.reset();
    setText(this.problem, "");
  }

  update(bed) {
    const patient = bed.patient?.identifier ?? null;
    this.bed = bed;
    if (patient !== this.patient) this.#begin(patient, bed);
    show(this.node, this.may && patient !== null);
  }

  /** Tried again because no answer came, it is the same instruction: it has the same number. */
  async #send(text) {
    const { bed, patient } = this;
    const key = JSON.stringify([bed.id, patient, text]);
    if (this.tried?.key !== key) this.tried = { key, number: newNumber() };
    const path = `/api/beds/${encodeURIComponent(bed.id)}/crew/instructions/${this.tried.number}`;
    try {
      await put(path, { patient, text });
      this.tried = null;
      this.form.reset();
      setText(this.problem, "");
    } catch (error) {
      setText(this.problem, error.name === "Refusal" ? error.message : t("crew.not-sent"));
    }
    await this.again();
  }
}

const newNumber = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
