// Today's doses by time, those of tomorrow, the reminders, and how the last 14 days went.
import { el } from "/screen/dom.js";
import { amount, day, isTodays, shortDay, time, weekday, when } from "./plain.js";
import { doseRow } from "./doses.js";
import { languageTag, t } from "./words.js";

const ENDING_MS = 14 * 86_400_000;

/** Each dose of the page with its medicine, by time. */
function all(mine) {
  return mine.medicines.flatMap((one) => one.doses.map((dose) => ({ one, dose }))).sort((a, b) => a.dose.due_ms - b.dose.due_ms);
}

/** Today's, to be ticked. */
export function today(mine, now, act, problem) {
  const found = all(mine).filter(({ dose }) => isTodays(dose.due_ms, now.utc));
  if (found.length === 0) return [el("p", { class: "soft" }, t("my.nothing-today"))];
  return [el("ul", { class: "doses" }, ...found.map(({ one, dose }) => doseRow(one, dose, now, act, problem, true)))];
}

/** Those to come that are not today's. */
export function later(mine, now) {
  const found = all(mine).filter(({ dose }) => dose.due_ms > now.utc && !isTodays(dose.due_ms, now.utc));
  return found.slice(0, 8).map(({ one, dose }) => el("li", {}, el("b", {}, when(dose.due_ms, now.utc)), el("span", {}, `${one.medicine}: ${amount(one.dose)}`)));
}

/** Prescriptions that end within two weeks, in words. */
function endings(mine, now) {
  const soon = mine.medicines.filter((one) => one.state === "active" && one.until_ms !== null && one.until_ms > now.utc && one.until_ms < now.utc + ENDING_MS);
  return soon.toSorted((a, b) => a.until_ms - b.until_ms).map((one) => t(one.repeats_left > 0 ? "my.remind-repeat" : "my.remind-ending", { medicine: one.medicine, day: day(one.until_ms), n: one.repeats_left }));
}

/** At which times of the day, what comes next, and the file for the phone's calendar. `beside`: times of what is no
 * medicine; `upcoming`: in words, what comes next of it. */
export function reminders(mine, now, beside, upcoming) {
  const doses = all(mine).filter(({ dose }) => dose.due_ms > now.utc).map(({ dose }) => time(dose.due_ms));
  const times = [...new Set([...doses, ...beside])].sort();
  const next = [...upcoming, ...endings(mine, now)];
  if (times.length + next.length === 0) return [];
  const path = `/api/my/reminders.ics?language=${languageTag().slice(0, 2)}`;
  const list = el("ul", { class: "lines" }, ...next.map((words) => el("li", {}, words)));
  return [el("p", { class: "how" }, times.join(" · ")), list, el("a", { class: "button large", href: path, download: "reminders.ics" }, t("my.reminders-file")), el("p", { class: "soft" }, t("my.reminders-note"))];
}

const MARKS = { all: "✓", some: "◐", none: "✕", silent: "?", free: "–" };

/** A row of days, each with a mark and its words, and the sum; nothing where no dose was due. */
export function lately(mine) {
  const sum = (name) => mine.days.reduce((so, one) => so + one[name], 0);
  if (sum("due") === 0) return [];
  const cell = (one) => {
    const kind = kindOf(one);
    const words = t(`my.day.${kind}`, { day: shortDay(one.day), taken: one.taken, due: one.due });
    return el("li", { class: "day", "data-kind": kind, title: words }, el("span", { "aria-hidden": "true" }, weekday(one.day)), el("b", { "aria-hidden": "true" }, MARKS[kind]), el("span", { "aria-hidden": "true" }, one.due === 0 ? "" : `${one.taken}/${one.due}`), el("span", { class: "reader" }, words));
  };
  return [el("p", { class: "how" }, t("my.days-sum", { taken: sum("taken"), due: sum("due") })), el("ol", { class: "days" }, ...mine.days.map(cell)), el("p", { class: "soft" }, t("my.days-note"))];
}

function kindOf({ due, taken, skipped }) {
  if (due === 0) return "free";
  if (taken === due) return "all";
  if (taken > 0) return "some";
  return skipped > 0 ? "none" : "silent";
}
