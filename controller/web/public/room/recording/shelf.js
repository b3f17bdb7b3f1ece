// The recordings of a visit or a conference, for who may look at them: which there are, what can be played of one, and what is missing.
import { el, setText, show } from "/screen/dom.js";
import { ask } from "/public/ask.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

const AGAIN_MS = 10_000;
const SURE = { erase: "recording.erase-sure", completed: "recording.erase-sure" };
const LIVE = new Set(["asked", "agreed", "running", "paused"]);

export class Shelf {
  #base = null; #list = []; #opened = null; #readAt = -AGAIN_MS;

  constructor(node) {
    this.node = node;
  }

  /** `base`: the address of the meeting that is open, or null; `me`: who looks. Cheap to call often. */
  show(base, me) {
    const isOther = base !== this.#base;
    this.#base = base;
    if (isOther) this.#forget();
    if (base === null || !me?.permissions.includes("recordings:read")) return show(this.node, false);
    if (!isOther && performance.now() - this.#readAt < AGAIN_MS) return undefined;
    this.#readAt = performance.now();
    return this.#read(base);
  }

  async #read(base) {
    try {
      const answer = await ask("GET", this.#path(""));
      if (answer.ok && this.#base === base) this.#list = answer.data.recordings;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // no answer came: it is asked again
    }
    this.draw();
  }

  draw() {
    show(this.node, this.#list.length > 0);
    const rows = this.#list.map((one) => this.#row(one));
    const key = rows.map((row) => row.textContent).join("\n");
    if (key === this.drawn) return;
    this.drawn = key;
    this.node.querySelector("ul").replaceChildren(...rows);
  }

  #row(one) {
    const state = LIVE.has(one.state) ? "running" : one.state;
    const words = t("recording.line", { number: one.number, time: moment(one.asked_ms), by: one.by });
    const open = el("button", { type: "button", "aria-label": t("recording.open-of", one), onclick: () => this.#open(one.number) }, t("recording.open"));
    const isNothing = state !== "running" && !one.began; // it was asked for, and somebody said no
    const stands = isNothing ? t("recording.is-nothing") : t(`recording.is-${state}`, { time: moment(one.erase_ms ?? one.erased_ms ?? 0) });
    return el("li", { "data-recording": one.number }, words, " · ", stands, " ", ...(state === "erased" || !one.began ? [] : [open]));
  }

  async #open(number) {
    this.#close();
    const answer = await ask("GET", this.#path(`/${number}`));
    setText(this.node.querySelector(".fault"), answer.ok ? "" : answer.message);
    if (!answer.ok) return;
    this.#opened = answer.data;
    const { said, stretches, is_cut: isCut } = answer.data;
    const names = [...new Set(said.filter((one) => one.said === "permit").map((one) => one.name))].join(", ");
    const notes = [t("recording.agreed-by", { names }), ...(isCut ? [t("recording.cut")] : []), ...(stretches.length === 0 ? [t("recording.empty")] : [])];
    const shown = this.node.querySelector(".shown");
    shown.replaceChildren(...notes.map((text) => el("p", {}, text)), ...this.#demand(), ...this.#parts(), el("ul", { class: "ways" }, ...this.#ways()));
    shown.querySelector("button, video")?.focus();
  }

  /** Stretches and gaps, in the order of their time. */
  #parts() {
    const { stretches, gaps } = this.#opened;
    const rows = [...stretches.map((one, n) => ({ ...one, node: this.#stretch(one, n) })), ...gaps.map((one) => ({ ...one, node: gap(one) }))];
    return rows.sort((a, b) => a.run - b.run || a.from_ms - b.from_ms).map((one) => one.node);
  }

  /** No button to take it away: that is asked for, with a reason. A browser keeps what it played by its address, and
   * what could be played may have changed: hence the time of the look in it. */
  #stretch(one, n) {
    const begin = this.#opened.runs.find((run) => run.n === one.run).from_ms + one.from_ms;
    const video = el("video", { controls: true, controlslist: "nodownload", preload: "metadata", playsinline: true, "aria-label": t("recording.video", { n: n + 1 }), src: `${this.#path(`/${this.#opened.recording.number}`)}/stretches/${n}?at=${this.#opened.server_ms}` });
    video.addEventListener("contextmenu", (event) => event.preventDefault());
    video.addEventListener("error", () => setText(this.node.querySelector(".fault"), t("recording.broken")));
    const words = t("recording.stretch", { n: n + 1, time: moment(begin), s: Math.round((one.to_ms - one.from_ms) / 1000) });
    const take = this.#opened.may.includes("export") ? [this.#asks("export", (why) => this.#export(n, why))] : [];
    return el("section", { class: "stretch", "data-stretch": n }, el("h3", {}, words), video, ...take);
  }

  #ways() {
    const close = el("button", { type: "button", onclick: () => this.#close() }, t("recording.close"));
    return [el("li", {}, close), ...(this.#opened.may.includes("erase") ? [el("li", {}, this.#asks("erase", (why) => this.#erase(why)))] : [])];
  }

  /** A button that first asks for the reason. */
  #asks(name, act) {
    const words = t(`recording.${name}-why`);
    const field = el("input", { maxlength: "200", required: true, "aria-label": words, placeholder: words });
    const form = el("form", { class: "row", hidden: true, "data-ask": name }, field, el("button", { class: SURE[name] ? "danger" : "primary" }, t(SURE[name] ?? `recording.${name}`)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      act(field.value.trim());
    });
    const open = el("button", { type: "button", "data-do": name }, t(`recording.${name}`));
    open.addEventListener("click", () => {
      show(form, true);
      field.focus();
    });
    return el("div", {}, open, form);
  }

  /** That somebody demands it to be erased, where the hospital has to keep it; who may answer does so here. */
  #demand() {
    const { erasure, may } = this.#opened;
    if (erasure === null) return [];
    const words = el("p", { class: "gap", role: "note" }, t(`recording.demand-${erasure.state}`, { by: erasure.by, time: moment(erasure.at_ms), who: erasure.answered_by, why: erasure.answer }));
    return [words, ...(may.includes("settle") ? ["completed", "rejected"].map((state) => this.#asks(state, (why) => this.#settle(state, why))) : [])];
  }

  async #settle(state, why) {
    const answer = await ask("PUT", `${this.#path(`/${this.#opened.recording.number}`)}/erasure`, { state, why });
    this.#close();
    setText(this.node.querySelector(".fault"), answer.ok ? t(`recording.settled-${state}`) : answer.message);
    this.#readAt = -AGAIN_MS;
  }

  async #erase(why) {
    const answer = await ask("POST", `${this.#path(`/${this.#opened.recording.number}`)}/erasure`, { why });
    this.#close();
    setText(this.node.querySelector(".fault"), answer.ok ? t(answer.data.erased ? "recording.erased" : "recording.erased-later") : answer.message);
    this.#readAt = -AGAIN_MS;
  }

  async #export(n, why) {
    const { number } = this.#opened.recording;
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${this.#path(`/${number}`)}/stretches/${n}/export`, { method: "POST", headers, body: JSON.stringify({ why }), cache: "no-store" });
    if (!response.ok) return setText(this.node.querySelector(".fault"), (await response.json()).error.message);
    const address = URL.createObjectURL(await response.blob());
    el("a", { href: address, download: `${number}-${n + 1}.webm` }).click();
    return URL.revokeObjectURL(address);
  }

  #forget() {
    this.#list = [];
    this.#close();
    setText(this.node.querySelector(".fault"), "");
  }

  #close() {
    this.#opened = null;
    this.node.querySelector(".shown").replaceChildren();
  }

  #path(more) {
    return `${this.#base}/recordings${more}`;
  }
}

function gap({ why, from_ms: from, to_ms: to }) {
  const s = (ms) => Math.round(ms / 1000);
  return el("p", { class: "gap", role: "note" }, t(`recording.gap-${why}`, { s: s(to - from), from: s(from), to: s(to) }));
}
