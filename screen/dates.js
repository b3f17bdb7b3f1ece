// Dates for people, as ISO 8601 orders them: 11/12 is two different days, depending on who reads it.

/** A moment on this screen's calendar, or in `timeZone`: 2026-11-25 22:06:32. */
export function moment(ms, timeZone) {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone }).format(ms);
}
