// How long the board took, and what was turned, newest first.
import { clockTime } from "/screen/format.js";
import { el, keep, setText } from "/screen/dom.js";
import { has, named, t } from "/screen/i18n.js";

const COLUMNS = ["kind", "count", "missed", "least", "median", "p95", "most"];

export function updateDelays(body, table) {
  keep(body, table, ({ kind }) => kind, () => el("tr", {}, el("th", { scope: "row" }), ...COLUMNS.slice(1).map(() => el("td", {}))),
    (row, one) => COLUMNS.forEach((column, n) => setText(row.children[n], cell(column, one))));
}

function cell(column, one) {
  if (column === "kind") return t(`dial.${one.kind}`);
  if (column === "count" || column === "missed") return String(one[column]);
  if (one[column] === null) return column === "p95" ? t("delays.few") : "–";
  return one[column].toFixed(2);
}

export function updateTurns(body, turns, measured) {
  const newest = turns.toReversed();
  keep(body, newest, ({ t: seconds, dial, device, bed }) => `${seconds}/${bed}/${device}/${dial}`, () =>
    el("tr", {}, el("td", {}), el("th", { scope: "row" }), el("td", {}), el("td", {})), (row, one) => updateTurn(row, one, measured));
}

function updateTurn(row, one, measured) {
  const of = measured.filter(({ turn }) => turn.t === one.t && turn.dial === one.dial);
  setText(row.children[0], clockTime(Date.parse(one.at), true));
  setText(row.children[1], t("turns.one", { bed: one.device ?? one.bed, name: t(`dial.${one.dial}`), value: valueOf(one) }));
  setText(row.children[2], secondsOf(of.find(({ kind }) => kind !== "alarm")));
  setText(row.children[3], secondsOf(of.find(({ kind }) => kind === "alarm")));
}

function valueOf({ dial, value }) {
  if (value === null) return t("dial.own");
  if (typeof value === "boolean") return t(value ? "turns.on" : "turns.off");
  return dial === "rhythm" && has(`rhythm.${value}`) ? t(`rhythm.${value}`) : String(value);
}

function secondsOf(one) {
  if (!one) return "–";
  if (one.seconds === null) return t("turns.never");
  const seconds = t("turns.seconds", { n: one.seconds.toFixed(2) });
  return one.code ? `${seconds} · ${named("alert", one.code)}` : seconds;
}
