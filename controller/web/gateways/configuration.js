// How one gateway is set up from here: what is in force at the box, what was sent last, and an editor of it.
// What nobody touched follows the newest revision; what is sent replaces exactly the revision it was compared with.
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { age } from "/screen/format.js";
import { send, sendWith } from "/board/api.js";
import { head, keepRows } from "/ledger/table.js";
import { has, onLanguage, t } from "/public/i18n.js";
import { said } from "/inventory/said.js";
import { button, chosen, labelled } from "./fields.js";
import { issued, progress, value, weight, what } from "./ordered.js";

const COLUMNS = ["name", "at-box", "sent", "new"];
const OUTDATED = 412;
/** How weighty it is, of how it stands with the mobile network. */
const QUALITY = { available: "plain", released: "plain", requested: "waits" };
/** The same, with a release. */
const SOFTWARE = { installed: "plain", failed: "offline", refused: "behind" };

export class Configuration {
  /** `onChange()` after something was sent, or somebody else was first. */
  constructor(node, onChange) {
    Object.assign(this, { onChange, gateway: null, fields: [], held: null, now: null, touched: new Map(), compared: null, inputs: new Map() });
    this.atBox = el("p");
    this.newest = el("p");
    this.software = el("p", { id: "software" });
    this.quality = el("p", { id: "quality" });
    this.table = el("table", { id: "settings" });
    this.meanwhile = el("p", { class: "meanwhile", role: "alert" });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.done = el("p", { role: "status" });
    this.compare = el("button", { type: "submit", "data-t": "setting.compare" }, t("setting.compare"));
    this.undo = button("setting.undo", () => this.#undo());
    this.changes = el("ul", { class: "changes" });
    this.against = el("p", { id: "against" });
    this.why = el("input", { id: "order-why", type: "text", maxlength: "200", autocomplete: "off" });
    this.go = button("setting.send", () => this.#send(), { class: "primary" });
    const why = el("label", { for: "order-why", "data-t": "setting.why" }, t("setting.why"));
    const back = button("setting.back", () => this.#forget());
    this.review = el("div", { class: "review", role: "group", "aria-labelledby": "against", hidden: true });
    this.review.append(this.against, this.changes, el("div", { class: "row" }, why, this.why, this.go, back));
    const scroll = el("div", { class: "scroll", tabindex: "0", role: "region", "data-t-label": "setting.table" }, this.table);
    const form = el("form", { novalidate: true }, scroll, this.meanwhile, this.problem, this.done, el("div", { class: "row" }, this.compare, this.undo));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#compare();
    });
    node.append(this.atBox, this.newest, this.software, this.quality, form, this.review);
    onLanguage(() => this.#again());
  }

  open(gateway, offered) {
    Object.assign(this, { gateway, fields: offered.settings, held: null });
    this.touched.clear();
    this.why.value = "";
    this.#again();
  }

  /** The orders of the gateway as they are now. */
  draw(held, now) {
    const before = this.held === null ? null : revision(this.held);
    Object.assign(this, { held, now });
    if (before !== null && before !== revision(held)) this.#overtaken(held.newest);
    setText(this.atBox, atBox(held.in_force, now));
    setText(this.newest, newest(held, now));
    setState(this.newest, held.newest ? weight(held.newest) : "plain");
    setText(this.software, software(held, now));
    setState(this.software, held.software ? SOFTWARE[held.software.progress] ?? "waits" : "plain");
    setText(this.quality, quality(held, now));
    setState(this.quality, held.quality ? QUALITY[held.quality.state] ?? "behind" : "plain");
    const names = [...new Set([...this.fields.map(({ name }) => name), ...Object.keys(sent(held)), ...Object.keys(applied(held) ?? {})])];
    keepRows(this.table, () => head(COLUMNS.map((name) => `setting.${name}`)), names, (name) => name, (name) => this.#row(name), (node, name) => this.#update(node, name));
    show(this.undo, this.touched.size > 0);
    this.compare.disabled = this.touched.size === 0;
  }

  /** Somebody's newer revision is here, perhaps one's own: what is now as it says is not touched any more. */
  #overtaken({ issuer, revision: number }) {
    for (const [name, text] of this.touched) if (text === shown(sent(this.held)[name])) this.touched.delete(name);
    if (this.touched.size === 0) return;
    this.#forget();
    setText(this.meanwhile, t("setting.meanwhile", { who: issuer, n: number }));
  }

  #row(name) {
    const field = this.fields.find((each) => each.name === name);
    const about = el("th", { scope: "row" }, what("setting", name));
    const cell = el("td");
    if (field === undefined) cell.append(el("span", { class: "note" }, t("setting.kept")));
    else {
      const { label, input } = labelled(`setting-${name}`, t("setting.new-of", { name: what("setting", name) }), { ...field, none: t("setting.own-file") });
      label.classList.add("reader");
      input.addEventListener("input", () => this.#touch(name, input.value));
      this.inputs.set(name, input);
      cell.append(label, input);
    }
    return el("tbody", {}, el("tr", {}, about, el("td"), el("td"), cell));
  }

  #update(node, name) {
    const [, box, last] = node.firstChild.children;
    const at = applied(this.held);
    setText(box, at === null ? t("setting.unknown") : value(at[name]));
    setText(last, value(sent(this.held)[name]));
    setState(box, at !== null && at[name] === sent(this.held)[name] ? "plain" : "waits");
    setState(node, this.touched.has(name) ? "touched" : "plain");
    const input = this.inputs.get(name);
    const text = this.touched.get(name) ?? shown(sent(this.held)[name]);
    if (input && input.value !== text) input.value = text;
  }

  #touch(name, text) {
    if (text === shown(sent(this.held)[name])) this.touched.delete(name);
    else this.touched.set(name, text);
    this.#forget();
    this.draw(this.held, this.now);
  }

  /** All settings as they are to be: the newest with what was touched. */
  #wanted() {
    const settings = { ...sent(this.held) };
    for (const [name] of this.touched) {
      const wanted = chosen(this.fields.find((each) => each.name === name), this.inputs.get(name));
      if (wanted === null) delete settings[name];
      else settings[name] = wanted;
    }
    return settings;
  }

  async #compare() {
    this.#forget();
    await this.#ask(async () => {
      const settings = this.#wanted();
      const { revision: number, changes } = await send("POST", `${path(this.gateway)}/comparison`, { settings });
      this.compared = { settings, revision: number };
      setText(this.against, t(number === 0 ? "setting.first" : "setting.against", { n: number }));
      keep(this.changes, changes, ({ name }) => name, () => el("li"), (node, one) => setText(node, change(one)));
      show(this.review, true);
      this.go.focus();
    });
  }

  async #send() {
    const { settings, revision: number } = this.compared;
    await this.#ask(async () => {
      const body = { settings, why: this.why.value.trim() };
      const made = await sendWith({ "If-Match": `"${number}"` }, "PUT", path(this.gateway), body);
      this.touched.clear();
      this.why.value = "";
      this.#forget();
      setText(this.done, t(this.held.state === "offline" ? "setting.is-kept" : "setting.is-sent", { n: made.revision }));
    });
  }

  async #ask(work) {
    setText(this.problem, "");
    try {
      await work();
    } catch (error) {
      if (error.status === OUTDATED) this.#forget();
      setText(this.problem, said(error));
    }
    this.onChange();
  }

  /** What was compared is not what would be sent any more. */
  #forget() {
    this.compared = null;
    show(this.review, false);
    for (const line of [this.meanwhile, this.problem, this.done]) setText(line, "");
  }

  #undo() {
    this.touched.clear();
    this.#forget();
    this.draw(this.held, this.now);
  }

  /** The rows anew: another gateway, another language. */
  #again() {
    this.#forget();
    this.inputs.clear();
    this.table.replaceChildren();
  }
}

const path = (gateway) => `/api/provisioning/${encodeURIComponent(gateway)}/configuration`;
const revision = ({ newest: last }) => last?.revision ?? 0;
const sent = ({ newest: last }) => last?.settings ?? {};
/** Settings in force at the box; null: it is not known which. */
const applied = ({ in_force: at }) => (at === null ? {} : at.settings);
const shown = (given) => (given === undefined ? "" : `${given}`);
const change = ({ name, before, after }) => `${what("setting", name)}: ${value(before)} → ${value(after)}`;

function atBox(at, now) {
  if (at === null) return t("setting.none-at-box");
  return t("setting.in-force", { n: at.revision, age: age(Math.max(now.server - at.told_ms, 0)) });
}

function newest({ newest: last, state }, now) {
  if (last === null) return t("setting.none-sent");
  const [at, by] = issued(last, now);
  const [words, note] = progress(last, now, state !== "offline");
  return [t("setting.newest", { n: last.revision, at, by }), words, note].filter(Boolean).join(" · ");
}

/** How far the box is with its release, and which ones there are. */
function software({ software: told, releases }, now) {
  const there = releases.length > 0 ? t("software.offered", { releases: releases.join(", ") }) : "";
  if (told === null) return there;
  const parts = { n: told.release, age: age(Math.max(now.server - told.told_ms, 0)) };
  const words = has(`software.${told.progress}`) ? t(`software.${told.progress}`, parts) : told.progress;
  return [words, told.why, there].filter(Boolean).join(" · ");
}

/** How the box stands with its mobile network; nothing of one that asks for nothing. */
function quality({ quality: told }, now) {
  if (told === null) return "";
  const parts = { profile: told.profile, age: age(Math.max(now.server - told.told_ms, 0)) };
  const words = has(`network.${told.state}`) ? t(`network.${told.state}`, parts) : told.state;
  return [words, told.why].filter(Boolean).join(" · ");
}
