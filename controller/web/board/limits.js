// Limits of the patient on board of a vehicle, in the opened panel: what its box says that holds, and how one is moved.
import { clockTime } from "/screen/format.js";
import { el, setText, show } from "/screen/dom.js";
import { get, send } from "./api.js";
import { heading } from "./panel.js";
import { LimitRows } from "/screen/limits.js";
import { t } from "/public/i18n.js";

const ASK_MS = 15_000;
/** As often, while the box has not answered. */
const ASK_SOON_MS = 2_000;

export class Limits {
  constructor() {
    Object.assign(this, { id: null, held: null, may: false, patient: null, timer: null, asked: 0 });
    this.whose = el("p");
    this.problem = el("p", { class: "problem", role: "status" });
    this.rows = new LimitRows((code, value) => this.#move(code, value));
    this.more = el("details", {}, el("summary", { "data-t": "limits.open" }, t("limits.open")), this.whose, this.problem, this.rows.node);
    this.node = el("section", { class: "patient-limits", hidden: true }, heading("limits.title"), this.more);
  }

  person(me) {
    this.may = me.permissions.includes("crew:instruct");
  }

  open(bed) {
    Object.assign(this, { id: bed.id, held: null, patient: null });
    this.more.open = false;
    show(this.node, false);
    this.timer = setInterval(() => this.#often(), ASK_SOON_MS);
    this.ask();
  }

  close() {
    clearInterval(this.timer);
    Object.assign(this, { id: null, held: null });
  }

  #often() {
    const waits = this.held?.limits.some(({ asked }) => asked?.state === "sent");
    if (waits || performance.now() - this.asked >= ASK_MS) this.ask();
  }

  async ask() {
    const { id } = this;
    this.asked = performance.now();
    try {
      const { present } = await get(`/api/beds/${encodeURIComponent(id)}/alarms/limits`);
      if (id === this.id) this.#take(present);
    } catch (error) {
      if (error.name !== "Refusal" && !(error instanceof TypeError)) throw error;
    }
  }

  /** Another patient: nothing that was drafted for the one before is kept. */
  #take(held) {
    if (held?.patient !== this.patient) {
      this.rows.forget();
      setText(this.problem, "");
    }
    Object.assign(this, { held, patient: held?.patient });
    show(this.node, held !== null);
    if (held === null) return;
    setText(this.whose, t("limits.of", { class: t(`limits.class.${held.class}`) }));
    this.rows.update(held.limits.map((one) => ({ ...one, said: saidOf(one) })), this.may);
  }

  async #move(code, value) {
    try {
      await send("POST", `/api/beds/${encodeURIComponent(this.id)}/alarms/limits`, { patient: this.patient, code, value });
      setText(this.problem, "");
      return true;
    } catch (error) {
      setText(this.problem, error.name === "Refusal" ? error.message : t("crew.not-sent"));
      return false;
    } finally {
      await this.ask();
    }
  }
}

/** "moved by kim, 14:03 · asked for 150 by Dr Li: not yet at the box" */
function saidOf({ by, at_ms: at, value, asked, usual }) {
  const moved = value === null ? [] : [t("limits.by-at", { by, time: clockTime(at) })];
  const wanted = asked && t(`limits.${asked.state}`, { ...asked, value: asked.value || usual, time: clockTime(asked.at_ms) });
  return [...moved, ...(wanted ? [wanted] : [])].join(" · ");
}
