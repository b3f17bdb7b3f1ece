// The beds of the round: who lies there, and what is late, due now and next.
import { el, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { doseLine } from "./doses.js";
import { standing } from "./when.js";

const URGENT = ["late", "now", "next", "needed", "done", "left-out"];

export class BedList {
  /** `onOpen(bed)`: the nurse goes to it. */
  constructor(node, nothing, onOpen, now) {
    Object.assign(this, { node, nothing, onOpen, now, beds: [] });
  }

  update(beds) {
    this.beds = beds;
    this.draw();
  }

  draw() {
    const focused = this.node.querySelector(":focus")?.closest("li")?.dataset.bed;
    const now = this.now();
    const shown = this.beds.filter((one) => one.items.length > 0);
    show(this.nothing, shown.length === 0);
    setText(this.nothing, t("round.nothing"));
    this.node.replaceChildren(...shown.map((one) => this.#bed(one, now)));
    if (focused) this.node.querySelector(`[data-bed="${CSS.escape(focused)}"] button`)?.focus();
  }

  #bed(bed, now) {
    const counts = Object.groupBy(bed.items, (one) => standing(one, now.utc));
    const worst = URGENT.find((one) => counts[one] !== undefined);
    const open = el("button", { type: "button", class: "primary", "aria-label": t("round.go-to-of", { bed: bed.name, who: bed.patient.name }), onclick: () => this.onOpen(bed) }, t("round.go-to"));
    const head = el("div", { class: "head" }, el("h2", {}, bed.name, el("span", {}, `${bed.patient.name} · ${bed.patient.identifier}`)), open);
    return el("li", { class: "card", "data-bed": bed.bed, "data-stands": worst }, head, ...bed.items.map((one) => doseLine(one, now)));
  }
}
