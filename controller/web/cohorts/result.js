// What a question found: counts by month, what they rest on, the course around the event, and what was read.
import { age } from "/screen/format.js";
import { el } from "/screen/dom.js";
import { languageTag, t } from "/public/i18n.js";
import { moment } from "/screen/dates.js";
import { course, months } from "./chart.js";

const count = (n) => (n === null ? t("cohorts.few") : new Intl.NumberFormat(languageTag()).format(n));
const LEFT_OUT = ["used", "disowned", "no_value", "flawed", "out_of_range", "no_data", "not_over", "thin"];

/** Nodes that tell it; `now` is the controller's UTC in ms. */
export function result({ found, exact, now }) {
  const { total, read } = found;
  const lake = t("cohorts.as-of", { when: moment(found.lake_utc_ms), age: age(Math.max(now - found.lake_utc_ms, 0)), n: found.generation });
  const said = { matching: count(total.matching), admitted: count(total.admitted), unknown: count(total.unknown), patients: count(found.patients) };
  return [
    el("p", { class: "sentence" }, t("cohorts.counted", said)),
    el("p", { class: "soft" }, lake, " ", t("cohorts.took", { s: (read.took_ms / 1000).toFixed(1), rows: count(read.rows), there: count(read.rows_there), files: read.files, of: read.files_there, mb: (read.bytes / 1e6).toFixed(1) })),
    ...(exact ? [] : [el("p", {}, t("cohorts.cut"))]),
    el("figure", {}, months(found.months), el("figcaption", { class: "soft" }, t("cohorts.chart-key"))),
    monthTable([...found.months, total]),
    bases(found),
    ...around(found),
  ];
}

function monthTable(rows) {
  const head = ["month", "admitted", "matching", "unknown"].map((name) => el("th", { scope: "col" }, t(`cohorts.col-${name}`)));
  const body = rows.map((one) => el("tr", {}, el("th", { scope: "row" }, one.month || t("cohorts.total")), ...[one.admitted, one.matching, one.unknown].map((n) => el("td", {}, count(n)))));
  return table(t("cohorts.chart-months"), head, body);
}

function bases({ bases: told, disowned_known: known, not_known_who: who }) {
  const head = [el("th", { scope: "col" }, t("cohorts.rests")), ...told.map((_, n) => el("th", { scope: "col" }, t("cohorts.condition-n", { n: n + 1 })))];
  const value = (one, name) => (name === "disowned" && !known ? t("cohorts.not-in-lake") : count(one[name]));
  const body = LEFT_OUT.map((name) => el("tr", {}, el("th", { scope: "row" }, t(`cohorts.basis-${name}`)), ...told.map((one) => el("td", {}, value(one, name)))));
  return el("div", {}, table(t("cohorts.rests"), head, body), el("p", {}, t("cohorts.who-not-known", { n: count(who) })));
}

function around({ steps, unit, event }) {
  const drawn = course(steps, unit);
  if (drawn === null) return [];
  const head = ["minute", "admissions", "low", "median", "high"].map((name) => el("th", { scope: "col" }, t(`cohorts.col-${name}`, { unit })));
  const number = (value) => (value === null ? t("cohorts.few") : String(Math.round(value * 10) / 10));
  const body = steps.map((one) => el("tr", {}, el("th", { scope: "row" }, String(one.minute)), el("td", {}, count(one.admissions)), ...[one.low, one.median, one.high].map((value) => el("td", {}, number(value)))));
  const rows = el("details", {}, el("summary", {}, t("cohorts.course-table")), table(t("cohorts.chart-course", { unit }), head, body));
  return [el("figure", {}, drawn, el("figcaption", { class: "soft" }, t("cohorts.course-key", { n: event + 1, unit }))), rows];
}

export function table(label, head, body) {
  const whole = el("table", {}, el("caption", { class: "reader" }, label), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body));
  return el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": label }, whole);
}

/** How it is answered: rules in words, the statements with their parameters, what DuckDB took time for. */
export function planned(plan, language, read) {
  const questions = plan.questions.map((one) => el("pre", {}, one.sql, "\n\n", JSON.stringify(one.parameters)));
  const slow = read === null ? [] : [el("p", {}, t("cohorts.slowest", { what: read.plan.join(", "), groups: read.row_groups, of: read.row_groups_there }))];
  return el("details", {}, el("summary", {}, t("cohorts.plan")), el("ul", {}, ...plan.rules[language].map((one) => el("li", {}, one))), ...slow, ...questions);
}
