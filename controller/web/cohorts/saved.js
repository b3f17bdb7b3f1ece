// Saved cohorts: each version with what it found, run again on a newer lake, and who matches.
import { done } from "/people/page.js";
import { el } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { moment } from "/screen/dates.js";
import { result, table } from "./result.js";

/** One of the list; `language` is en or zh, `open(one)` shows it. */
export function row(one, language, open) {
  const label = `${one.name}@${one.version}`;
  return el("li", {}, el("p", {}, el("b", {}, label), " ", one.words[language]), el("p", { class: "soft" }, t("cohorts.saved-by", { by: one.by, when: moment(one.utc_ms), why: one.why })), el("button", { type: "button", "aria-label": t("cohorts.open-of", { label }), onclick: () => open(one) }, t("cohorts.open")));
}

const path = (one) => `/api/cohorts/${one.name}/${one.version}`;

/** Nodes of a version: what it found now, and before; `again(detail)` is called with what it finds anew. */
export function opened({ version, runs, exact }, { now, mayList, again }) {
  const run = el("button", { type: "button", class: "primary", onclick: () => anew(run, version, again) }, t("cohorts.run"));
  const list = el("div", {});
  const who = el("button", { type: "button", onclick: () => members(list, version) }, t("cohorts.members"));
  const newest = runs.length > 0 ? result({ found: runs[0].found, exact, now }) : [el("p", {}, t("cohorts.no-runs"))];
  return [el("p", { class: "row" }, run, ...(mayList ? [who] : [])), list, ...newest, ...(runs.length > 1 ? [history(runs)] : [])];
}

async function anew(button, version, again) {
  button.disabled = true;
  const told = await done("POST", `${path(version)}/runs`);
  button.disabled = false;
  if (told !== undefined) again(told);
}

async function members(list, version) {
  const told = await done("GET", `${path(version)}/members`);
  if (told === undefined) return;
  const head = ["patient", "ward", "began", "event"].map((name) => el("th", { scope: "col" }, t(`cohorts.col-${name}`)));
  const at = (ms) => (ms === null ? "–" : moment(ms));
  const body = told.members.map((one) => el("tr", {}, el("th", { scope: "row" }, one.patient), el("td", {}, one.ward ?? "–"), el("td", {}, at(one.began_ms)), el("td", {}, at(one.event_ms))));
  const note = told.more ? [el("p", {}, t("cohorts.more"))] : [];
  list.replaceChildren(el("p", { role: "status" }, t("cohorts.listed", { n: told.members.length })), ...note, table(t("cohorts.members"), head, body));
}

function history(runs) {
  const count = (n) => (n === null ? t("cohorts.few") : String(n));
  const head = ["run", "lake", "admitted", "matching", "unknown"].map((name) => el("th", { scope: "col" }, t(`cohorts.col-${name}`)));
  const body = runs.map(({ found, by, utc_ms: at }) => el("tr", {}, el("th", { scope: "row" }, `${moment(at)} ${by}`), el("td", {}, `${found.generation} · ${moment(found.lake_utc_ms)}`), ...["admitted", "matching", "unknown"].map((name) => el("td", {}, count(found.total[name])))));
  return el("section", {}, el("h3", {}, t("cohorts.earlier")), table(t("cohorts.earlier"), head, body));
}
