// What a person is told and has not read: rejected by the pharmacy, recalled, due again, given without a witness.
import { change } from "./asking.js";
import { age } from "/screen/format.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";

export class Notices {
  /** `onPatient(identifier)`: somebody wants to see whose it is; null: this page shows no patient. */
  constructor(section, onPatient) {
    Object.assign(this, { section, onPatient, held: [], asked: 0 });
  }

  /** `asked`: the controller's time of the answer. */
  show(notices, asked = this.asked) {
    Object.assign(this, { held: notices, asked });
    show(this.section, notices.length > 0);
    keep(this.section.querySelector("ul"), notices, (one) => String(one.id), (one) => this.#item(one), () => {});
    this.tick(asked);
  }

  /** How old each is, at the controller's time `now`. */
  tick(now) {
    for (const node of this.section.querySelectorAll("[data-told]")) setText(node, t("age.ago", { age: age(Math.max(now - Number(node.dataset.told), 0)) }));
  }

  draw() {
    this.section.querySelector("ul").replaceChildren();
    this.show(this.held);
  }

  #item(one) {
    const who = one.patient.name;
    const open = this.onPatient === null ? [] : [el("button", { type: "button", "aria-label": t("rx.open-of", { who }), onclick: () => this.onPatient(one.patient.identifier) }, t("rx.open"))];
    const read = el("button", { type: "button", "aria-label": t("rx.read-of", { who }), onclick: () => this.#read(one) }, t("rx.read"));
    return el(
      "li",
      { "data-kind": one.kind },
      el("b", {}, `${named("rx.notice", one.kind)} · ${who}`),
      el("span", {}, detail(one)),
      el("span", { class: "note" }, `${one.number} · ${moment(one.at_ms)} · `, el("span", { "data-told": one.at_ms })),
      el("div", { class: "row" }, ...open, read),
    );
  }

  async #read(one) {
    const answer = await change(this.section.querySelector(".problem"), "PUT", `/api/prescriptions/notices/${one.id}/read`);
    if (!answer.ok) return;
    this.show(this.held.filter((other) => other.id !== one.id));
    this.section.querySelector("h2").focus();
  }
}

/** Of what was given without a witness: its number, by whom, why. Of others, as it was told. */
function detail({ kind, detail: told }) {
  if (kind !== "unwitnessed") return told;
  const [number, by, why, ...words] = told.split(" · ");
  return [number, by, named("alone.reason", why), ...words].join(" · ");
}
