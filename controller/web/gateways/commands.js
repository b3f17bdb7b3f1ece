// Commands to one gateway: what can be asked, with a button or a form for each, and what was.
import { el, setState, setText, show } from "/screen/dom.js";
import { age } from "/screen/format.js";
import { sendWith } from "/board/api.js";
import { head, keepRows, noted } from "/ledger/table.js";
import { onLanguage, t } from "/public/i18n.js";
import { moment } from "/screen/dates.js";
import { said } from "/inventory/said.js";
import { chosen, labelled } from "./fields.js";
import { issued, progress, spelled, weight, what } from "./ordered.js";

const COLUMNS = ["what", "issued", "state"];
const LIVES = [10, 60, 480, 1440, 10_080];

export class Commands {
  /** `onChange()` after something was sent. */
  constructor(node, onChange) {
    Object.assign(this, { onChange, gateway: null, offered: null, there: false, last: null });
    this.ways = el("div", { class: "ways-in" });
    this.life = el("select", { id: "order-life" });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.done = el("p", { role: "status" });
    this.none = el("p", { class: "note", "data-t": "order.none" }, t("order.none"));
    this.table = el("table", { id: "commands" });
    const label = el("label", { for: "order-life", "data-t": "order.life" }, t("order.life"));
    const scroll = el("div", { class: "scroll", tabindex: "0", role: "region", "data-t-label": "order.sent-title" }, this.table);
    node.append(this.ways, el("div", { class: "row" }, label, this.life), this.problem, this.done, this.none, scroll);
    onLanguage(() => this.#build());
  }

  open(gateway, offered) {
    Object.assign(this, { gateway, offered, last: null });
    for (const line of [this.problem, this.done]) setText(line, "");
    this.#build();
  }

  draw({ commands, state }, now) {
    this.there = state !== "offline";
    keepRows(this.table, () => head(COLUMNS.map((name) => `order.${name}`)), commands, (one) => one.id, (one) => row(one), (node, one) => update(node, one, now, this.there));
    show(this.none, commands.length === 0);
    show(this.table.parentElement, commands.length > 0);
  }

  #build() {
    if (this.offered === null) return;
    const lives = LIVES.filter((minutes) => minutes <= this.offered.most_minutes);
    const kept = this.life.value || `${this.offered.minutes}`;
    this.life.replaceChildren(...lives.map((minutes) => new Option(age(minutes * 60_000), minutes)));
    this.life.value = kept;
    const plain = this.offered.commands.filter((one) => one.arguments.length === 0);
    const buttons = plain.map(({ name }) => el("button", { type: "button", onclick: () => this.#send(name, {}) }, what("command", name)));
    const forms = this.offered.commands.filter((one) => one.arguments.length > 0).map((one) => this.#form(one));
    this.ways.replaceChildren(el("div", { class: "row" }, ...buttons), ...forms);
  }

  #form({ name, arguments: fields }) {
    const inputs = fields.map((field) => [field, labelled(`${name}-${field.name}`, what("argument", field.name), field)]);
    const label = what("command", name);
    const go = el("button", { type: "submit", "aria-label": `${t("order.send")}: ${label}` }, t("order.send"));
    const nodes = inputs.flatMap(([, { label: about, input }]) => [about, input]);
    const form = el("form", { class: "row", novalidate: true }, el("b", {}, label), ...nodes, go);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = inputs.map(([field, { input }]) => [field.name, chosen(field, input) ?? (field.kind === "text" ? "" : null)]);
      this.#send(name, Object.fromEntries(given.filter(([, each]) => each !== null)));
    });
    return form;
  }

  async #send(name, given) {
    for (const line of [this.problem, this.done]) setText(line, "");
    const body = { name, arguments: given, minutes: Number(this.life.value) };
    try {
      const path = `/api/provisioning/${encodeURIComponent(this.gateway)}/commands`;
      const made = await sendWith({ "Idempotency-Key": this.#key(body) }, "POST", path, body);
      this.last = null;
      const parts = { what: spelled({ name, arguments: given }), at: moment(made.expires_utc_ms) };
      setText(this.done, t(this.there ? "order.is-sent" : "order.is-kept", parts));
      this.onChange();
    } catch (error) {
      if (error.name === "Refusal") this.last = null;
      setText(this.problem, said(error));
    }
  }

  /** The same for the same command until its answer has come: pressed again after a lost answer it is done once. */
  #key(body) {
    const text = JSON.stringify([this.gateway, body]);
    if (this.last?.text !== text) this.last = { text, key: crypto.randomUUID() };
    return this.last.key;
  }
}

const row = () => el("tbody", {}, el("tr", {}, el("th", { scope: "row" }), el("td"), el("td", { "data-field": "state" })));

function update(node, one, now, there) {
  const [about, when, state] = node.firstChild.children;
  setText(about, spelled(one));
  noted(when, ...issued(one, now));
  noted(state, ...progress(one, now, there));
  setState(state, weight(one));
}
