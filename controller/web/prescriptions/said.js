// Prescriptions as people say them: amounts, routes, times, states. What the words do not know is shown as it is.
import { has, languageTag, named, t } from "/public/i18n.js";
import { moment } from "/screen/dates.js";

export const SNOMED = "http://snomed.info/sct";

/** SNOMED CT's codes of routes, by the words of the formulary. */
export const ROUTES = {
  oral: ["26643006", "Oral route"],
  sublingual: ["37839007", "Sublingual route"],
  rectal: ["37161004", "Per rectum"],
  intravenous: ["47625008", "Intravenous route"],
  intramuscular: ["78421000", "Intramuscular route"],
  subcutaneous: ["34206005", "Subcutaneous route"],
  intrathecal: ["72607000", "Intrathecal route"],
  inhaled: ["447694001", "Respiratory tract route"],
  nasal: ["46713006", "Nasal route"],
  ophthalmic: ["54485002", "Ophthalmic route"],
  topical: ["6064005", "Topical route"],
  transdermal: ["45890007", "Transdermal route"],
};
const BY_CODE = Object.fromEntries(Object.entries(ROUTES).map(([name, [code]]) => [code, name]));

/** UCUM as people read it: "{tablet}" is a tablet. */
export function unit(ucum) {
  return has(`rx.unit.${ucum}`) ? t(`rx.unit.${ucum}`) : ucum.replaceAll(/[{}]/g, "").replaceAll(/\[(\w+)\]/g, "$1");
}

export const amount = ({ value, unit: ucum }) => `${value} ${unit(ucum)}`;

export function route({ code, display }) {
  return BY_CODE[code] === undefined ? display : t(`rx.route.${BY_CODE[code]}`);
}

export function when({ rhythm, times, hours, at, reason }) {
  const words = t(`rx.say.${rhythm}`, { times, hours, at: at.join(", "), reason });
  return rhythm === "as-needed" && hours > 0 ? `${words}, ${t("rx.say.apart", { hours })}` : words;
}

/** "1 tablet · by mouth · 2 times a day · for 10 days". */
export function dosage({ dose, route: way, timing, days }) {
  const long = days > 0 ? [t("rx.say.days", { n: days })] : [];
  return [amount(dose), route(way), when(timing), ...long].join(" · ");
}

export const state = (name) => named("rx.state", name);

/** A hint in the language of the page. */
export function hint(issue) {
  return (languageTag().startsWith("zh") ? issue.zh : issue.en) || issue.detail;
}

/** A choice of the formulary in that language. */
export function medicineName(choice) {
  return languageTag().startsWith("zh") ? choice.name_zh : choice.name_en;
}

/** "anna, 2026-11-26 10:15:00". */
export const byWhen = (by, ms) => t("rx.by", { by, when: moment(ms) });
