// Limits of one patient, in the opened panel: what the boxes of the bed, or that of the vehicle, say that holds, and how
// one is moved.
import { clockTime } from "/screen/format.js";
import { el, setText, show } from "/screen/dom.js";
import { get, send } from "./api.js";
import { heading } from "./panel.js";
import { LimitRows } from "/screen/limits.js";
import { t } from "/public/i18n.js";
import { WardBed, wordsOf } from "./ward-bed.js";

const ASK_MS = 15_000;
/** As often, while the box has not answered. */
const ASK_SOON_MS = 2_000;

export class Limits {
  constructor() {
    Object.assign(this, { id: null, held: null, permissions: [], patient: null, timer: null, asked: 0 });
    this.whose = el("p");
    this.problem = el("p", { class: "problem", role: "status" });
    this.rows = new LimitRows((code, value) => this.#send(this.held.ward ? "ward-limits" : "limits", { code, value }));
    this.ward = new WardBed((chosen) => this.#send("class", { class: chosen }));
    this.more = el("details", {}, el("summary", { "data-t": "limits.open" }, t("limits.open")), this.whose, this.ward.node, this.problem, this.rows.node);
    this.title = heading("limits.title");
    this.node = el("section", { class: "patient-limits", hidden: true }, this.title, this.more);
  }

  person(me) {
    this.permissions = me.permissions;
  }

  open(bed) {
    Object.assign(this, { id: bed.id, held: null, patient: null, lies: bed.patient?.identifier });
    this.more.open = false;
    show(this.node, false);
    this.timer = setInterval(() => this.#often(), ASK_SOON_MS);
    this.ask();
  }

  /** Somebody else lies there, as the board hears at once. */
  update(bed) {
    if (bed.patient?.identifier === this.lies) return;
    this.lies = bed.patient?.identifier;
    this.ask();
  }

  close() {
    clearInterval(this.timer);
    Object.assign(this, { id: null, held: null });
  }

  #often() {
    if (waits(this.held) || performance.now() - this.asked >= ASK_MS) this.ask();
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
      this.ward.forget();
      setText(this.problem, "");
    }
    Object.assign(this, { held, patient: held?.patient });
    show(this.node, held !== null);
    if (held === null) return;
    const key = held.ward ? "limits.title.ward" : "limits.title";
    this.title.dataset.t = key;
    setText(this.title, t(key));
    setText(this.whose, t(held.ward ? "limits.of.ward" : "limits.of", { class: t(`limits.class.${held.class}`) }));
    const may = this.permissions.includes(held.ward ? "alarms:limits" : "crew:instruct");
    this.ward.update(held.ward, may);
    this.rows.update(held.limits.map((one) => ({ ...one, said: saidOf(one, held) })), may);
  }

  async #send(what, body) {
    let problem = "";
    try {
      await send("POST", `/api/beds/${encodeURIComponent(this.id)}/alarms/${what}`, { patient: this.patient, ...body });
    } catch (error) {
      problem = error.name === "Refusal" ? error.message : t("crew.not-sent");
    }
    await this.ask(); // which forgets what was said to another patient's
    setText(this.problem, problem);
    return problem === "";
  }
}

/** Whether a box has something to say soon. */
function waits(held) {
  const ward = held?.ward;
  return ward?.asked || ward?.boxes.some((one) => one.usual && !one.class) || held?.limits.some(({ asked }) => asked?.state === "sent");
}

/** "moved by kim, 14:03 · asked for 150 by Dr Li: not yet at the box" */
function saidOf({ by, at_ms: at, value, asked, usual, ended }, { ward }) {
  const said = value === null ? [] : [t("limits.by-at", { by, time: clockTime(at) })];
  if (ended !== null) said.push(t(asked ? "limits.ending" : "limits.ended", { ...(asked && wordsOf(asked)), value: ended, class: t(`limits.class.${ward.chosen || ward.usual}`) }));
  else if (asked) said.push(t(ward ? `limits.ward.${asked.state}` : `limits.${asked.state}`, { ...wordsOf(asked), value: asked.value || usual }));
  return said.join(" · ");
}
