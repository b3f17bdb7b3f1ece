// Patients whom crews hand over: somebody of the receiving ward picks a free bed, and confirms once.
import { age } from "/screen/format.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { send } from "./api.js";

export class Offers {
  /** `again()` asks anew what can be taken over: it is given to `take`. `level`: of the heading. */
  constructor(again, level = "h3") {
    Object.assign(this, { again, may: false, held: null, shows: () => true });
    this.list = el("ul");
    this.node = el("section", { class: "offers", hidden: true }, el(level, { "data-t": "offers.title" }, t("offers.title")), this.list);
  }

  person(me) {
    this.may = me.permissions.includes("ward:assign");
  }

  /** `held`: the answer of /api/offers, or null. */
  take(held, shows = this.shows) {
    Object.assign(this, { held, shows });
  }

  /** `patientOn(vehicle)`: who the stream says is on board. */
  update(now, patientOn) {
    const offers = (this.held?.offers ?? []).filter(this.shows);
    show(this.node, offers.length > 0);
    keep(this.list, offers, (one) => `${one.vehicle} ${one.stay}`, (one) => this.#make(one), (item, one) => {
      const patient = one.patient ?? patientOn(one.vehicle);
      this.#update(item, one, patient?.name ?? "", now);
    });
  }

  #make({ vehicle, stay }) {
    const bed = el("select", { id: `offer-bed-${stay}`, required: true });
    const label = el("label", { for: bed.id, "data-t": "offers.bed" }, t("offers.bed"));
    const legend = el("legend", { "data-t": "offers.devices" }, t("offers.devices"));
    const devices = el("fieldset", {}, legend, el("div"));
    const button = el("button", { class: "primary" });
    const form = el("form", {}, label, bed, devices, button);
    const texts = ["who", "said", "open", "none"].map((name) => el("p", { class: name }));
    const item = el("li", {}, ...texts, form, el("p", { class: "problem", role: "alert" }));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const with_ = [...devices.querySelectorAll("input:checked")].map((one) => one.value);
      this.#confirm(item, vehicle, { stay, bed: bed.value, devices: with_ });
    });
    return item;
  }

  #update(item, one, name, now) {
    const [who, said, open, none] = item.children;
    const told = { by: one.by, to: one.to, age: age(Math.max(now - (one.to_ms ?? one.at_ms), 0)) };
    setText(who, t("offers.from", { name: one.name, patient: name }));
    setText(said, t(one.to_ms !== null ? "offers.paper" : one.to ? "offers.said-to" : "offers.said", told));
    setText(open, t("offers.unanswered", { what: one.unanswered.map((what) => t(`resource.${what}`)).join(", ") }));
    show(open, one.unanswered.length > 0);
    const { beds } = this.held;
    setText(none, t("offers.none"));
    show(none, this.may && beds.length === 0);
    const form = item.querySelector("form");
    show(form, this.may && beds.length > 0);
    fillBeds(form.querySelector("select"), beds);
    fillDevices(form.querySelector("fieldset"), one.devices);
    setText(form.querySelector("button"), name ? t("offers.take-of", { patient: name }) : t("offers.take"));
  }

  async #confirm(item, vehicle, body) {
    const [button, problem] = [item.querySelector("button"), item.querySelector(".problem")];
    button.disabled = true;
    try {
      await send("POST", `/api/vehicles/${encodeURIComponent(vehicle)}/handover`, body);
      setText(problem, "");
    } catch (error) {
      if (error.name !== "Refusal" && !(error instanceof TypeError)) throw error;
      setText(problem, error.name === "Refusal" ? error.message : t("offers.failed"));
    } finally {
      button.disabled = false;
    }
    await this.again();
  }
}

/** What was chosen stays chosen as long as it is free. */
function fillBeds(select, beds) {
  const known = JSON.stringify([t("offers.choose"), beds]);
  if (select.known === known) return;
  const chosen = select.value;
  const options = beds.map((bed) => el("option", { value: bed.id }, bed.name));
  select.replaceChildren(el("option", { value: "" }, t("offers.choose")), ...options);
  select.value = beds.some((bed) => bed.id === chosen) ? chosen : "";
  select.known = known;
}

function fillDevices(set, devices) {
  show(set, devices.length > 0);
  keep(set.lastChild, devices, (one) => one, (one) => el("label", {}, el("input", { type: "checkbox", value: one }), one), () => {});
}
