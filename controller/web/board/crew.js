// The crew of a vehicle, in its opened panel: who looks on, what they are asked and whether they know, what they tell.
import { age, clockTime } from "/screen/format.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { get, post } from "./api.js";
import { heading } from "./panel.js";
import { Identify } from "./identify.js";
import { Instruct } from "./instruct.js";
import { Offers } from "./offers.js";
import { named, t } from "/public/i18n.js";

const ASK_MS = 15_000;
/** As often, while an instruction is on its way. */
const ASK_SOON_MS = 3_000;
const WATCH_MS = 20_000;
/** An instruction that nobody has acknowledged for so long asks for attention. */
const PATIENCE_MS = 60_000;
/** Answers are older than this only if none came. */
const QUIET_MS = 40_000;

export class Crew {
  constructor(clock) {
    Object.assign(this, { clock, id: null, held: null, heardAt: 0, timers: [], asked: 0 });
    this.watchers = el("p", { class: "watchers" });
    this.quiet = el("p", { class: "problem", role: "status" });
    this.attention = el("p", { class: "attention", role: "alert" });
    this.instructions = el("ul", { class: "instructions" });
    this.instruct = new Instruct(() => this.ask());
    this.identify = new Identify();
    this.offers = new Offers(() => this.ask());
    this.entries = el("ul", { class: "timeline" });
    this.nothing = el("p", { "data-t": "crew.nothing" }, t("crew.nothing"));
    this.problems = el("ul");
    this.refused = el("details", {}, el("summary", { "data-t": "crew.problems" }, t("crew.problems")), this.problems);
    const told = [this.offers.node, this.watchers, this.quiet, this.attention, this.instructions, this.instruct.node, this.identify.node];
    this.node = el("section", { class: "crew", hidden: true }, heading("crew.title"), ...told, this.entries, this.nothing, this.refused);
    document.addEventListener("visibilitychange", () => this.#watch());
  }

  person(me) {
    this.instruct.person(me);
    this.identify.person(me);
    this.offers.person(me);
  }

  open(bed) {
    Object.assign(this, { id: bed.id, held: null });
    this.offers.take(null);
    show(this.node, false);
    this.instruct.open(bed);
    this.identify.open(bed);
    this.timers = [setInterval(() => this.#often(), ASK_SOON_MS), setInterval(() => this.#watch(), WATCH_MS)];
    this.ask();
  }

  close() {
    this.timers.forEach(clearInterval);
    Object.assign(this, { id: null, held: null, timers: [] });
  }

  /** The controller says that there is news of these beds' crews. */
  news(items) {
    if (items.some((item) => item.bed === this.id)) this.ask();
  }

  #often() {
    const open = this.held?.instructions.some((one) => isOpen(one));
    if (open || performance.now() - this.asked >= ASK_MS) this.ask();
  }

  async ask() {
    const { id } = this;
    this.asked = performance.now();
    const [held, offered] = await Promise.all([`/api/beds/${encodeURIComponent(id)}/crew`, "/api/offers"].map((path) => quietly(() => get(path))));
    if (held === null || id !== this.id) return;
    this.offers.take(offered, (one) => one.vehicle === id);
    const first = this.held === null;
    Object.assign(this, { held, heardAt: performance.now() });
    if (first) this.#watch();
    if (this.shown) this.update(this.shown, this.clock.now());
  }

  /** Whoever has the panel before them looks on: its crew sees the name. */
  #watch() {
    const looks = this.held?.vehicle && document.visibilityState === "visible";
    if (looks) quietly(() => post(`/api/beds/${encodeURIComponent(this.id)}/watching`));
  }

  update(bed, now) {
    this.shown = bed;
    this.identify.update(bed);
    show(this.node, Boolean(this.held?.vehicle));
    if (!this.held?.vehicle) return;
    const { held } = this;
    const silent = performance.now() - this.heardAt;
    setText(this.quiet, silent > QUIET_MS ? t("crew.quiet", { age: age(silent) }) : "");
    setText(this.watchers, held.watchers.length ? t("crew.watchers", { names: held.watchers.join(", ") }) : t("crew.no-watchers"));
    const late = held.instructions.filter((one) => isLate(one, now)).length;
    setText(this.attention, late ? t("crew.late", { n: late }) : "");
    keep(this.instructions, held.instructions, (one) => one.id, makeInstruction, (node, one) => updateInstruction(node, one, now));
    this.instruct.update(bed);
    this.offers.update(now, () => bed.patient);
    const told = entries(held);
    keep(this.entries, told, (one) => `${one.at_ms} ${one.what}`, makeEntry, (node, one) => updateEntry(node, one, now));
    show(this.nothing, told.length === 0);
    keep(this.problems, held.problems, (one) => String(one.event), () => el("li"), (node, one) => setText(node, problemText(one)));
    show(this.refused, held.problems.length > 0);
  }
}

const isOpen = (one) => ["sent", "delivered", "shown"].includes(one.state);

/** Not acknowledged in time, or it never got there. */
function isLate(one, now) {
  return ["expired", "refused"].includes(one.state) || (isOpen(one) && now - one.at_ms > PATIENCE_MS);
}

const makeInstruction = () => el("li", {}, el("b"), el("span", { class: "state" }), el("span", { class: "age" }));

function updateInstruction(node, one, now) {
  const [text, state, given] = node.children;
  setState(node, isLate(one, now) ? "late" : one.state);
  setText(text, one.text);
  const said = one.acknowledged ?? one.shown;
  const told = { name: said?.by ?? "", time: said ? clockTime(said.at_ms) : "", why: one.why };
  setText(state, t(`crew.state.${one.state}`, told));
  setText(given, t("crew.given", { name: one.by, time: clockTime(one.at_ms), age: age(Math.max(now - one.at_ms, 0)) }));
}

/** Marks and what is checked, the newest first. */
function entries({ marks, checklists }) {
  const marked = marks.map((one) => ({ ...one, what: markText(one) }));
  const done = checklists.filter((one) => one.done).map((one) => ({ ...one, what: checkText(one) }));
  return [...marked, ...done].sort((a, b) => b.at_ms - a.at_ms);
}

const markText = ({ code, text }) => (text ? t("crew.with", { what: named("crew.mark", code), text }) : named("crew.mark", code));

const checkText = ({ list, item }) => t("crew.checked", { list: named("crew.list", list), item: named("crew.item", item) });

const makeEntry = () => el("li", {}, el("time"), el("b"), el("span", { class: "age" }));

function updateEntry(node, one, now) {
  const [time, what, by] = node.children;
  setText(time, clockTime(one.at_ms));
  setText(what, one.what);
  setText(by, t("crew.by", { name: one.by, age: age(Math.max(now - one.at_ms, 0)) }));
}

const problemText = (one) => t("crew.problem", { time: clockTime(one.at_ms), kind: named("crew.kind", one.kind), gateway: one.gateway, why: one.why });

/** Without an answer what was known stays, and grows old; who may not see this bed any more sees none. */
async function quietly(request) {
  try {
    return await request();
  } catch (error) {
    if (error.name === "Refusal" || error instanceof TypeError) return null;
    throw error;
  }
}
