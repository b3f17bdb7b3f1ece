// A prescription's FHIR document in plain words, made of the document alone: what is shown here is what is signed. A part
// that this page does not know is shown as it stands, for nothing is signed unseen.
import { el } from "/screen/dom.js";
import { named, t } from "/public/i18n.js";
import { unit } from "./said.js";

const SAID = new Set([
  "resourceType", "meta", "contained", "identifier", "status", "intent", "category", "priority", "medicationReference", "subject", "authoredOn", "requester",
  "reasonCode", "note", "dosageInstruction", "dispenseRequest", "substitution", "priorPrescription", "detectedIssue",
]);

/** The node that the dialog of signing shows. */
export function shown(document) {
  const first = [...whose(document), ...what(document), ...dosage(document.dosageInstruction[0])];
  const rest = [...handedOut(document), ...about(document), ...unknown(document)];
  const isGrave = (one) => one.severity === "high";
  return el("div", { class: "document" }, list(first), ...issues(document, "doc.issues", isGrave), list(rest), ...issues(document, "doc.more-issues", (one) => !isGrave(one)));
}

function list(rows) {
  return el("dl", {}, ...rows.flatMap(([name, text, look = null]) => [el("dt", {}, name), el("dd", { class: look }, text)]));
}

function whose({ subject }) {
  return [[t("doc.patient"), `${subject.display ?? ""} · ${subject.identifier.value}`, "large"]];
}

function what(document) {
  const medicine = document.contained.find((one) => one.resourceType === "Medication");
  const parts = (medicine.ingredient ?? []).map((one) => [one.itemCodeableConcept.text, one.extension?.[0].valueString].filter(Boolean).join(" "));
  return [
    [t("doc.medicine"), concept(medicine.code), "large"],
    ...row("doc.ingredients", parts.map(plain).join(" + ")),
    ...row("doc.form", medicine.form && concept(medicine.form)),
  ];
}

function dosage(one) {
  const repeat = one.timing?.repeat ?? {};
  return [
    [t("doc.dose"), quantity(one.doseAndRate[0].doseQuantity), "large"],
    [t("doc.route"), concept(one.route)],
    ...row("doc.when", how(repeat, one)),
    ...row("doc.as-needed", one.asNeededCodeableConcept && concept(one.asNeededCodeableConcept)),
    ...row("doc.most", one.maxDosePerPeriod && `${quantity(one.maxDosePerPeriod.numerator)} / ${quantity(one.maxDosePerPeriod.denominator)}`),
    ...row("doc.period", period(repeat)),
    [t("doc.in-words"), plain(one.text)],
  ];
}

function how({ frequency, period: every, periodUnit, timeOfDay, count }, one) {
  if (count !== undefined) return t("doc.once", { n: count });
  if (frequency === undefined) return "";
  const words = t(one.asNeededCodeableConcept ? "doc.at-most-every" : "doc.every", { n: frequency, every, unit: named("doc.unit", periodUnit) });
  return timeOfDay === undefined ? words : `${words}: ${timeOfDay.map((at) => at.slice(0, 5)).join(", ")}`;
}

function period({ boundsDuration: long, boundsPeriod: span }) {
  if (long !== undefined) return t("doc.days", { n: long.value });
  if (span === undefined) return t("doc.until-stopped");
  return span.end === undefined ? t("doc.from", { from: span.start }) : t("doc.from-to", { from: span.start, to: span.end });
}

function handedOut({ dispenseRequest: one, substitution }) {
  return [
    [t("doc.quantity"), quantity(one.quantity)],
    [t("doc.repeats"), String(one.numberOfRepeatsAllowed)],
    ...row("doc.supply", one.expectedSupplyDuration && t("doc.days", { n: one.expectedSupplyDuration.value })),
    [t("doc.substitution"), t(substitution.allowedBoolean ? "doc.yes" : "doc.no")],
  ];
}

function about(document) {
  return [
    [t("doc.setting"), named("rx.setting", document.category[0].coding[0].code)],
    [t("doc.priority"), named("rx.priority", document.priority ?? "routine")],
    ...row("doc.reason", document.reasonCode?.map(concept).join("; ")),
    ...row("doc.note", document.note?.map((one) => one.text).join("; ")),
    ...row("doc.replaces", document.priorPrescription?.identifier.value),
    [t("doc.prescriber"), document.requester.display],
    [t("doc.written"), document.authoredOn],
    [t("doc.number"), t("doc.number-version", { number: document.identifier[0].value, version: document.meta.versionId })],
    [t("doc.status"), t("doc.status-intent", { status: named("rx.state", document.status), intent: named("doc.intent", document.intent) })],
  ];
}

function unknown(document) {
  return Object.entries(document).filter(([name]) => !SAID.has(name)).map(([name, value]) => [name, JSON.stringify(value)]);
}

/** Hints with the reason for which each is overridden, the grave ones first, and what was not checked. */
function issues({ contained }, title, fits) {
  const known = contained.filter((one) => one.resourceType !== "Medication" && fits(one));
  const [found, others] = [true, false].map((is) => known.filter((one) => (one.resourceType === "DetectedIssue") === is));
  const parts = found.map((one) => {
    const why = one.mitigation?.[0].action.text;
    const said = why === undefined ? [] : [el("strong", {}, t("doc.overridden", { why }))];
    return el("li", { "data-severity": one.severity }, el("b", {}, named("doc.severity", one.severity)), el("span", {}, one.detail), ...said);
  });
  const more = others.map((one) => el("li", {}, JSON.stringify(one)));
  return parts.length + more.length === 0 ? [] : [el("h3", {}, t(title)), el("ul", {}, ...parts, ...more)];
}

const row = (key, text) => (text ? [[t(key), text]] : []);
const plain = (text) => text.replaceAll(/[{}]/g, "");
const concept = (one) => one.text ?? one.coding[0].display;
const quantity = ({ value, unit: ucum }) => `${value} ${unit(ucum)}`;
