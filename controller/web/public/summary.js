// A signed summary of a visit, as its patient reads it: in the language in which it was written.
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { number, unit } from "/screen/format.js";
import { learn, named, t } from "/screen/i18n.js";
import en from "/public/words/summary-en.js";
import zh from "/public/words/summary-zh.js";

learn({ en, zh });

/** The node for a SummaryView (the API's). */
export function summaryView(one) {
  const { talked, found, todo, call, language, why } = one.plain;
  const parts = [
    ["talked", lines(talked)],
    ["found", lines(found)],
    ["vitals", one.vitals.map((value) => `${named("metric", value.metric)} ${number(value.value, value)} ${unit(value.unit)} · ${moment(value.at_ms)}`)],
    ["todo", lines(todo)],
    ["medicines", one.medicines.map(({ name, dosage }) => `${name}: ${dosage}`)],
    ["home", one.home.map(({ what, times, days }) => t("summary.at-home", { what: named("summary.measured", what), times, days }))],
    ["referral", lines(one.referral)],
    ["next", one.follow_up ? [moment(one.follow_up.start_ms)] : []],
    ["call", lines(call)],
  ].filter(([, words]) => words.length > 0);
  const shown = parts.flatMap(([name, words]) => [el("h3", {}, t(`summary.${name}`)), ...words.map((line) => el("p", {}, line))]);
  const signed = el("p", { class: "soft" }, t("summary.signed", { by: one.signed_by, time: moment(one.signed_ms) }));
  const amended = why ? [el("p", {}, t("summary.amended", { why }))] : [];
  return el("div", { class: "summary", lang: language === "zh" ? "zh-CN" : "en" }, ...amended, ...shown, signed);
}

const lines = (words) => words.split("\n").filter((line) => line.trim() !== "");
