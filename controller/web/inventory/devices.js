// Everything that there is: a table with a filter, and cards of what nobody has recorded yet.
import { age } from "/screen/format.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { head, keepRows } from "/ledger/table.js";
import { named, t } from "/public/i18n.js";
import { offer } from "./fields.js";

const ATTENTION = ["calibration", "battery", "unseen", "unplaced", "unrecorded", "withdrawn"];
const COLUMNS = ["device", "attention", "profile", "serial", "asset_tag", "gateway", "bed", "battery", "firmware", "seen", "calibration_due"];
const SEARCHED = ["device", "profile", "serial", "asset_tag", "gtin", "address", "gateway", "bed", "notes"];

export class Devices {
  /** `onOpen(device)` is called when one is chosen. */
  constructor({ table, tools, waiting }, onOpen) {
    Object.assign(this, { table, waiting, onOpen, items: [], now: null });
    this.only = tools.querySelector("#only");
    this.text = tools.querySelector("#text");
    this.shown = tools.querySelector("#shown");
    for (const input of [this.only, this.text]) input.addEventListener("input", () => this.now && this.update(this.now));
    tools.addEventListener("submit", (event) => event.preventDefault());
  }

  show(items, now) {
    this.items = items;
    this.update(now);
  }

  update(now) {
    this.now = now;
    offer(this.only, ATTENTION.map((name) => [name, this.#counted(name)]), t("inventory.all"));
    const shown = this.items.filter((one) => this.#matches(one));
    setText(this.shown, t("inventory.shown", { n: shown.length, all: this.items.length }));
    const makeHead = () => head(COLUMNS.map((name) => `field.${name}`));
    keepRows(this.table, makeHead, shown, (one) => one.device, (one) => this.#row(one), (node, one) => update(node, one, now));
    this.#cards(this.items.filter((one) => !one.recorded));
  }

  #counted(name) {
    return `${t(`attention.${name}`)} (${this.items.filter((one) => one.attention.includes(name)).length})`;
  }

  #matches(device) {
    const text = this.text.value.trim().toLowerCase();
    const only = this.only.value;
    return (!only || device.attention.includes(only)) && SEARCHED.some((name) => (device[name] ?? "").toLowerCase().includes(text));
  }

  #row(device) {
    const button = el("button", { type: "button", class: "open-device", onclick: () => this.onOpen(this.#now(device)) }, device.device);
    const cells = COLUMNS.slice(1).map((name) => el("td", { "data-field": name }));
    return el("tbody", {}, el("tr", {}, el("th", { scope: "row" }, button), ...cells));
  }

  #cards(waiting) {
    show(this.waiting, waiting.length > 0);
    keep(this.waiting.querySelector(".cards"), waiting, (one) => one.device, (one) => this.#card(one), (node, one) => {
      setText(node.children[1], [one.profile, one.heard_by, one.bed].filter(Boolean).join(" · "));
      setText(node.children[2], t("waiting.record"));
    });
  }

  #card(device) {
    const open = el("button", { type: "button", onclick: () => this.onOpen(this.#now(device)) });
    return el("li", {}, el("b", {}, device.device), el("span"), open);
  }

  #now(device) {
    return this.items.find((one) => one.device === device.device) ?? device;
  }
}

function update(node, device, now) {
  const ended = device.withdrawn_ms !== null;
  setState(node, ended ? "withdrawn" : "plain");
  for (const cell of node.querySelectorAll("td")) {
    const name = cell.dataset.field;
    setText(cell, words(device, name, now));
    setState(cell, !ended && wants(device, name) ? "attention" : "plain");
  }
}

const wants = ({ attention }, name) => {
  const about = { battery: "battery", seen: "unseen", calibration_due: "calibration", bed: "unplaced" }[name];
  return name === "attention" ? attention.length > 0 : attention.includes(about);
};

function words(device, name, now) {
  if (name === "battery") return device.battery_percent === null ? "–" : `${device.battery_percent} %`;
  if (name === "seen") return device.seen_ms === null ? t("inventory.never") : t("age.ago", { age: age(Math.max(now - device.seen_ms, 0)) });
  if (name === "attention") return device.attention.map((one) => named("attention", one)).join(", ");
  if (name === "gateway") return device.gateway || device.heard_by || t("record.stock");
  return device[name] || "–";
}
