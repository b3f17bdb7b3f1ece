// Decision support beside our own checks: asked of the patient when the form opens, of the prescription before it is signed.
// A service that did not answer is told as not checked; signing goes on.
import { asked, reason } from "./asking.js";
import { card } from "./card.js";
import { el, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";

export class Support {
  /** `onDrop(why)`: the person takes the suggestion not to prescribe it. */
  constructor(node, onDrop) {
    Object.assign(this, { node, onDrop, patient: null, order: null, of: null, seen: new Set(), problem: "" });
    [this.state, this.list] = [".state", ".cards"].map((one) => node.querySelector(one));
  }

  /** `patient` null: the form is closed. */
  async open(patient) {
    Object.assign(this, { patient: null, order: null, of: null, seen: new Set(), problem: "", whose: patient });
    show(this.node, false);
    if (patient === null) return;
    const answer = await asked("POST", "/api/cds/patient-view", { patient: patient.identifier });
    if (this.whose !== patient) return;
    this.problem = answer.ok ? "" : t("cds.failed", { why: reason(answer) });
    this.patient = answer.ok ? answer.data.look : null;
    this.draw();
  }

  /** Why the draft `kept` may not be signed yet, in words; "": it may. */
  async before(kept) {
    const { whose } = this;
    if (this.of !== `${kept.number} ${kept.revision}`) {
      setText(this.state, t("cds.asking"));
      const answer = await asked("POST", `/api/prescriptions/${kept.number}/cds`, undefined, { "If-Match": `"${kept.revision}"` });
      if (whose !== this.whose) return t("cds.unsaid");
      if (!answer.ok) return t("cds.failed", { why: reason(answer) });
      this.order = answer.data.look;
      this.of = `${kept.number} ${kept.revision}`;
      this.draw();
    }
    if (this.order === null) return "";
    const keys = this.order.answers.flatMap((one) => one.cards.map(({ key }) => key));
    const isNew = keys.some((key) => !this.seen.has(key));
    for (const key of keys) this.seen.add(key);
    if (this.order.unacknowledged.length > 0) {
      this.list.querySelector(`[data-card="${this.order.unacknowledged[0]}"] :is(select, input)`)?.focus();
      return t("cds.unsaid");
    }
    return isNew ? t("cds.look-first") : "";
  }

  /** What was not checked of the prescription, for whoever signs it. */
  missed() {
    return (this.order?.answers ?? []).filter((one) => one.code !== "").map(notChecked);
  }

  draw() {
    const looks = [["patient", this.patient], ["order", this.order]].filter(([, look]) => look !== null);
    show(this.node, looks.length > 0 || this.problem !== "");
    setText(this.state, this.problem || (this.of === null ? t("cds.before-signing") : ""));
    this.state.dataset.state = this.problem ? "failed" : "done";
    const typed = new Map([...this.list.querySelectorAll("input, select")].map((one) => [one.id, one.value]));
    this.list.replaceChildren(...looks.flatMap(([name, look]) => this.#look(name, look)));
    for (const [id, value] of typed) {
      const field = document.getElementById(id);
      if (field !== null) field.value = value;
    }
  }

  #look(name, look) {
    const cards = look.answers.flatMap((answer) => answer.cards.map((one) => {
      const done = look.outcomes.filter((outcome) => outcome.card === one.key);
      return card(one, answer, done, (outcome) => this.#judge(name, look, one, outcome));
    }));
    const missed = look.answers.filter((one) => one.code !== "").map((one) => el("li", { class: "missed" }, notChecked(one)));
    const silent = look.answers.filter((one) => one.code === "" && one.cards.length === 0).map((one) => el("li", { class: "note" }, t("cds.no-cards", { who: one.title || one.service })));
    const head = el("h4", {}, `${t(`cds.about-${name}`)} · ${t("cds.asked", { when: moment(look.asked_ms) })}`);
    return [head, el("ul", { class: "hints" }, ...cards, ...missed, ...silent)];
  }

  async #judge(name, look, { key, card: told }, { drops, ...outcome }) {
    const answer = await asked("PUT", `/api/cds/looks/${look.id}/cards/${key}`, outcome);
    if (!answer.ok) return setText(this.state, reason(answer));
    if (this[name]?.id === look.id) this[name] = answer.data.look;
    this.draw();
    if (drops !== undefined) this.onDrop(told.summary, drops);
  }
}

export const notChecked = (one) => t("cds.not-checked", { who: one.title || one.service, why: named("cds.code", one.code) });
