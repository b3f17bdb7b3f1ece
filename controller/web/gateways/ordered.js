// What was asked of a gateway and what became of it, in words.
import { age } from "/screen/format.js";
import { moment } from "/screen/dates.js";
import { has, t } from "/public/i18n.js";

const STATES = { done: "online", applied: "online", sent: "waits", expired: "behind" };
const OUTCOMES = new Set(["done", "applied", "refused", "failed", "interrupted"]);

/** A setting's, an argument's or a command's name. */
export const what = (prefix, name) => (has(`${prefix}.${name}`) ? t(`${prefix}.${name}`) : name);

/** A value as it is set; null: as in the gateway's own file. */
export const value = (given) => (given === null || given === undefined ? t("setting.own-file") : `${given}`);

/** "Log level · debug". */
export const spelled = ({ name, arguments: given }) => [what("command", name), ...Object.values(given)].filter((part) => part !== "").join(" · ");

/** A name of the state for the style sheet. */
export const weight = ({ state }) => STATES[state] ?? "offline";

/** How far an order is: [words, note]; `now` has the controller's own milliseconds and UTC, `there` if the box is. */
export function progress(order, now, there) {
  if (order.state === "sent") return waiting(order, now, there);
  if (order.state === "expired") return [t("order.expired", { at: moment(order.expires_utc_ms) }), ""];
  const told = { age: age(Math.max(now.server - order.told_ms, 0)), state: order.state };
  const words = OUTCOMES.has(order.state) ? t(`order.${order.state}`, told) : t("order.other", told);
  const more = Object.entries(order.more).map(([name, each]) => `${name}: ${each}`);
  return [words, [order.why, ...more].filter(Boolean).join(" · ")];
}

function waiting(order, now, there) {
  const parts = { age: age(Math.max(now.utc - order.issued_utc_ms, 0)), at: moment(order.expires_utc_ms ?? 0) };
  const until = order.expires_utc_ms === undefined ? "" : t("order.expires-at", parts);
  return [t(there ? "order.no-answer" : "order.when-back", parts), until];
}

/** Who issued it, and when: [moment, age and name]. */
export function issued(order, now) {
  const parts = { age: age(Math.max(now.utc - order.issued_utc_ms, 0)), who: order.issuer };
  return [moment(order.issued_utc_ms), t("order.by", parts)];
}
