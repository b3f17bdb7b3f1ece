// How far a gateway is, and times, in words.
import { age } from "/screen/format.js";
import { moment as momentOf } from "/screen/dates.js";
import { t } from "/public/i18n.js";

/** A date and time of day; `utcS` is UTC in seconds. */
export const moment = (utcS) => momentOf(utcS * 1000);

/** How long ago it was, "3 d": `utcNow` is UTC in milliseconds. */
export const since = (utcS, utcNow) => age(Math.max(utcNow - utcS * 1000, 0));

/** "23:59:58". */
export function countdown(ms) {
  const seconds = Math.max(Math.ceil(ms / 1000), 0);
  const two = (n) => `${n}`.padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** [a name for the style sheet, words]. */
export function stateOf(one, utcNow) {
  if (!one.provisioned) return ["out", t("gateways.out")];
  const open = one.claim_until_utc_s !== null && one.claim_until_utc_s * 1000 > utcNow;
  const words = open ? [t("gateways.claim-open", { until: moment(one.claim_until_utc_s) })] : [];
  if (one.certified_until_utc_s !== null) return [open ? "open" : "in", [certified(one, utcNow), ...words].join("; ")];
  return open ? ["open", words[0]] : ["none", t("gateways.no-certificate")];
}

function certified(one, utcNow) {
  const parts = { until: moment(one.certified_until_utc_s), age: since(one.certified_utc_s, utcNow) };
  return t(one.certified_until_utc_s * 1000 > utcNow ? "gateways.certified" : "gateways.lapsed", parts);
}
