// Conferences of partner hospitals that one is asked to: answered here, and entered by the word of this site.
import { asked } from "./asked.js";
import { done } from "/people/page.js";
import { el, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

const OPEN = ["proposed", "booked"];

export class Meetings {
  #told = [];

  /** `changed()` after an answer; `concluded(one)` opens what was concluded. */
  constructor(node, none, { changed, concluded }) {
    Object.assign(this, { node, none, changed, concluded });
  }

  draw(told) {
    this.#told = told;
    show(this.none, told.length === 0);
    this.node.replaceChildren(...told.map((one) => this.#row(one)));
  }

  #row(one) {
    const head = el("h3", {}, `${one.title} · ${one.site_name} · ${moment(one.start_ms)}`);
    const line = el("p", {}, t("referrals.meeting-line", { minutes: one.minutes, state: t(`referrals.meeting-${one.state}`), by: one.asked_by }));
    const others = el("p", { class: "soft" }, t("referrals.others", { names: one.others.join(", ") || "–" }));
    const cases = one.cases.map((each) => el("p", {}, `${each.place}. ${each.question} (${each.minutes} min)`));
    const stands = el("p", {}, t(one.answer !== "needs-action" && one.answer !== one.stands ? "referrals.answer-waits" : "referrals.answer-stands", { answer: t(`referrals.said-${one.answer === "needs-action" ? one.stands : one.answer}`) }));
    return el("li", { "data-site": one.site, "data-number": one.number, "data-state": one.state }, head, line, others, ...cases, stands, this.#steps(one));
  }

  #steps(one) {
    const buttons = [];
    const add = (key, act, kind = "") => buttons.push(el("button", { type: "button", class: kind, "data-do": key, onclick: act }, t(`referrals.${key}`)));
    if (OPEN.includes(one.state)) {
      add("accept", () => this.#say(one, { answer: "accepted" }));
      add("decline", () => this.#decline(one));
    }
    if (one.stands === "accepted" && ["booked", "in-progress"].includes(one.state)) add("enter", () => this.#enter(one), "primary");
    if (one.stands === "accepted" && ["finished", "fulfilled"].includes(one.state)) add("look", () => this.#enter(one));
    if (["in-progress", "finished", "fulfilled"].includes(one.state)) add("concluded", () => this.concluded(one));
    return el("div", { class: "row" }, ...buttons);
  }

  async #decline(one) {
    const why = await asked(t("referrals.decline-title", one), t("referrals.why"), t("referrals.decline"));
    if (why !== null) await this.#say(one, { answer: "declined", why });
  }

  async #say(one, body) {
    const told = await done("PUT", `/api/partner-conferences/${one.site}/${one.number}/answer`, body);
    if (told !== undefined) this.changed();
  }

  async #enter(one) {
    const told = await done("POST", `/api/partner-conferences/${one.site}/${one.number}/way-in`);
    if (told !== undefined) location.assign(told.address);
  }
}
