// One visit: how it stands, the patient's consent, links to let people in, and what may be done now.
import { ask } from "/public/ask.js";
import { confirmed } from "/public/confirm.js";
import { done, follow, told } from "/people/page.js";
import { el, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { languageTag, t } from "./words.js";
import { paper } from "./paper.js";

export class One {
  #told = null;
  #made = null;

  /**
   * `enter(visit)` opens its room, `left(visit)`: it is over; `changed()` whenever it did change; `entered()`: the
   * number of the visit in whose room one is, or null; `back()` leads there.
   */
  constructor(node, { enter, left, changed, entered, back }) {
    Object.assign(this, { node, enter, left, changed, entered, back });
  }

  get number() {
    return this.#told?.visit.number ?? null;
  }

  get visit() {
    return this.#told?.visit ?? null;
  }

  async open(number) {
    const answer = await done("GET", `/api/visits/${number}`);
    if (answer !== undefined) this.take(answer);
  }

  /** Again: drawn only if something is different, since somebody may be writing in it. */
  async look() {
    if (this.number === null) return;
    const answer = await ask("GET", this.#path(""));
    if (answer.ok && answer.data.visit.number === this.number && essence(answer.data) !== essence(this.#told)) this.take(answer.data);
  }

  /** An answer about it. */
  take(answer) {
    const isOther = answer.visit.number !== this.number;
    // What is shown once has done its work when somebody came in by it.
    if (isOther || answer.links.some((one) => one.id === this.#made?.id && one.used_ms !== null)) this.#made = null;
    this.#told = answer;
    this.draw();
  }

  draw() {
    if (this.#told === null) return;
    const { visit, consents, busy } = this.#told;
    const { host } = visit;
    const title = el("h2", { id: "one-title", tabindex: "-1" }, `${visit.patient.name} · ${visit.patient.identifier} · ${visit.number}`);
    const line = el("p", {}, `${moment(visit.start_ms)} · ${t("visits.line", visit)} · ${t(`visits.state-${visit.state}`)}`);
    const waits = visit.state === "arrived" ? [el("p", { class: "waits", role: "status" }, t("visits.waits", { time: moment(visit.changed_ms) }))] : [];
    const twice = busy.length > 0 ? [el("p", { class: "problem" }, t("visits.busy", { host, others: busy.join(", ") }))] : [];
    const made = this.#made === null ? [] : [paper(this.#made)];
    this.node.replaceChildren(title, line, ...waits, ...twice, ...this.#consent(consents), this.#steps(visit), ...made, ...this.#links(visit));
    show(this.node, true);
  }

  #consent(consents) {
    const said = consents.find((one) => one.scope === "video");
    const parts = { by: said?.by, time: moment(said?.at_ms ?? 0) };
    const words = said === undefined ? "visits.consent-none" : said.holds ? "visits.consent-holds" : "visits.consent-not";
    const hear = el("button", { type: "button", onclick: () => this.#hear() }, t("visits.heard"));
    return [el("p", { class: said?.holds ? "" : "waits" }, t(words, parts)), ...(said?.holds || !this.#isOpen() ? [] : [el("p", {}, hear)])];
  }

  #isOpen() {
    return ["booked", "arrived", "in-progress", "noshow"].includes(this.visit.state);
  }

  #steps({ state, possible }) {
    const may = (to) => possible.includes(to);
    const button = (key, act, kind = "") => el("button", { type: "button", class: kind, "data-do": key, onclick: act }, t(`visits.${key}`));
    const row = [];
    if (may("in-progress")) row.push(button("begin", () => this.#begin(), "primary"));
    const isIn = this.entered() === this.number;
    const way = isIn ? [el("span", { class: "in-room" }, t("visits.in-room")), button("back", () => this.back())] : [button("enter", () => this.enter(this.visit), "primary")];
    if (state === "in-progress") row.push(...way, button("end", () => this.#end()));
    if (may("noshow")) row.push(button("noshow", () => this.#step({ state: "noshow" })));
    if (may("cancelled")) row.push(button("call-off", () => this.#callOff()));
    if (this.#isOpen()) row.push(button("link-patient", () => this.#make({ guest: "patient" })), button("link-guest", () => this.#guest("guest")), button("link-robot", () => this.#guest("robot")));
    return el("div", { class: "row" }, ...row);
  }

  #links() {
    const { links } = this.#told;
    if (links.length === 0) return [];
    return [el("h3", {}, t("visits.links")), el("ul", {}, ...links.toReversed().map((one) => this.#link(one)))];
  }

  #link(one) {
    const name = one.guest === "patient" ? this.visit.patient.name : one.name;
    const key = one.revoked_ms !== null ? "revoked" : one.used_ms !== null ? "used" : one.spent ? "spent" : "open";
    const revoke = el("button", { type: "button", "aria-label": t("visits.revoke-of", { name }), onclick: () => this.#revoke(one.id) }, t("visits.revoke"));
    return el("li", {}, t(`visits.link-${key}`, { name, time: moment(one.used_ms ?? 0) }), " ", ...(key === "revoked" ? [] : [revoke]));
  }

  async #begin() {
    if (await this.#step({ state: "in-progress" })) this.enter(this.visit);
  }

  async #end() {
    if (!(await confirmed(t("visits.end"), t("visits.end-sure"), t("visits.end")))) return;
    if (await this.#step({ state: "fulfilled" })) this.left(this.visit);
  }

  #callOff() {
    this.#ask("why", t("visits.why"), (why) => this.#step({ state: "cancelled", why }));
  }

  #guest(guest) {
    this.#ask(guest, t(`visits.${guest}-name`), (name) => this.#make({ guest, name }));
  }

  /** One line from the person, then `act(text)`. */
  #ask(name, words, act) {
    const field = el("input", { name, maxlength: "200", required: true, "aria-label": words, placeholder: words });
    const form = el("form", { class: "row", "data-ask": name }, field, el("button", { class: "primary" }, words));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      act(field.value.trim());
    });
    this.node.querySelector("[data-ask]")?.remove();
    this.node.querySelector(".row").after(form);
    field.focus();
  }

  /** What changed meanwhile, a patient who came, is shown; the person looks, and says it again. */
  async #step(body) {
    const answer = await ask("PUT", this.#path("/state"), body, { "If-Match": `"${this.visit.revision}"` });
    if (answer.status === 412) await this.open(this.number);
    follow(answer);
    setText(document.getElementById("problem"), answer.ok ? "" : answer.status === 412 ? t("visits.outdated") : told(answer));
    return this.#did(answer.ok ? answer.data : undefined);
  }

  async #hear() {
    return this.#did(await done("POST", this.#path("/consents"), { scope: "video", said: "permit", language: languageTag().slice(0, 2) }));
  }

  async #make(body) {
    const made = await done("POST", this.#path("/links"), body);
    if (made === undefined) return;
    this.#made = { ...made, guest: body.guest };
    await this.open(this.number);
  }

  async #revoke(id) {
    if ((await done("DELETE", this.#path(`/links/${id}`))) === undefined) return;
    this.#made = null;
    await this.open(this.number);
  }

  #did(answer) {
    if (answer === undefined) return false;
    this.take(answer);
    this.changed();
    return true;
  }

  #path(more) {
    return `/api/visits/${this.number}${more}`;
  }
}

/** All but the time of the answer. */
function essence(answer) {
  return JSON.stringify({ ...answer, server_ms: 0, consents: answer.consents.map((one) => [one.scope, one.said, one.holds, one.at_ms]) });
}
