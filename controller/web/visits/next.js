// The visit that follows, agreed upon from the room: when, and how long.
import { done } from "/people/page.js";
import { el, setText } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

export class Next {
  #found = [];

  /** `reason()`: what the visit is for, as the notes say. */
  constructor(node, reason) {
    Object.assign(this, { node, reason, visit: null });
  }

  async open(visit, me) {
    this.close();
    Object.assign(this, { visit, mayBook: me.permissions.includes("visits:hold") });
    const told = await done("GET", `/api/visits?${new URLSearchParams({ patient: visit.patient.identifier })}`);
    if (told === undefined || this.visit !== visit) return;
    this.#found = told.visits.filter((one) => one.follows === visit.number && ["booked", "arrived"].includes(one.state));
    this.draw();
  }

  close() {
    this.visit = null;
    this.#found = [];
    this.node.replaceChildren();
  }

  draw() {
    if (this.visit === null) return;
    const rows = this.#found.map((one) => el("li", {}, `${moment(one.start_ms)} · ${one.number} · ${t("visits.line", one)}`));
    this.node.replaceChildren(el("h2", {}, t("next.title")), el("ul", {}, ...rows), ...(this.mayBook ? [this.#form()] : []));
  }

  #form() {
    const when = el("input", { id: "next-when", type: "datetime-local", required: true });
    const minutes = el("input", { id: "next-minutes", type: "number", min: 5, max: 240, value: 20, required: true });
    const label = (node, key) => [el("label", { for: node.id }, t(key)), node];
    const form = el("form", {}, ...label(when, "visits.date"), ...label(minutes, "visits.minutes"), el("button", {}, t("next.book")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#book(new Date(when.value).getTime(), Number(minutes.value));
    });
    return form;
  }

  async #book(start, minutes) {
    const { visit } = this;
    const body = { patient: visit.patient.identifier, host: visit.host, start_ms: start, minutes, reason: this.reason().slice(0, 200) || visit.reason, follows: visit.number };
    const told = await done("POST", "/api/visits", body);
    if (told === undefined || this.visit !== visit) return;
    this.#found.push(told.visit);
    this.draw();
    setText(document.getElementById("desk-said"), t("next.booked", { time: moment(told.visit.start_ms) }));
  }
}
