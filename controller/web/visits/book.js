// Agreeing upon a visit: for whom, when, how long, what for, and who holds it; or beginning one at the bedside.
import { done } from "/people/page.js";
import { el, setText } from "/screen/dom.js";
import { t } from "./words.js";

const byId = (id) => document.getElementById(id);

export class Book {
  /** `booked(told, isNow)`: the answer about the new one. */
  constructor(booked) {
    this.booked = booked;
    byId("search").addEventListener("click", () => this.#search());
    byId("find").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#search();
    });
    byId("book").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#book();
    });
    byId("now").addEventListener("click", () => this.#now());
  }

  /** Nobody is chosen until somebody chooses. */
  async #search() {
    const told = await done("GET", `/api/patients?text=${encodeURIComponent(byId("find").value.trim())}`);
    if (told === undefined) return;
    const options = told.patients.map((one) => el("option", { value: one.identifier }, `${one.name} · ${one.identifier}`));
    const first = t(options.length > 0 ? "visits.no-patient" : "visits.nobody");
    byId("patient").replaceChildren(el("option", { value: "" }, first), ...options);
    byId("patient").focus();
  }

  async #book() {
    const at = new Date(byId("date").value);
    if (Number.isNaN(at.getTime())) return setText(byId("problem"), t("visits.no-time"));
    return this.#send({ start_ms: at.getTime(), minutes: Number(byId("minutes").value) }, false);
  }

  async #now() {
    return this.#send({ way: "bedside", minutes: Number(byId("minutes").value) }, true);
  }

  async #send(more, isNow) {
    const patient = byId("patient").value;
    if (patient === "") return setText(byId("problem"), t("visits.no-patient"));
    const body = { patient, reason: byId("reason").value.trim(), host: byId("host").value.trim(), ...more };
    const told = await done("POST", "/api/visits", body);
    if (told === undefined) return undefined;
    byId("book").reset();
    byId("patient").replaceChildren();
    byId("booking").open = false;
    return this.booked(told, isNow);
  }
}
