// The record of a gateway: a new one, or one as it is, for a new claim.
import { el, setText, show } from "/screen/dom.js";
import { onLanguage, t } from "/public/i18n.js";
import { offer } from "/inventory/fields.js";
import { said } from "/inventory/said.js";
import { send } from "/board/api.js";
import { ID, button, field } from "./fields.js";

const KINDS = ["ward", "vehicle", "simulated"];
const FIELDS = { gateway: ID, name: {}, asset_tag: {}, place: { choice: true, required: true }, kind: { choice: true } };

export class Form {
  /** `onClaim(made)` is given each claim that was made. */
  constructor(node, onClaim) {
    Object.assign(this, { node, onClaim, known: null, places: null });
    this.title = el("h2", { id: "record-title" });
    this.inputs = {};
    const fields = Object.entries(FIELDS).map(([name, attributes]) => {
      const { node: shown, input } = field(`record-${name}`, `gateways.${name}`, attributes);
      this.inputs[name] = input;
      return shown;
    });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.save = el("button", { type: "submit", class: "primary" });
    this.clear = button("gateways.other", () => this.ready());
    const form = el("form", {}, el("div", { class: "fields" }, ...fields), this.problem, el("div", { class: "row" }, this.save, this.clear));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target.tagName !== "SELECT") return;
      event.preventDefault(); // a choice, too, is confirmed by Enter
      form.requestSubmit();
    });
    node.append(this.title, el("p", { class: "note", "data-t": "gateways.note" }, t("gateways.note")), form);
    onLanguage(() => this.#draw());
    this.#draw();
  }

  /** The wards, beds and vehicles that there are. */
  choices({ wards, beds }) {
    this.places = [...wards, ...beds];
    this.#draw();
  }

  /** For the next gateway. */
  ready() {
    this.#fill({ gateway: "", name: "", asset_tag: "", place: this.inputs.place.value, kind: "ward" }, null);
    this.inputs.gateway.focus();
  }

  /** For a box that waits: what it says of itself. */
  propose({ serial }) {
    const tail = serial.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, "-");
    this.#fill({ gateway: `gw-${tail}`.slice(0, ID.maxlength), name: serial, asset_tag: "", place: "", kind: "ward" }, null);
    this.inputs.gateway.focus();
    this.inputs.gateway.select();
  }

  /** A gateway that is known: its record, for a new claim. */
  again(one) {
    this.#fill({ ...one, kind: one.kind || "ward" }, one);
    (one.place ? this.save : this.inputs.place).focus();
  }

  #fill(values, known) {
    this.known = known;
    this.problem.textContent = "";
    for (const name of Object.keys(FIELDS)) this.inputs[name].value = values[name];
    this.inputs.gateway.readOnly = known !== null;
    this.#draw();
  }

  #draw() {
    const chosen = this.inputs.kind.value || "ward";
    this.inputs.kind.replaceChildren(...KINDS.map((kind) => new Option(t(`kind.${kind}`), kind)));
    this.inputs.kind.value = chosen;
    const places = this.places ?? [];
    offer(this.inputs.place, places.map((place) => [place.id, `${place.name} (${place.id})`]), t("record.choose"));
    setText(this.title, this.known ? t("gateways.claim-again", { gateway: this.known.gateway }) : t("gateways.new"));
    setText(this.save, t(this.known ? "gateways.make" : "gateways.add"));
    show(this.clear, this.known !== null);
  }

  async #save() {
    const { gateway, ...record } = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, this.inputs[name].value]));
    this.problem.textContent = "";
    this.save.disabled = true;
    try {
      const made = await send("POST", `/api/provisioning/${encodeURIComponent(gateway)}/claim`, record);
      this.#fill({ gateway: "", name: "", asset_tag: "", place: record.place, kind: record.kind }, null);
      this.onClaim(made);
    } catch (error) {
      this.problem.textContent = said(error);
    } finally {
      this.save.disabled = false;
    }
  }
}
