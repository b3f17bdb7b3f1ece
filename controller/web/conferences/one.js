// One conference: who was asked and what they say, what may be done now, and its agenda.
import { Adding } from "./adding.js";
import { Agenda } from "./agenda.js";
import { ask } from "/public/ask.js";
import { asked, button, changed } from "./said.js";
import { confirmed } from "/public/confirm.js";
import { done } from "/people/page.js";
import { el, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

export class One {
  told = null;

  /** `drawn(told)`, `open(case)`: its file, `enter()`: the room, `over()`: it is closed, `changed()`. */
  constructor(node, hooks) {
    Object.assign(this, { node, hooks });
    this.adding = new Adding(this);
    this.agenda = new Agenda(this, hooks);
  }

  get number() {
    return this.told?.conference.number ?? null;
  }

  get mine() {
    const { members, me } = this.told.conference;
    return members.find((one) => one.actor === me);
  }

  /** Who leads it, or asked for it. */
  get leads() {
    const { is_chair: isChair, requester, me } = this.told.conference;
    return isChair || requester === me;
  }

  async open(number) {
    const answer = await done("GET", `/api/conferences/${number}`);
    if (answer !== undefined) this.take(answer);
  }

  /** Again: drawn only if something is different, since somebody may be writing in it. */
  async look() {
    if (this.number === null) return;
    const answer = await ask("GET", `/api/conferences/${this.number}`);
    if (answer.ok && answer.data.conference.number === this.number && essence(answer.data) !== essence(this.told)) this.take(answer.data);
  }

  take(answer) {
    this.told = answer;
    this.draw();
    this.hooks.drawn(answer);
  }

  draw() {
    if (this.told === null) return;
    const { conference } = this.told;
    const writing = this.node.querySelector("[data-ask]");
    const title = el("h2", { id: "one-title", tabindex: "-1" }, `${conference.title} · ${conference.number}`);
    const line = el("p", {}, `${moment(conference.start_ms)} · ${t("mc.lasting", { n: conference.minutes })} · ${t(`mc.state-${conference.state}`)}`);
    const closed = conference.closed_why ? [el("p", { class: "waits" }, t("mc.closed-why", { why: conference.closed_why }))] : [];
    const steps = el("div", { class: "row steps" }, ...this.#steps(conference));
    const people = el("ul", { class: "lines-of people-of" }, ...conference.members.map((one) => this.#member(one)));
    this.node.replaceChildren(title, line, ...closed, ...this.#answer(), steps, el("h3", {}, t("mc.people")), people, ...this.agenda.nodes(), ...this.adding.nodes());
    if (writing) steps.after(writing);
    show(this.node, true);
  }

  /** What one says to being asked. */
  #answer() {
    const { state } = this.told.conference;
    if (!["proposed", "booked"].includes(state)) return [];
    const mine = this.mine.answer;
    const row = el("div", { class: "row answer" });
    if (mine !== "accepted") row.append(button(t("mc.accept"), () => this.#say({ answer: "accepted" }), { kind: "primary", name: "accept" }));
    if (mine !== "declined") row.append(button(t("mc.decline"), () => asked(row, "decline", t("mc.why"), (why) => this.#say({ answer: "declined", why })), { name: "decline" }));
    if (mine !== "tentative") row.append(button(t("mc.propose"), () => this.#propose(row), { name: "propose" }));
    return [...(mine === "needs-action" ? [el("p", { class: "waits" }, t("mc.you-are-asked"))] : []), row];
  }

  #propose(row) {
    const say = (text) => this.#say({ answer: "tentative", proposed_ms: new Date(text).getTime() });
    asked(row, "propose", t("mc.when-instead"), say, "datetime-local");
  }

  #say(body) {
    return this.change("PUT", "/answer", body, null);
  }

  #steps({ state, possible, is_chair: isChair }) {
    const row = [];
    const step = (to, words, kind = "") => row.push(button(words, () => this.#step(to), { kind, name: to }));
    if (isChair && state === "booked") step("in-progress", t("mc.begin"), "primary");
    if (["booked", "in-progress"].includes(state) && this.mine.answer === "accepted") row.push(button(t("mc.enter"), () => this.hooks.enter(), { kind: "primary", name: "enter" }));
    if (isChair && state === "in-progress") step("finished", t("mc.finish"));
    if (isChair && state === "finished") {
      step("fulfilled", t("mc.close"), "primary");
      step("in-progress", t("mc.reopen"));
    }
    if (this.leads && possible.includes("cancelled")) row.push(button(t("mc.call-off"), () => this.#why("cancelled", t("mc.why")), { name: "cancelled" }));
    return row;
  }

  async #step(to) {
    const { cases } = this.told.conference;
    if (to === "finished" && !(await confirmed(t("mc.finish"), t("mc.finish-sure"), t("mc.finish")))) return;
    const isWhole = cases.every((one) => one.state === "off" || (one.version > 0 && one.missing.length === 0));
    if (to === "fulfilled" && !isWhole) return this.#why(to, t("mc.close-why"));
    await this.#go(to, "");
  }

  #why(to, words) {
    asked(this.node.querySelector(".steps"), to, words, (why) => this.#go(to, why));
  }

  async #go(state, why) {
    const answer = await this.change("PUT", "/state", { state, why });
    if (answer !== undefined && state !== "in-progress") this.hooks.over();
    return answer;
  }

  #member(one) {
    const { conference } = this.told;
    const words = [el("span", { class: "grow" }, one.site ? `${one.display} (${one.site})` : one.display), el("span", {}, t(`mc.part-${one.part}`))];
    words.push(el("span", {}, t(`mc.answer-${one.answer}`, { time: one.proposed_ms === null ? "" : moment(one.proposed_ms) })), el("span", { class: "soft" }, one.why));
    if (one.required) words.push(el("span", { class: "soft" }, t("mc.required")));
    return el("li", { "data-answer": one.answer, "data-actor": one.actor }, ...words, ...this.#leading(one, conference));
  }

  /** What who leads may do about somebody. */
  #leading(one, { state, minutes, is_chair: isChair }) {
    const who = one.display;
    const row = [];
    const isToCome = ["proposed", "booked"].includes(state);
    if (this.leads && isToCome && one.answer === "tentative") {
      const time = { start_ms: one.proposed_ms, minutes };
      row.push(button(t("mc.take-time", { time: moment(one.proposed_ms) }), () => this.change("PUT", "/time", time)));
    }
    if (this.leads && isToCome && one.part !== "chair") {
      const words = t(one.required ? "mc.not-required" : "mc.is-required", { who });
      row.push(button(words, () => this.change("PUT", "/required", { actor: one.actor, required: !one.required })));
    }
    if (isChair && ["in-progress", "finished"].includes(state) && one.part === "expert") {
      row.push(button(t("mc.present"), () => this.change("POST", "/present", { actor: one.actor }, null), { label: t("mc.present-of", { who }) }));
    }
    return row;
  }

  /** A change of it; the answer, or undefined. */
  async change(method, path, body, revision = this.told.conference.revision) {
    const answer = await changed(method, `/api/conferences/${this.number}${path}`, body, revision, () => this.look());
    if (answer === undefined) return undefined;
    if (answer.conference) this.take(answer);
    this.hooks.changed();
    return answer;
  }
}

/** All but the time of the answer. */
function essence(answer) {
  return JSON.stringify({ ...answer, server_ms: 0, utc_ms: 0 });
}
