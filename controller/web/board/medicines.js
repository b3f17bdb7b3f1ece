// The medicines that hold of the patient in an opened bed, and the way to the page where they are written.
import { dosage, state } from "/prescriptions/said.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { get } from "./api.js";
import { heading } from "./panel.js";
import { onLanguage, t } from "/public/i18n.js";

const EVERY_MS = 15_000;
const HOLD = new Set(["active", "on-hold"]);

export class Medicines {
  constructor() {
    Object.assign(this, { bed: null, whose: undefined, may: false, timer: null });
    this.problem = el("p", { class: "problem", role: "status" });
    this.none = el("p", { "data-t": "rx.of-bed-none" }, t("rx.of-bed-none"));
    this.list = el("ul", { class: "medicines" });
    this.way = el("a", { class: "button", "data-t": "rx.to-page" }, t("rx.to-page"));
    this.node = el("section", { class: "bed-medicines", hidden: true }, heading("rx.of-bed"), this.problem, this.none, this.list, this.way);
    onLanguage(() => this.#clear());
  }

  person(me) {
    this.may = me.state === "open" && me.permissions.includes("rx:read");
    this.#clear();
  }

  open(bed) {
    this.bed = bed.id;
    this.#take(bed);
    this.timer = setInterval(() => this.#load(), EVERY_MS);
  }

  /** Somebody else lies there: nothing of the one before stays. */
  update(bed) {
    if (bed.patient?.identifier !== this.whose) this.#take(bed);
  }

  close() {
    clearInterval(this.timer);
    this.bed = null;
    this.#take({ patient: null });
  }

  /** Something is new of somebody's prescriptions. */
  news(items) {
    if (items.some((one) => one.bed === this.bed)) this.#load();
  }

  #take(bed) {
    this.whose = bed.patient?.identifier;
    this.way.href = `/prescriptions#${new URLSearchParams({ bed: this.bed ?? "" })}`;
    this.#clear();
  }

  #clear() {
    this.list.replaceChildren();
    show(this.node, false);
    this.#load();
  }

  async #load() {
    const { whose } = this;
    if (whose === undefined || !this.may) return;
    try {
      const { prescriptions } = await get(`/api/prescriptions?${new URLSearchParams({ patient: whose })}`);
      if (whose === this.whose) this.#show(prescriptions.filter((one) => HOLD.has(one.state)));
    } catch (error) {
      if (error.name !== "Refusal" && !(error instanceof TypeError)) throw error;
      if (whose !== this.whose) return;
      setText(this.problem, t("rx.of-bed-failed", { message: error.message }));
    }
    show(this.node, true);
  }

  #show(found) {
    setText(this.problem, "");
    show(this.none, found.length === 0);
    keep(this.list, found, (one) => `${one.number} ${one.revision}`, make, () => {});
  }
}

function make(one) {
  const name = [el("b", {}, one.wanted.medicine.code.display), ...(one.state === "active" ? [] : [el("span", { class: "why" }, state(one.state))])];
  return el("li", { "data-state": one.state }, ...name, el("span", {}, dosage(one.wanted)), ...(one.wanted.reason ? [el("span", { class: "age" }, one.wanted.reason)] : []));
}
