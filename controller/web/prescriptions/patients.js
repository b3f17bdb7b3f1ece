// Whose prescriptions are looked at: found by identifier or name among those whom one may see. Nobody is chosen before.
import { asked, reason } from "./asking.js";
import { el, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";

const PAUSE_MS = 250;
const byId = (id) => document.getElementById(id);

export class Patients {
  constructor(onChosen) {
    Object.assign(this, { onChosen, timer: null, last: 0 });
    this.none = byId("patients").querySelector(".none");
    byId("patients").querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.read();
    });
    byId("patient").addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.read(), PAUSE_MS);
    });
    byId("patient-list").addEventListener("keydown", (event) => this.#step(event));
  }

  async read() {
    clearTimeout(this.timer);
    const mine = ++this.last;
    const answer = await asked("GET", `/api/patients?${new URLSearchParams({ text: byId("patient").value.trim() })}`);
    if (mine !== this.last) return;
    const found = answer.ok ? answer.data.patients : [];
    byId("patient-list").replaceChildren(...found.map((one) => this.#item(one)));
    setText(this.none, answer.ok ? t(answer.data.next === null ? "rx.nobody" : "rx.more-patients") : reason(answer));
    show(this.none, found.length === 0 || answer.data.next !== null);
  }

  #item(one) {
    const more = [one.identifier, one.birth_date].filter(Boolean).join(" · ");
    return el("li", {}, el("button", { type: "button", onclick: () => this.onChosen(one) }, el("b", {}, one.name), el("span", {}, more)));
  }

  #step(event) {
    const by = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (by === undefined) return;
    event.target.closest("li")[by]?.querySelector("button").focus();
    event.preventDefault();
  }
}
