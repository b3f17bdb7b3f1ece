// The limits of the patient on board: the box's table, and what was moved, here or in the hospital.
import { el, setText, show } from "/screen/dom.js";
import { LimitRows } from "/screen/limits.js";
import { LIMITS } from "./known.js";
import { t } from "/screen/i18n.js";

export class Limits {
  constructor(box, teller) {
    Object.assign(this, { box, teller, stay: null });
    this.whose = el("p", { class: "whose" });
    this.rows = new LimitRows((code, value) => this.#send(code, value));
    this.node = el("div", {}, this.whose, this.rows.node);
  }

  open() {
    this.update();
  }

  update() {
    const { limits } = this.box;
    show(this.rows.node, limits !== null);
    if (limits === null) return;
    if (limits.stay !== this.stay) {
      this.stay = limits.stay;
      this.rows.forget();
    }
    setText(this.whose, t(limits.stay ? "limit.of" : "limit.nobody", { class: t(`class.${limits.class}`) }));
    this.rows.update(LIMITS[limits.class].map((row) => ({ ...row, ...moved(limits.moved[row.code]) })), limits.stay !== "");
  }

  #send(code, value) {
    return this.teller.send("POST", "/api/alarms/limits", { stay: this.stay, code, value });
  }
}

const moved = (one) => (one ? { value: one.value, said: t("limit.by", { by: one.by }) } : { value: null, said: "" });
