// Every gateway: what it is, how far it is, and whether it is there now.
import { el, setState, setText } from "/screen/dom.js";
import { heard } from "/ledger/told.js";
import { head, keepRows } from "/ledger/table.js";
import { named, t } from "/public/i18n.js";
import { stateOf } from "./state.js";

const COLUMNS = ["gateway", "name", "admitted", "live", "seen", "software", "place", "kind", "asset_tag"];

export class List {
  /** `onOpen(gateway)` is called when one is chosen. */
  constructor({ table, tools }, onOpen) {
    Object.assign(this, { table, onOpen, held: null, now: null });
    this.text = tools.querySelector("#text");
    this.shown = tools.querySelector("#shown");
    this.text.addEventListener("input", () => this.held && this.show(this.held, this.now));
    tools.addEventListener("submit", (event) => event.preventDefault());
  }

  /** `now`: the controller's own milliseconds, and UTC. */
  show(held, now) {
    Object.assign(this, { held, now });
    const places = new Map([...held.wards, ...held.beds].map((place) => [place.id, place.name]));
    const text = this.text.value.trim().toLowerCase();
    const found = held.gateways.filter((one) => [one.gateway, one.name, one.asset_tag, one.place].some((part) => part.toLowerCase().includes(text)));
    setText(this.shown, t("gateways.shown", { n: found.length, all: held.gateways.length }));
    const makeHead = () => head(COLUMNS.map((name) => `gateways.${name}`));
    keepRows(this.table, makeHead, found, (one) => one.gateway, (one) => this.#row(one), (node, one) => update(node, one, places, now));
  }

  #row({ gateway }) {
    const open = () => this.onOpen(this.held.gateways.find((one) => one.gateway === gateway));
    const button = el("button", { type: "button", class: "open-device", onclick: open }, gateway);
    const cells = COLUMNS.slice(1).map((name) => el("td", { "data-field": name }));
    return el("tbody", {}, el("tr", {}, el("th", { scope: "row" }, button), ...cells));
  }
}

function update(node, one, places, now) {
  for (const cell of node.querySelectorAll("td")) {
    const [state, words] = shown(one, cell.dataset.field, places, now);
    setText(cell, words);
    setState(cell, state);
  }
}

function shown(one, name, places, now) {
  if (name === "admitted") return stateOf(one, now.utc);
  if (name === "live") return [one.certified_until_utc_s === null ? "out" : one.state, t(`gateway.${one.state}`)];
  if (name === "seen") return ["plain", heard(one.seen_ms, now.server)];
  if (name === "place") return ["plain", places.get(one.place) ?? (one.place || "–")];
  if (name === "kind") return ["plain", one.kind ? named("kind", one.kind) : "–"];
  return ["plain", one[name] || "–"];
}
