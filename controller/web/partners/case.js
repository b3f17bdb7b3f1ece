// A case of FHIR R4 in lines for people: what each resource says, with its unit and its time.
import { moment } from "/screen/dates.js";
import { paragraphs } from "./narrative.js";
import { t } from "./words.js";

const SHOWN = ["Patient", "AllergyIntolerance", "Observation", "MedicationRequest", "DiagnosticReport", "ImagingStudy", "Procedure"];

/** [[kind, [line, …]], …] of a Bundle; what has no words is left out. */
export function linesOf(bundle) {
  const all = bundle.entry.map((entry) => entry.resource);
  return SHOWN.map((kind) => [kind, [...new Set(all.filter((one) => one.resourceType === kind).map(line))].filter((text) => text !== "")]).filter(([, lines]) => lines.length > 0);
}

/** [{title, by, sections: [{title, paragraphs}, …]}, …]: what was concluded before. What stands in a document is text, and nothing else. */
export function documentsOf(bundle) {
  return bundle.entry.map((entry) => entry.resource).filter((one) => one.resourceType === "DocumentReference").map(documentOf);
}

function documentOf(one) {
  const { title, data } = one.content?.[0]?.attachment ?? {};
  const who = (one.author ?? []).map((each) => each.display ?? "").filter((words) => words !== "").join(", ");
  const told = [title, one.description].filter(Boolean).join(": ");
  return { title: told, by: t("referrals.document-by", { who, time: time(one.date) }), sections: sectionsOf(data) ?? [{ title: "", paragraphs: [t("referrals.documents-unreadable")] }] };
}

/** Of a FHIR document in base64; null: it is none. */
function sectionsOf(data) {
  try {
    const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
    const [{ resource }] = JSON.parse(new TextDecoder().decode(bytes)).entry;
    return resource.section.map((one) => ({ title: String(one.title ?? ""), paragraphs: paragraphs(one.text?.div ?? "") }));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof DOMException) return null;
    throw error;
  }
}

/** Who sent it and when, as its Provenance says. */
export function provenanceOf(bundle) {
  const one = bundle.entry.map((entry) => entry.resource).find((resource) => resource.resourceType === "Provenance");
  return one === undefined ? "" : t("referrals.provenance", { who: one.agent?.[0]?.who?.display ?? "?", time: time(one.recorded) });
}

function line(one) {
  const makers = { Patient: patient, Observation: observation, MedicationRequest: medicine, DiagnosticReport: report, ImagingStudy: study };
  const words = (makers[one.resourceType] ?? concept)(one);
  const at = one.effectiveDateTime ?? one.recordedDate ?? one.authoredOn ?? one.issued;
  return [words, at === undefined ? "" : time(at)].filter((text) => text !== "").join(" · ");
}

function patient({ name, birthDate, gender, identifier }) {
  return [name?.[0]?.text, birthDate, gender, identifier?.[0]?.value].filter(Boolean).join(" · ");
}

function observation(one) {
  const parts = one.component?.length > 0 ? one.component.map((each) => `${text(each.code)} ${value(each)}`).join(", ") : value(one);
  const more = [one.referenceRange?.[0]?.text && t("referrals.normal", { range: one.referenceRange[0].text }), ...(one.interpretation ?? []).map(text)].filter(Boolean);
  const doubt = one.status === "entered-in-error" ? [t("referrals.in-error"), ...(one.note ?? []).map((each) => each.text)] : [];
  return parts.trim() === "" ? "" : `${text(one.code)}: ${[...doubt, parts, ...more].join(" · ")}`;
}

function value({ valueQuantity, valueString, valueInteger, valueCodeableConcept, dataAbsentReason }) {
  if (valueQuantity !== undefined) return `${valueQuantity.value} ${valueQuantity.unit ?? ""}`.trim();
  if (valueString !== undefined) return valueString;
  if (valueInteger !== undefined) return String(valueInteger);
  return valueCodeableConcept === undefined ? (dataAbsentReason?.text ?? "") : text(valueCodeableConcept);
}

function medicine(one) {
  const what = one.medicationReference?.display ?? text(one.medicationCodeableConcept);
  return [what, one.dosageInstruction?.[0]?.text, one.status].filter(Boolean).join(" · ");
}

/** What the images showed, and who said so. */
function report(one) {
  const findings = (one.contained ?? []).map((each) => each.valueString ?? "");
  const by = (one.resultsInterpreter ?? []).map((each) => each.display ?? "");
  return [text(one.code), ...findings, one.conclusion ?? "", ...by].filter((words) => words !== "").join(" · ");
}

function study({ description, modality, started, numberOfInstances: count }) {
  return [description, modality?.[0]?.code, started, count === undefined ? "" : t("referrals.images", { count })].filter(Boolean).join(" · ");
}

/** The titles of the pictures that came along, in the order in which they are asked for. */
export function picturesOf(bundle) {
  return bundle.entry.map((entry) => entry.resource).filter((one) => one.resourceType === "Media").map((one) => one.content?.title ?? "");
}

const concept = (one) => text(one.code);
const text = (coded) => coded?.text ?? coded?.coding?.[0]?.display ?? "";
const time = (iso) => (Number.isNaN(Date.parse(iso)) ? "" : moment(Date.parse(iso)));

/** The paragraphs of a letter, as text alone. */
export function letterOf({ letter }) {
  return paragraphs(letter.entry[0].resource.text?.div ?? "");
}
