// What is on its way to the patient in an opened bed: who has it, since when, and when a robot brings it.
import { age } from "/screen/format.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { fillRide, rideLines } from "/prescriptions/ride.js";
import { get } from "./api.js";
import { heading } from "./panel.js";
import { onLanguage, t } from "/public/i18n.js";

const EVERY_MS = 15_000;

export class Coming {
  constructor(clock) {
    Object.assign(this, { clock, whose: undefined, may: false, timer: null, asked: 0, ways: [] });
    this.problem = el("p", { class: "problem", role: "status" });
    this.list = el("ul");
    this.node = el("section", { class: "bed-coming", hidden: true }, heading("rx.of-bed-coming"), this.problem, this.list);
    onLanguage(() => this.#clear());
  }

  person(me) {
    this.may = me.state === "open" && me.permissions.includes("rx:read");
    this.#clear();
  }

  open(bed) {
    this.#take(bed);
    this.timer = setInterval(() => this.#load(), EVERY_MS);
  }

  /** Somebody else lies there: nothing of the one before stays. Estimates grow older. */
  update(bed, now) {
    if (bed.patient?.identifier !== this.whose) this.#take(bed);
    else this.#draw(now);
  }

  close() {
    clearInterval(this.timer);
    this.#take({ patient: null });
  }

  #take(bed) {
    this.whose = bed.patient?.identifier;
    this.#clear();
  }

  #clear() {
    this.ways = [];
    this.list.replaceChildren();
    setText(this.problem, "");
    show(this.node, false);
    this.#load();
  }

  async #load() {
    const { whose } = this;
    if (whose === undefined || !this.may) return;
    try {
      const { deliveries, server_ms: asked } = await get(`/api/deliveries?${new URLSearchParams({ patient: whose })}`);
      if (whose !== this.whose) return;
      Object.assign(this, { asked, ways: deliveries.filter((one) => one.state === "in-progress") });
      setText(this.problem, "");
    } catch (error) {
      if (error.name !== "Refusal" && !(error instanceof TypeError)) throw error;
      if (whose !== this.whose) return;
      setText(this.problem, t("rx.of-bed-coming-failed", { message: error.message }));
    }
    show(this.node, this.ways.length > 0 || this.problem.textContent !== "");
    this.#draw(this.clock.now());
  }

  #draw(now) {
    keep(this.list, this.ways, (one) => one.number, make, (node, one) => this.#fill(node, one, now));
  }

  #fill(node, one, now) {
    const last = one.custody.at(-1);
    setText(node.querySelector(".what"), t("round.way-what", { rx: one.prescription, number: one.number, to: one.destination }));
    setText(node.querySelector(".where"), t("round.way-where", { holder: last.holder, spot: last.spot, apart: age(Math.max(now - last.at_ms, 0)) }));
    setText(node.querySelector(".loud"), one.coming_back ? t("round.way-back") : "");
    fillRide(node, one, this.asked, now);
  }
}

const make = (one) => el("li", { "data-way": one.number }, el("b", { class: "what" }), el("span", { class: "where" }), el("p", { class: "loud" }), rideLines());
