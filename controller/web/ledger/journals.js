// A row for each journal: its sums, what waits for it, its clock. Opened, it shows what lies behind them.
import { count, clock as clockWords, heard, oldest } from "./told.js";
import { el, setState, setText, show } from "/screen/dom.js";
import { head, keepRows, noted } from "./table.js";
import { Detail } from "./detail.js";
import { t } from "/public/i18n.js";

const COUNTS = ["produced", "committed", "missing", "duplicated", "quarantined", "shed", "resent"];
const COLUMNS = ["ledger.journal", ...COUNTS.map((name) => `count.${name}`), "ledger.oldest-title", "ledger.clock", "ledger.heard"];
const ATTENTION = new Set(["missing", "quarantined", "shed"]);

const sum = (lanes, name) => (lanes.some((lane) => lane[name] === null) ? null : lanes.reduce((n, lane) => n + lane[name], 0));

/** How a count is to be seen: a defect, worth a look, or plain. */
export function weight(name, n) {
  if (!n) return "plain";
  if (name === "duplicated") return "defect";
  return ATTENTION.has(name) ? "attention" : "plain";
}

export class Journals {
  /** `onOpen()` is called when another journal is to be asked for. */
  constructor(table, onOpen) {
    Object.assign(this, { table, onOpen, items: [], opened: null, detail: null });
  }

  /** The answer of the controller; `detail` that of the opened journal. */
  show(items, detail, now) {
    this.items = items;
    this.detail = detail;
    this.update(now);
  }

  update(now) {
    const makeHead = () => head(COLUMNS, new Set(COUNTS.map((name) => `count.${name}`)));
    keepRows(this.table, makeHead, this.items, (one) => one.journal, (one) => this.#make(one), (node, one) => this.#update(node, one, now));
  }

  #make(journal) {
    const toggle = () => this.#toggle(journal.journal);
    const button = el("button", { type: "button", class: "open-journal", "aria-expanded": "false", onclick: toggle }, el("b"), el("span", { class: "note" }));
    const cells = COUNTS.map((name) => el("td", { class: "count", "data-count": name }));
    const row = el("tr", {}, el("th", { scope: "row" }, button), ...cells, el("td", { class: "about" }), el("td", { class: "about" }), el("td", { class: "about" }));
    const detail = el("tr", { class: "detail", hidden: true }, el("td", { colspan: COLUMNS.length }, el("div")));
    const node = el("tbody", {}, row, detail);
    node.detail = new Detail(detail.firstChild.firstChild);
    return node;
  }

  #toggle(name) {
    this.opened = this.opened === name ? null : name;
    this.detail = null;
    this.onOpen();
  }

  #update(node, journal, now) {
    const [row, detail] = node.children;
    const isOpen = this.opened === journal.journal;
    const [name, ...cells] = row.children;
    this.#name(name.firstChild, journal, isOpen);
    for (const cell of cells.slice(0, COUNTS.length)) {
      const total = sum(journal.lanes, cell.dataset.count);
      setText(cell, count(total));
      setState(cell, weight(cell.dataset.count, total));
    }
    const states = cells.map((cell) => cell.dataset.state);
    setState(node, states.includes("defect") ? "defect" : states.includes("attention") ? "troubled" : "plain");
    about(cells.slice(COUNTS.length), journal, now);
    show(detail, isOpen);
    if (isOpen) node.detail.update(this.detail, now);
  }

  #name(button, journal, isOpen) {
    const state = journal.state ? t(`gateway.${journal.state}`) : t(journal.open ? "ledger.open" : "ledger.closed");
    setText(button.children[0], journal.gateway);
    setText(button.children[1], `${journal.journal} · ${state}`);
    setState(button.children[1], journal.state ?? "plain");
    if (button.ariaExpanded !== String(isOpen)) button.ariaExpanded = String(isOpen);
  }
}

/** What waits, the clock, and when it was heard; all with their ages. */
function about([waits, clock, last], journal, now) {
  const told = oldest(journal.lanes, journal.told_ms, now);
  noted(waits, told?.what ?? "–", told?.asOf ?? "");
  setState(waits, told?.isBad ? "attention" : "plain");
  setText(clock, clockWords(journal.clock));
  setState(clock, journal.clock && (journal.clock.sync === "unset" || !journal.clock.utc_known) ? "attention" : "plain");
  setText(last, heard(journal.heard_ms, now));
}
