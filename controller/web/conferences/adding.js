// More people and more patients for a conference that there is.
import { el } from "/screen/dom.js";
import { Experts } from "./experts.js";
import { Patients } from "./patients.js";
import { languageTag, t } from "./words.js";

export class Adding {
  #people = null;
  #cases = null;
  #language = "";

  constructor(one) {
    this.one = one;
  }

  /** What who asks may add now; the same nodes each time: somebody may be writing in them. */
  nodes() {
    if (this.#language !== languageTag()) this.#make();
    const { state } = this.one.told.conference;
    const isToCome = ["proposed", "booked", "in-progress"].includes(state);
    const nodes = this.one.leads && isToCome ? [this.#people] : [];
    return this.one.mine.answer === "accepted" && isToCome ? [...nodes, this.#cases] : nodes;
  }

  #make() {
    this.#language = languageTag();
    const when = () => ({ at_ms: this.one.told.conference.start_ms, minutes: this.one.told.conference.minutes });
    const experts = new Experts({ chosen: ({ actor }) => this.one.change("POST", "/members", { members: [{ actor }] }), when });
    const patients = new Patients(({ patient, question }) => this.one.change("POST", "/cases", { patient, question }));
    this.#people = el("details", { class: "more-people" }, el("summary", {}, t("mc.more-people")), experts.node);
    this.#cases = el("details", { class: "more-cases" }, el("summary", {}, t("mc.more-cases")), patients.node);
  }
}
