// The agenda: the cases in their order, which is on now, and what who leads may do about them.
import { button } from "./said.js";
import { el } from "/screen/dom.js";
import { t } from "./words.js";

export class Agenda {
  constructor(one, hooks) {
    Object.assign(this, { one, hooks });
  }

  nodes() {
    const { cases } = this.one.told.conference;
    const none = cases.length === 0 ? [el("p", { class: "soft" }, t("mc.no-cases"))] : [];
    return [el("h3", {}, t("mc.agenda")), ...none, el("ol", { class: "lines-of agenda" }, ...cases.map((one, place) => this.#case(one, place)))];
  }

  #case(one, place) {
    const { is_chair: isChair, state, members } = this.one.told.conference;
    const n = place + 1;
    const presenter = members.find((who) => who.actor === one.presenter)?.display ?? t("mc.nobody-presents");
    const whose = one.patient ? `${one.patient.name} · ${one.patient.identifier}` : t("mc.case-hidden");
    const words = [el("span", { class: "time" }, String(n)), el("span", { class: "grow" }, one.question, el("br"), el("span", { class: one.patient ? "" : "soft" }, whose)), el("span", { class: "soft" }, t("mc.case-line", { minutes: one.minutes, presenter })), el("span", {}, t(`mc.case-${one.state}`))];
    const row = [button(t("mc.look"), () => this.hooks.open(one.id), { label: t("mc.look-of", { n }), name: "look" })];
    if (isChair && state === "in-progress" && !["now", "off"].includes(one.state)) row.push(button(t("mc.show"), () => this.one.change("PUT", "/now", { case: one.id }, null), { label: t("mc.show-of", { n }), kind: "primary", name: "show" }));
    if (this.one.leads && ["proposed", "booked", "in-progress"].includes(state)) row.push(...this.#order(one, place));
    return el("li", { "data-case": one.id, "data-state": one.state }, ...words, ...row);
  }

  #order(one, place) {
    const n = place + 1;
    const off = (isOff) => this.one.change("PUT", `/cases/${one.id}/off`, { off: isOff });
    const row = place > 0 ? [button(t("mc.up"), () => this.#up(place), { label: t("mc.up-of", { n }) })] : [];
    row.push(this.#presenter(one, n));
    if (one.state === "waiting") row.push(button(t("mc.off"), () => off(true), { label: t("mc.off-of", { n }) }));
    if (one.state === "off") row.push(button(t("mc.on"), () => off(false), { label: t("mc.on-of", { n }) }));
    return row;
  }

  #presenter(one, n) {
    const { members } = this.one.told.conference;
    const options = [["", t("mc.nobody-presents")], ...members.map((who) => [who.actor, who.display])];
    const select = el("select", { "aria-label": t("mc.presenter-of", { n }) }, ...options.map(([value, words]) => el("option", { value, selected: value === one.presenter }, words)));
    const { question, minutes } = one;
    select.addEventListener("change", () => this.one.change("PUT", `/cases/${one.id}`, { question, minutes, presenter: select.value }));
    return select;
  }

  #up(place) {
    const order = this.one.told.conference.cases.map((one) => one.id);
    [order[place - 1], order[place]] = [order[place], order[place - 1]];
    return this.one.change("PUT", "/agenda", { order });
  }
}
