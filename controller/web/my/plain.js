// A medicine as one would say it at a table: how much, how often, until when, what for.
import { has, languageTag, named, t } from "./words.js";

/** "1 tablet", "2.5 mL". */
export function amount({ value, unit }) {
  const name = unit.replace(/[{}]/g, "");
  const one = value === "1" ? "one" : "many";
  return `${value} ${has(`my.unit.${name}.${one}`) ? t(`my.unit.${name}.${one}`) : named("my.unit", name.replaceAll(/\[(\w+)\]/g, "$1"))}`;
}

/** "2 times a day", "every 8 hours", "if needed, for pain: at most 3 times in 24 hours, 6 hours apart". */
export function often({ rhythm, times, hours, at, reason }) {
  if (rhythm === "per-day") return t(times === 1 ? "my.once-a-day" : "my.times-a-day", { times });
  if (rhythm === "as-needed") return t(hours > 0 ? "my.needed-apart" : "my.needed", { times, hours, reason });
  return t(`my.${rhythm}`, { hours, at: at.join(", ") });
}

export function until({ until_ms: untilMs }) {
  return untilMs === null ? t("my.until-stopped") : t("my.until", { day: day(untilMs) });
}

/** "Friday, 27 November". */
export function day(ms) {
  return new Intl.DateTimeFormat(languageTag(), { weekday: "long", day: "numeric", month: "long" }).format(ms);
}

/** "26 Nov": for tables. */
export function shortDate(ms) {
  return new Intl.DateTimeFormat(languageTag(), { day: "numeric", month: "short" }).format(ms);
}

export function time(ms) {
  return new Intl.DateTimeFormat(languageTag(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(ms);
}

/** "today 20:00", "tomorrow 08:00", "Friday, 27 November 08:00". */
export function when(ms, now) {
  const days = Math.round((midnight(ms) - midnight(now)) / 86_400_000);
  const name = { "-1": "my.yesterday", 0: "my.today", 1: "my.tomorrow" }[days];
  return `${name === undefined ? day(ms) : t(name)} ${time(ms)}`;
}

function midnight(ms) {
  const at = new Date(ms);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

/** Whether two times are of one day of this phone's calendar. */
export const isSameDay = (a, b) => midnight(a) === midnight(b);

const LATE_MS = 6 * 3_600_000;

/** Whether a dose belongs to today's list: of this day, or of the night that has just gone. */
export const isTodays = (dueMs, now) => isSameDay(dueMs, now) || (dueMs <= now && now - dueMs < LATE_MS);

/** Of a day as "2026-11-26": "Thu", and "Thursday 26". */
export const weekday = (text) => new Intl.DateTimeFormat(languageTag(), { weekday: "short" }).format(noon(text));
export const shortDay = (text) => new Intl.DateTimeFormat(languageTag(), { weekday: "long", day: "numeric", month: "long" }).format(noon(text));

const noon = (text) => new Date(`${text}T12:00:00`);
