// Handing the patient over: one touch offers, the hospital confirms; without a network the crew ends it on paper.
import { el, setState, setText, show } from "/screen/dom.js";
import { field } from "./fields.js";
import { t } from "/screen/i18n.js";
import { timeOf } from "./times.js";

const SURE_MS = 5_000;

/** What is opened: it offers at once. */
export class HandOver {
  /** `done()` is called when the sheet may be closed. */
  constructor(box, teller, done) {
    Object.assign(this, { box, teller, done, sureUntil: 0 });
    const act = (action) => ({ type: "button", onclick: action });
    this.state = el("p", { class: "handover-state" });
    this.to = field("handover-to", "handover.to", { maxlength: 100 });
    const save = el("button", { class: "primary", "data-t": "handover.save" });
    this.form = el("form", { class: "line" }, this.to.node, save);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#offer();
    });
    this.offer = el("button", { ...act(() => this.#offer()), class: "primary", "data-t": "handover.offer" });
    this.back = el("button", { ...act(() => teller.tell("hand-over", { state: "withdrawn" })), "data-t": "handover.back" });
    this.paper = el("button", { ...act(() => this.#paper()), class: "danger" });
    const why = el("p", { "data-t": "handover.why" });
    this.node = el("div", {}, this.state, this.form, el("div", { class: "line" }, this.offer, this.back, this.paper), why);
  }

  open() {
    Object.assign(this, { sureUntil: 0 });
    this.to.input.value = this.box.case?.handover?.to ?? "";
    if (this.box.stay && !this.box.case.handover) this.#offer();
  }

  update(now) {
    if (!this.box.stay) return this.done();
    const { handover } = this.box.case;
    setText(this.state, handover ? waiting(handover, this.box, now) : t("handover.not-offered"));
    show(this.form, handover !== null);
    show(this.offer, handover === null);
    show(this.back, handover !== null);
    show(this.paper, handover !== null);
    setText(this.paper, t(performance.now() < this.sureUntil ? "handover.paper-sure" : "handover.paper"));
  }

  #offer() {
    return this.teller.tell("hand-over", { state: "offered", to: this.to.input.value.trim() });
  }

  /** Two touches: what follows belongs to the next patient. */
  async #paper() {
    if (performance.now() >= this.sureUntil) {
      this.sureUntil = performance.now() + SURE_MS;
      return;
    }
    this.sureUntil = 0;
    if (!(await this.teller.tell("patient", { action: "end" }))) return;
    this.done();
    this.teller.say(t("handover.on-paper"));
  }
}

/** What stands on the page: the door, and how far the hospital is. */
export class Handed {
  constructor(door, line, box) {
    Object.assign(this, { door, line, box });
  }

  update(now) {
    const { handover, taken } = this.box.case ?? {};
    show(this.door, this.box.stay !== null);
    show(this.line, Boolean(handover || taken));
    setState(this.line, handover ? "waiting" : "taken");
    if (handover) setText(this.line, waiting(handover, this.box, now));
    else if (taken) setText(this.line, t("handover.taken", { by: taken.by, to: taken.to, time: timeOf(taken.at_ms, this.box.clock, now) }));
  }
}

function waiting({ to, at_ms }, box, now) {
  const told = { to, time: timeOf(at_ms, box.clock, now) };
  const words = t(to ? "handover.waiting-to" : "handover.waiting", told);
  return box.uplink?.online === false ? `${words} ${t("handover.offline")}` : words;
}
