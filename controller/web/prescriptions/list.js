// The medicines of one patient: what holds, drafts, what has ended; how each may go on, and what became of it.
import { asked, change } from "./asking.js";
import { dosage, hint, state } from "./said.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { past } from "./looks.js";
import { moment } from "/screen/dates.js";
import { t } from "/public/i18n.js";
import { stepping } from "./stepping.js";
import { story } from "./story.js";

const PATH = "/api/prescriptions";
const NOW = ["draft", "active", "on-hold"];
const STEPS = ["active", "on-hold", "stopped", "completed", "cancelled", "entered-in-error"];
const byId = (id) => document.getElementById(id);

export class Medicines {
  /** `onWrite(draft, before)`: one of them null; `onChanged()`: ask anew. */
  constructor(onWrite, onChanged) {
    Object.assign(this, { onWrite, onChanged, held: null, may: new Set() });
  }

  person(me) {
    this.may = new Set(me.permissions);
    this.clear();
  }

  clear() {
    this.held = null;
    byId("current").replaceChildren();
    byId("past").querySelector("ul").replaceChildren();
    for (const id of ["past", "no-medicines"]) show(byId(id), false);
  }

  show(prescriptions) {
    this.held = prescriptions;
    const now = prescriptions.filter((one) => NOW.includes(one.state));
    const past = prescriptions.filter((one) => !NOW.includes(one.state));
    const key = (one) => `${one.number} ${one.revision}`; // one that changed is made anew, the others stay as they are
    keep(byId("current"), now, key, (one) => this.#item(one), () => {});
    keep(byId("past").querySelector("ul"), past, key, (one) => this.#item(one), () => {});
    show(byId("no-medicines"), now.length === 0);
    show(byId("past"), past.length > 0);
    setText(byId("past").querySelector("summary"), t("rx.past", { n: past.length }));
  }

  /** In another language. */
  draw() {
    const { held } = this;
    if (held === null) return;
    this.clear();
    this.show(held);
  }

  #item(one) {
    const { wanted } = one;
    const why = one.issues.filter((issue) => issue.why).map((issue) => el("span", { class: "note" }, `${hint(issue)} – ${t("doc.overridden", { why: issue.why })}`));
    const problem = el("p", { class: "problem", role: "alert" });
    return el(
      "li",
      { "data-rx": one.number, "data-state": one.state, "data-priority": wanted.priority },
      el("h3", {}, wanted.medicine.code.display, " ", el("span", { class: "state" }, state(one.state))),
      el("p", { class: "dosage" }, dosage(wanted)),
      ...(wanted.priority === "routine" ? [] : [el("span", { class: "held" }, t(`rx.priority.${wanted.priority}`))]),
      ...(wanted.reason ? [el("span", {}, t("rx.because-of", { reason: wanted.reason }))] : []),
      ...(wanted.note ? [el("span", {}, wanted.note)] : []),
      ...why,
      el("span", { class: "note" }, `${one.number} · ${t(`rx.delivery.${one.delivery}`)} · ${since(one)}`),
      problem,
      el("div", { class: "row" }, ...this.#ways(one), ...this.#next(one, problem)),
      this.#story(one),
    );
  }

  #ways(one) {
    const name = one.wanted.medicine.code.display;
    const way = (key, act) => el("button", { type: "button", "aria-label": t(`${key}-of`, { what: name }), onclick: act }, t(key));
    const ways = [];
    if (this.may.has("rx:prescribe") && one.state === "draft") ways.push(way("rx.go-on", () => this.onWrite(one, null)));
    if (this.may.has("rx:prescribe") && ["active", "on-hold"].includes(one.state)) ways.push(way("rx.replace", () => this.onWrite(null, one)));
    if (one.signed_ms !== null) ways.push(el("a", { class: "button", href: `${PATH}/${one.number}/signed`, download: "", "aria-label": t("rx.file-of", { what: name }) }, t("rx.file")));
    return ways;
  }

  /** What it may become now, with a reason. */
  #next(one, problem) {
    const possible = STEPS.filter((to) => one.possible.includes(to) && !(one.state === "draft" && to === "active"));
    if (!this.may.has("rx:prescribe")) return [];
    const step = async (to, why) => {
      const answer = await change(problem, "PUT", `${PATH}/${one.number}/state`, { state: to, why }, one.revision);
      if (answer.ok) this.onChanged(t("rx.changed", { number: one.number, state: state(answer.data.state) }));
    };
    const pairs = possible.map((to) => [to, t(`rx.become.${to}`)]);
    return stepping({ what: one.wanted.medicine.code.display, possible: pairs, free: ["active", "completed"], act: step });
  }

  #story(one) {
    const inside = el("div", {});
    const node = el("details", { class: "story" }, el("summary", {}, t("rx.story")), inside);
    node.addEventListener("toggle", async () => {
      if (!node.open) return;
      const [answer, support] = await Promise.all([asked("GET", `${PATH}/${one.number}`), asked("GET", `${PATH}/${one.number}/cds`)]);
      const failed = el("p", { class: "problem" }, t("rx.not-sent"));
      inside.replaceChildren(...(answer.ok ? story(answer.data) : [failed]), ...(support.ok ? past(support.data.looks) : []));
    });
    return node;
  }
}

function since(one) {
  if (one.signed_ms === null) return t("rx.written-by", { by: one.prescriber, when: moment(one.authored_ms) });
  return t("rx.signed-by", { by: one.prescriber, when: moment(one.signed_ms) });
}
