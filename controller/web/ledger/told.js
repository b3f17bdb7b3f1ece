// Counts, ranges, clocks and times of the ledger in words. An age always says as of when it was known.
import { age } from "/screen/format.js";
import { moment } from "/screen/dates.js";
import { languageTag, named, t } from "/public/i18n.js";

/** A count as the language writes it; "–" for what is not known. */
export function count(n) {
  return n === null ? "–" : new Intl.NumberFormat(languageTag()).format(n);
}

export const ago = (at, now) => t("age.ago", { age: age(Math.max(now - at, 0)) });

/** "3 s ago", or "–" for never. */
export const heard = (at, now) => (at === null ? "–" : ago(at, now));

/** "3–5, 9" and how many ranges more there are. */
export function ranges(pairs, total = pairs.length) {
  const shown = pairs.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
  return total > pairs.length ? t("ledger.more-ranges", { shown, n: count(total - pairs.length) }) : shown;
}

/** The oldest block that waits for these lanes, and how many do: "12 s, 34 wait". */
export function waits(lanes) {
  const ages = lanes.map((lane) => lane.oldest_ms).filter((ms) => ms !== null);
  const waiting = lanes.reduce((sum, lane) => sum + (lane.waiting ?? 0), 0);
  return ages.length ? t("ledger.oldest", { age: age(Math.max(...ages)), n: count(waiting) }) : t("ledger.none-waits");
}

/** The same and as of when; null for a journal of which its gateway does not tell. */
export function oldest(lanes, toldAt, now) {
  if (toldAt === null) return null;
  const isBad = lanes.some((lane) => lane.waiting) && now - toldAt > 10_000;
  return { what: waits(lanes), asOf: t("ledger.as-of", { ago: ago(toldAt, now) }), isBad };
}

/** "network ±3 ms", "not set · UTC unknown". */
export function clock(told) {
  if (told === null) return "–";
  const error = told.error_ms === null ? "" : ` ±${Number(told.error_ms.toPrecision(3))} ms`;
  return [t(`sync.${told.sync}`) + error, ...(told.utc_known ? [] : [t("sync.no-utc")])].join(" · ");
}

export const when = (ms) => moment(ms);

/** From when to when, by the best clock that is known: UTC, the controller's, or only the gateway's own. */
export function span(gap) {
  if (gap.from_utc_ms !== null) {
    return t("gap.utc", { from: moment(gap.from_utc_ms, "UTC"), to: moment(gap.to_utc_ms, "UTC") });
  }
  if (gap.from_ms !== null) return t("gap.controller", { from: moment(gap.from_ms), to: moment(gap.to_ms) });
  const seconds = (ms) => (ms / 1000).toFixed(3);
  return t("gap.boot", { from: seconds(gap.from_mono_ms), to: seconds(gap.to_mono_ms), boot: gap.boot });
}

export const why = (code) => named("why", code);
