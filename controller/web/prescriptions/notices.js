// What a prescriber is told and has not read: rejected by the pharmacy, recalled, due again, changed by somebody else.
import { change } from "./asking.js";
import { el, keep, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";

export class Notices {
  /** `onPatient(identifier)`: somebody wants to see whose it is. */
  constructor(section, onPatient) {
    Object.assign(this, { section, onPatient, held: [] });
  }

  show(notices) {
    this.held = notices;
    show(this.section, notices.length > 0);
    keep(this.section.querySelector("ul"), notices, (one) => String(one.id), (one) => this.#item(one), () => {});
  }

  draw() {
    this.section.querySelector("ul").replaceChildren();
    this.show(this.held);
  }

  #item(one) {
    const who = one.patient.name;
    const open = el("button", { type: "button", "aria-label": t("rx.open-of", { who }), onclick: () => this.onPatient(one.patient.identifier) }, t("rx.open"));
    const read = el("button", { type: "button", "aria-label": t("rx.read-of", { who }), onclick: () => this.#read(one) }, t("rx.read"));
    return el(
      "li",
      { "data-kind": one.kind },
      el("b", {}, `${named("rx.notice", one.kind)} · ${who}`),
      el("span", {}, one.detail),
      el("span", { class: "note" }, `${one.number} · ${moment(one.at_ms)}`),
      el("div", { class: "row" }, open, read),
    );
  }

  async #read(one) {
    const answer = await change(this.section.querySelector(".problem"), "PUT", `/api/prescriptions/notices/${one.id}/read`);
    if (!answer.ok) return;
    this.show(this.held.filter((other) => other.id !== one.id));
    this.section.querySelector("h2").focus();
  }
}
