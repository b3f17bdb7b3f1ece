// One gateway: the certificates that it was given, and what an engineer can do about it.
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { get, send } from "/board/api.js";
import { head, keepRows } from "/ledger/table.js";
import { onLanguage, t } from "/public/i18n.js";
import { said } from "/inventory/said.js";
import { button } from "./fields.js";
import { moment, since } from "./state.js";

/** Characters of a reason. */
const SHORTEST = 3;
const COLUMNS = ["serial", "issued", "until", "standing", "act"];

export class Detail {
  /** `onChange()` after something was done; `onClaim(gateway)` when it is to have a new claim. */
  constructor(node, onChange, onClaim) {
    Object.assign(this, { node, onChange, one: null, certificates: [], receipts: new Map() });
    this.title = el("h2", { id: "gateway-title", tabindex: "-1" });
    this.table = el("table");
    this.none = el("p", { class: "note", "data-t": "certificate.none" }, t("certificate.none"));
    this.why = el("input", { id: "why", type: "text", maxlength: "200", autocomplete: "off" });
    this.all = button("certificate.revoke-all", () => this.#revoke(""));
    this.end = button("gateways.decommission", () => this.#decommission(), { class: "danger" });
    this.receipt = el("a", { class: "button", "data-t": "gateways.receipt" }, t("gateways.receipt"));
    this.problem = el("p", { class: "problem", role: "alert" });
    this.done = el("p", { role: "status" });
    const why = el("label", { for: "why", "data-t": "gateways.why" }, t("gateways.why"));
    const again = button("gateways.again", () => onClaim(this.one));
    const scroll = el("div", { class: "scroll", tabindex: "0", role: "region", "data-t-label": "certificate.title" }, this.table);
    const closing = button("record.close", () => this.close());
    node.append(this.title, scroll, this.none, el("div", { class: "row" }, why, this.why), this.problem, this.done);
    node.append(el("div", { class: "row" }, this.all, this.end, this.receipt, again, closing));
    node.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    onLanguage(() => setText(this.done, ""));
  }

  async open(one) {
    this.one = one;
    this.why.value = "";
    this.certificates = [];
    for (const line of [this.problem, this.done]) setText(line, "");
    show(this.node, true);
    await this.#read();
    this.title.focus();
    this.node.scrollIntoView();
  }

  close() {
    this.one = null;
    show(this.node, false);
  }

  /** The gateways as they are now; of the open one its certificates, too, when they are others than before. */
  heard(gateways) {
    if (this.one === null) return;
    const before = this.one;
    this.one = gateways.find(({ gateway }) => gateway === before.gateway) ?? before;
    const told = ["certified_utc_s", "certified_until_utc_s", "provisioned"];
    if (told.some((name) => before[name] !== this.one[name])) this.#read();
  }

  async #read() {
    const { gateway } = this.one;
    try {
      const { certificates } = await get(`${path(gateway)}/certificates`);
      if (this.one?.gateway === gateway) this.certificates = certificates;
    } catch (error) {
      setText(this.problem, said(error));
    }
    this.onChange();
  }

  draw({ utc }) {
    if (this.one === null) return;
    const { gateway, name, provisioned } = this.one;
    setText(this.title, t("gateways.of", { gateway, name }));
    const makeHead = () => head(COLUMNS.map((column) => `certificate.${column}`));
    keepRows(this.table, makeHead, this.certificates, (held) => held.serial, (held) => this.#row(held), (node, held) => update(node, held, utc));
    show(this.table.parentElement, this.certificates.length > 0);
    show(this.none, this.certificates.length === 0);
    show(this.all, this.certificates.some((held) => held.revoked_utc_s === null));
    show(this.end, provisioned);
    show(this.receipt, this.receipts.has(gateway));
    if (this.receipts.has(gateway)) Object.assign(this.receipt, this.receipts.get(gateway));
  }

  #row({ serial }) {
    const cells = COLUMNS.slice(1, -1).map((name) => el("td", { "data-field": name }));
    const act = button("certificate.revoke", () => this.#revoke(serial));
    return el("tbody", {}, el("tr", {}, el("th", { scope: "row", class: "serial" }, serial), ...cells, el("td", {}, act)));
  }

  #revoke(serial) {
    return this.#do(async ({ gateway }, why) => {
      const { serials } = await send("POST", `${path(gateway)}/revocation`, { why, serial });
      setText(this.done, t("certificate.revoked-now", { n: serials.length }));
    });
  }

  #decommission() {
    return this.#do(async ({ gateway }, why) => {
      const { receipt } = await send("POST", `${path(gateway)}/decommissioning`, { why });
      const href = URL.createObjectURL(new Blob([receipt], { type: "application/pkcs7-mime" }));
      this.receipts.set(gateway, { href, download: `decommissioned-${gateway}.p7s` });
      setText(this.done, t("gateways.decommissioned"));
    });
  }

  async #do(work) {
    for (const line of [this.problem, this.done]) setText(line, "");
    const why = this.why.value.trim();
    if (why.length < SHORTEST) {
      setText(this.problem, t("gateways.why-missing"));
      this.why.focus();
      return;
    }
    try {
      await work(this.one, why);
      this.why.value = "";
      await this.#read();
    } catch (error) {
      setText(this.problem, said(error));
      this.why.focus();
    }
  }
}

const path = (gateway) => `/api/provisioning/${encodeURIComponent(gateway)}`;

function update(node, held, utc) {
  const [, issued, until, standing, act] = node.firstChild.children;
  setText(issued, t("certificate.since", { at: moment(held.issued_utc_s), age: since(held.issued_utc_s, utc) }));
  setText(until, moment(held.expires_utc_s));
  const state = held.revoked_utc_s !== null ? "revoked" : held.expires_utc_s * 1000 > utc ? "good" : "lapsed";
  setState(standing, state === "good" ? "online" : "out");
  setText(standing, t(`certificate.${state}`, { at: moment(held.revoked_utc_s ?? 0), why: held.why }));
  show(act.firstChild, state !== "revoked");
}
