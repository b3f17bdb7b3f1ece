// Times of the box as people read them.
import { age, clockTime } from "/screen/format.js";
import { t } from "/screen/i18n.js";

/** "14:03:07" where the box knows the time of day, else how long ago; null: not known. */
export function timeOf(atMs, clock, now) {
  if (atMs === null) return t("time.unknown");
  if (clock?.utc_offset_ms !== null && clock?.utc_offset_ms !== undefined) return clockTime(atMs + clock.utc_offset_ms, true);
  return t("age.ago", { age: age(Math.max(now - atMs, 0)) });
}

/** "3:07", "1:03:07". */
export function timer(ms) {
  const seconds = Math.max(Math.floor(ms / 1000), 0);
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
