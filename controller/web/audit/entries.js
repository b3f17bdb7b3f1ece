// The entries as a table: when, who, what, whose, from where, why, and whether it was let.
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";

/** What can be chosen; entries of any other kind are shown, too. */
export const ACTIONS = [
  "login", "logout", "events", "snapshot", "bed", "trends", "waveforms", "results", "admit", "discharge", "assign", "move-limit", "classify-patient",
  "break-glass", "audit", "audit-export", "ledger-export", "quarantined-message",
  "command-issued", "configuration-issued",
];
const COLUMNS = ["when", "who", "what", "patient", "to", "outcome", "where", "why"].map((name) => `audit.column-${name}`);

export function draw(table, entries) {
  const head = COLUMNS.map((key) => el("th", { scope: "col" }, t(key)));
  table.replaceChildren(el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...entries.map(row)));
}

function row(one) {
  const detail = Object.entries(one.detail).map(([name, value]) => `${name}: ${value}`).join(", ");
  const note = (text) => (text ? [el("span", { class: "note" }, text)] : []);
  return el(
    "tr",
    { "data-state": one.outcome },
    el("th", { scope: "row" }, time(one.utc_ms), ...note(`№ ${one.number}`)),
    el("td", {}, one.actor || t("audit.nobody")),
    el("td", {}, named("audit.did", one.action), ...note(detail)),
    el("td", {}, one.patient ?? "–"),
    el("td", {}, one.entity || "–"),
    el("td", { class: "outcome" }, t(`audit.${one.outcome}`)),
    el("td", {}, one.where || t("audit.here")),
    el("td", {}, one.why ? named("audit.why", one.why) : "–"),
  );
}

const time = (ms) => el("time", { datetime: new Date(ms).toISOString() }, moment(ms));
