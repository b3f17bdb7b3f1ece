// Any minute again: choose when, play, stop, go back; on another ground and under its time, never to be taken for now.
import { age } from "/screen/format.js";
import { asked, reason } from "/prescriptions/asking.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "/public/i18n.js";
import { Film } from "./film.js";
import { noteKey, noteNode } from "./notes.js";
import { Plan } from "./plan.js";

/** Begun so much earlier, so that where robots stood is known from the first moment on. */
const LEAD_MS = 60_000;
const MINUTE_MS = 60_000;
const NOTES = 40;
const byId = (id) => document.getElementById(id);

export class Past {
  /** `now()`: the controller's time. */
  constructor(now) {
    Object.assign(this, { now, plan: new Plan(byId("past-plan")), film: null, at: 0, playing: false, map: null });
    byId("when").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#load(new Date(byId("when-from").value).getTime(), Number(byId("when-minutes").value));
    });
    byId("when-last").addEventListener("click", () => this.#load(this.now() - 5 * MINUTE_MS, 5));
    byId("play").addEventListener("click", () => this.#play(!this.playing));
    byId("scrub").addEventListener("input", () => this.#go(Number(byId("scrub").value)));
  }

  /** Nothing stays of what another person has looked at. */
  person() {
    this.#play(false);
    this.film = null;
    show(byId("film"), false);
  }

  ground(map) {
    this.map = map;
    this.plan.ground(map, { blocks: false });
  }

  redraw() {
    if (this.map === null) return;
    this.plan.redraw();
    for (const list of [byId("past-robots"), byId("past-notes")]) list.replaceChildren();
    if (this.film) this.draw();
  }

  async #load(from, minutes) {
    const to = Math.min(Math.round(from) + minutes * MINUTE_MS, Math.round(this.now()));
    this.#play(false);
    if (!(from < to)) return setText(byId("when-problem"), t("robots.not-yet"));
    const answer = await asked("GET", `/api/robots/replay?from_ms=${Math.round(from) - LEAD_MS}&to_ms=${to}`);
    setText(byId("when-problem"), answer.ok ? "" : reason(answer));
    if (!answer.ok) return;
    this.film = new Film(answer.data);
    const [first, last] = [Math.round(from), to];
    Object.assign(byId("scrub"), { min: first, max: last, value: first });
    show(byId("film"), true);
    show(byId("film-empty"), this.film.isEmpty);
    this.#go(first);
    byId("play").focus();
  }

  #play(playing) {
    this.playing = playing;
    this.beat = performance.now();
    setText(byId("play"), t(playing ? "robots.pause" : "robots.play"));
  }

  #go(ms) {
    this.at = ms;
    this.draw();
  }

  /** Called by every tick: so much of the past goes by as the chosen speed says. */
  tick() {
    if (!this.playing || this.film === null) return;
    const beat = performance.now();
    const end = Number(byId("scrub").max);
    const next = Math.min(this.at + (beat - this.beat) * Number(byId("speed").value), end);
    this.beat = beat;
    byId("scrub").value = next;
    this.#go(next);
    if (next >= end) this.#play(false);
  }

  draw() {
    const marks = this.film.at(this.at);
    setText(byId("past-time"), moment(this.at));
    setText(byId("past-ago"), t("robots.was-ago", { age: age(Math.max(0, this.now() - this.at)) }));
    byId("scrub").setAttribute("aria-valuetext", moment(this.at));
    this.plan.draw(marks);
    keep(byId("past-robots"), marks, (one) => one.robot, () => el("li"), (node, one) => setText(node, was(one)));
    keep(byId("past-notes"), this.film.told(this.at, NOTES), noteKey, noteNode, () => {});
  }
}

/** Where one was, in words. */
function was(one) {
  const old = t(one.stale ? "robots.position-old" : "robots.position-age", { age: age(one.age_ms) });
  const load = one.loaded === null ? "" : t(one.loaded ? "robots.loaded" : "robots.empty");
  return [one.robot, one.node && t("robots.passed", { node: one.node }), one.map, load, `${one.battery} %`, old].filter(Boolean).join(" · ");
}
