// The clinical side of a visit, beside its room: notes, a prescription, the next visit, targets at home, the summary.
import { ask } from "/public/ask.js";
import { setText, show } from "/screen/dom.js";
import { Next } from "./next.js";
import { Notes } from "./notes.js";
import { Summary } from "./summary.js";
import { t } from "./words.js";
import { Targets } from "/public/targets.js";
import { Writing } from "/prescriptions/writing.js";

const RETRY_MS = 3000;
const WRITTEN = new Set(["booked", "arrived", "in-progress", "fulfilled", "noshow"]);
const byId = (id) => document.getElementById(id);

export class Desk {
  #visit = null; #me = null;

  constructor(node) {
    this.node = node;
    this.notes = new Notes(byId("notes"));
    this.next = new Next(byId("next"), () => this.notes.note?.reason ?? "");
    this.summary = new Summary(byId("sum"));
    this.targets = new Targets(byId("targets"));
    this.writing = new Writing((words, signed) => this.#wrote(words, signed));
    byId("prescribe").addEventListener("click", () => this.writing.open(this.#visit.patient));
  }

  /** `visit`: the one that is open, null: none; drawn anew only if it is another, or stands elsewhere. */
  show(visit, me) {
    if (me !== null && me.state !== "open") return; // behind the lock; what is typed stays
    const key = (one) => one && `${one.number} ${one.state}`;
    const isSame = me?.user === this.#me?.user;
    if (key(visit) === key(this.#visit) && isSame) return;
    const isOther = visit?.number !== this.#visit?.number || !isSame;
    this.#visit = visit;
    this.#me = me;
    const isWritten = visit !== null && me !== null && WRITTEN.has(visit.state);
    show(this.node, isWritten);
    if (!isWritten) return this.#close();
    show(byId("prescribing"), me.permissions.includes("rx:prescribe"));
    if (isOther) this.#open();
    else this.summary.open(visit, me);
  }

  #open() {
    setText(byId("desk-said"), "");
    this.writing.close();
    for (const one of [this.notes, this.next, this.summary]) one.open(this.#visit, this.#me);
    this.#aim();
  }

  /** Agreed upon in this visit, from the patient's record: for who may see that. */
  #aim() {
    const { number, patient } = this.#visit;
    const may = this.#me.permissions.includes("targets:set");
    if (!this.#me.permissions.includes("patients:read")) return this.targets.close();
    return this.targets.open(`/api/patients/${encodeURIComponent(patient.identifier)}`, { may, visit: number });
  }

  #close() {
    this.writing.close();
    for (const one of [this.notes, this.next, this.summary, this.targets]) one.close();
  }

  draw() {
    for (const one of [this.notes, this.next, this.summary, this.targets, this.writing]) one.draw();
  }

  look() {
    return this.notes.look();
  }

  /** What the room says of it. */
  took(message) {
    if (message.kind === "notes") this.notes.took(message);
    else if (message.kind === "summary") this.summary.took();
    else if (message.kind === "prescribed") setText(byId("desk-said"), t("desk.prescribed", message));
  }

  /** The room is told of what was signed until the controller has heard it. */
  async #wrote(words, signed) {
    if (words !== "") setText(byId("desk-said"), words);
    if (signed === null) return;
    const path = `/api/visits/${this.#visit.number}/prescriptions/${signed}`;
    for (;;) {
      const answer = await ask("PUT", path).catch((error) => (error instanceof TypeError ? null : Promise.reject(error)));
      if (answer?.ok) return this.notes.prescribed(answer.data.prescribed);
      if ([400, 403, 404, 409].includes(answer?.status)) return setText(byId("desk-said"), answer.message);
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}
