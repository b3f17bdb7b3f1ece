// What became of a prescription: its signature, the pharmacy's work, what was handed out and carried, what was given.
import { aloneWords, seenWords } from "/round/alone.js";
import { amount, unit } from "./said.js";
import { el } from "/screen/dom.js";
import { linkWords } from "./cold.js";
import { moment } from "/screen/dates.js";
import { named, t } from "/public/i18n.js";

export function story({ prescription, signed_by: by, standing, tasks, dispenses, deliveries, given }) {
  const ucum = prescription.wanted.quantity.unit;
  const says = (value) => `${value} ${unit(ucum)}`;
  const due = standing.next_due_ms === null ? [] : [t("rx.lasts", { when: moment(standing.next_due_ms).slice(0, 10) })];
  const stands = [t("rx.standing", { all: says(standing.authorised), out: says(standing.handed_out), left: says(standing.left) }), ...due];
  return [
    el("p", {}, by === null ? t("rx.not-signed-yet") : t("rx.signed-by", { by, when: moment(prescription.signed_ms) })),
    ...(by === null ? [] : [el("p", {}, stands.join(" · "))]),
    ...lines("rx.tasks", tasks.map((one) => [named("rx.task", one.state), one.why, one.owner, moment(one.changed_ms)])),
    ...lines("rx.dispenses", dispenses.map((one) => [one.number, amount(one), named("rx.dispense", one.state), one.substituted_why && t("rx.substituted", { why: one.substituted_why }), one.checked_by && t("rx.checked-by", { by: one.checked_by }), one.why, moment(one.changed_ms)])),
    ...lines("rx.deliveries", deliveries.map((one) => [one.number, t(`rx.delivery.${one.kind}`), named("rx.on-way", one.state), one.coming_back && t("rx.coming-back"), chain(one)])),
    ...lines("rx.given", given.map((one) => [moment(one.given_ms), amount(one), named("rx.gave", one.state), one.why, one.witness ? t("round.and", one) : one.by, ...alone(one)])),
  ];
}

const alone = (one) => (one.alone ? [el("strong", { class: "alone" }, aloneWords(one)), seenWords(one)] : []);

/** Who had it, one after the other. */
export const chain = ({ custody }) => custody.map((one) => [one.holder, one.spot, moment(one.at_ms), bracketed(linkWords(one))].filter(Boolean).join(" ")).join(" → ");

const bracketed = (words) => (words === "" ? "" : `(${words})`);

function lines(key, rows) {
  if (rows.length === 0) return [];
  return [el("h4", {}, t(key)), el("ul", {}, ...rows.map((parts) => el("li", {}, ...parts.filter(Boolean).flatMap((part, place) => (place === 0 ? [part] : [" · ", part])))))];
}
