// A ward's bed among the limits: of which class its patient is, and which of its boxes do not know of it yet.
import { clockTime } from "/screen/format.js";
import { el, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";

const CLASSES = ["", "adult", "child", "neonate"];

export class WardBed {
  /** `choose(class)`, an empty text for that of the bed, says whether it was taken. A choice is only a draft until a
   *  touch of its own sends it, as for the limits. */
  constructor(choose) {
    Object.assign(this, { held: null, choose });
    this.options = CLASSES.map((one) => new Option("", one));
    this.select = el("select", { id: "patient-class", onchange: () => this.#drafted() }, ...this.options);
    this.set = el("button", { type: "button", class: "primary", hidden: true, onclick: () => this.#set() });
    this.said = el("p", { class: "said", role: "status" });
    this.boxes = el("p", { class: "attention", role: "status" });
    const label = el("label", { for: "patient-class", "data-t": "limits.class" }, t("limits.class"));
    this.form = el("p", { class: "choose" }, label, this.select, this.set);
    this.node = el("div", { class: "ward-bed", hidden: true }, this.boxes, this.form, this.said);
  }

  /** Another patient: what was chosen for the one before is nobody's. */
  forget() {
    if (this.held) this.select.value = this.held.chosen;
    show(this.set, false);
  }

  /** `held`: `ward` of the limits, null where the bed is a vehicle's. */
  update(held, may) {
    const draft = this.held && this.select.value !== this.held.chosen;
    this.held = held;
    show(this.node, held !== null);
    if (held === null) return;
    for (const option of this.options) setText(option, option.value ? t(`limits.class.${option.value}`) : t("limits.class.usual", { class: usualOf(held) }));
    if (!draft) this.select.value = held.chosen;
    this.select.disabled = !may;
    this.#drafted();
    const { asked } = held;
    setText(this.said, asked ? t("limits.class.asked", { ...wordsOf(asked), class: nameOf(asked.value, held) }) : "");
    setText(this.boxes, notYet(held.boxes));
  }

  #drafted() {
    show(this.set, this.select.value !== this.held.chosen);
    setText(this.set, t("limits.class.set", { class: nameOf(this.select.value, this.held) }));
  }

  async #set() {
    const chosen = this.select.value;
    if (!(await this.choose(chosen))) return;
    this.select.value = this.held?.chosen ?? "";
    show(this.set, false);
  }
}

/** Who asked for it, when, and which boxes have not said that it holds. */
export const wordsOf = ({ by, at_ms: at, waits, why }) => ({ by, why, time: clockTime(at), boxes: waits.join(", ") });

const nameOf = (chosen, held) => (chosen ? t(`limits.class.${chosen}`) : t("limits.class.usual", { class: usualOf(held) }));

/** "adult", or where the bed's boxes differ "ward-a: adult, ward-b: child". */
function usualOf({ usual, boxes }) {
  const known = boxes.filter((one) => one.usual);
  if (known.every((one) => one.usual === usual)) return t(`limits.class.${usual}`);
  return known.map((one) => `${one.gateway}: ${t(`limits.class.${one.usual}`)}`).join(", ");
}

function notYet(boxes) {
  const named = (those) => those.map((one) => one.gateway).join(", ");
  const unheard = boxes.filter((one) => one.usual && !one.class);
  const old = boxes.filter((one) => !one.usual);
  return [
    ...(unheard.length ? [t("limits.unheard", { boxes: named(unheard) })] : []),
    ...(old.length ? [t("limits.too-old", { boxes: named(old) })] : []),
  ].join(" ");
}
