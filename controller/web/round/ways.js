// What is on its way to the ward: who has it, where, since when; whoever takes it over says so.
import { change } from "/prescriptions/asking.js";
import { age } from "/screen/format.js";
import { coldLines, fillCold, isToJudge } from "/prescriptions/cold.js";
import { el, setText, show } from "/screen/dom.js";
import { fillRide, rideLines } from "/prescriptions/ride.js";
import { t } from "/public/i18n.js";
import { shownFields, shownOf } from "./shown.js";

const byId = (id) => document.getElementById(id);

export class Ways {
  /** `hooks`: now(), again() after a change. */
  constructor(hooks) {
    Object.assign(this, { hooks, ways: [], asked: 0, me: "" });
  }

  /** `asked`: the controller's time of the answer. */
  update(ways, me, asked) {
    this.me = me.user;
    this.may = me.permissions.includes("rx:deliver");
    // One that is open, with what is typed in it, stays as it is; the controller refuses what is outdated.
    if (byId("way-list").contains(document.activeElement)) return this.#warmed(ways);
    this.asked = asked;
    this.ways = ways.filter((one) => one.kind === "ward" && one.state === "in-progress");
    this.draw();
  }

  /** How warm it is is told all the same. */
  #warmed(ways) {
    const now = new Map(ways.map((one) => [one.number, one.cold]));
    this.ways = this.ways.map((one) => ({ ...one, cold: now.get(one.number) ?? one.cold }));
    this.tick();
  }

  draw() {
    setText(byId("tab-ways"), this.ways.length === 0 ? t("round.ways") : t("round.ways-with", { n: this.ways.length }));
    show(byId("no-ways"), this.ways.length === 0);
    byId("way-list").replaceChildren(...this.ways.map((one) => this.#way(one)));
  }

  /** Estimates grow older. */
  tick() {
    for (const one of this.ways) this.#fill(byId("way-list").querySelector(`[data-way="${one.number}"]`), one);
  }

  #fill(node, one) {
    const now = this.hooks.now().server;
    fillRide(node, one, this.asked, now);
    fillCold(node, one, now, { may: this.may, again: () => this.hooks.again() });
  }

  #way(one) {
    const last = one.custody.at(-1);
    const apart = age(Math.max(this.hooks.now().server - last.at_ms, 0));
    const facts = [
      el("h2", {}, `${one.patient.name} · ${one.patient.identifier}`),
      el("p", {}, t("round.way-what", { rx: one.prescription, number: one.number, to: one.destination })),
      el("p", {}, t("round.way-where", { holder: last.holder.replace(/^robot:/, ""), spot: last.spot, apart })),
      ...(last.seal ? [el("p", {}, t("round.way-seal", { seal: last.seal }))] : []),
    ];
    const item = el("li", { class: "card", "data-way": one.number }, ...facts, ...coldLines(one), rideLines(), ...this.#next(one, last));
    this.#fill(item, one);
    return item;
  }

  #next(one, last) {
    if (one.coming_back) return [el("p", { class: "loud" }, t("round.way-back"))];
    if (last.holder.startsWith("robot:")) {
      const where = last.drawer === "" ? t("round.way-aboard") : t("round.way-robot", { drawer: last.drawer });
      return [el("p", { class: "two" }, where), el("a", { class: "button", href: "/robots" }, t("robots.title"))];
    }
    if (!this.may) return [];
    if (last.holder === this.me) return [el("p", { class: "soft" }, t("round.way-mine")), this.#other(one)];
    const problem = el("p", { class: "problem", role: "alert" });
    const whose = { who: one.patient.name, number: one.number };
    const [label, words] = isToJudge(one) ? [t("cold.receive-of", whose), t("cold.receive")] : [t("round.take-of", whose), t("round.take")];
    const take = el("button", { type: "button", class: "primary large", "aria-label": label }, words);
    take.addEventListener("click", async () => {
      take.disabled = true;
      const answer = await change(problem, "PUT", `/api/deliveries/${one.number}/received`, { code: "", spot: one.destination }, one.revision);
      take.disabled = false;
      if (!answer.ok) return;
      byId("tab-ways").focus();
      await this.hooks.again();
    });
    const why = isToJudge(one) ? [el("p", { class: "loud" }, t("cold.receive-why"))] : [];
    return [...why, take, problem, this.#other(one)];
  }

  /** A colleague takes it over on this screen, by badge or PIN. */
  #other(one) {
    const id = (name) => `${name}-${one.number}`;
    const problem = el("p", { class: "problem", role: "alert" });
    const form = el("form", {}, ...shownFields(id), el("button", { class: "primary" }, t("round.take-other")), problem);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = { code: "", spot: one.destination, shown: shownOf(form, id) };
      const answer = await change(problem, "PUT", `/api/deliveries/${one.number}/received`, body, one.revision);
      if (!answer.ok) return;
      byId("tab-ways").focus();
      await this.hooks.again();
    });
    return el("details", {}, el("summary", {}, t("round.other")), form);
  }
}
