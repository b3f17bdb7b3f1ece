// A summary's FHIR document in plain words, made of the document alone: what is shown here is what is signed.
import { el } from "/screen/dom.js";
import { t } from "./words.js";

/** The node that the dialog of signing shows. */
export function documentView(bundle) {
  const [first, ...others] = bundle.entry.map((one) => one.resource);
  const patient = others.find((one) => one.resourceType === "Patient");
  const head = [
    [t("sum.doc-patient"), `${patient.name?.[0].text ?? ""} · ${patient.identifier[0].value}`],
    [t("sum.doc-number"), `${first.identifier.value} · ${first.status}`],
    [t("sum.doc-author"), first.author.map((one) => one.display).join(", ")],
    [t("sum.doc-date"), first.date],
    ...words(first.text).slice(1).map((why) => [t("sum.doc-why"), why]),
  ];
  const sections = first.section.flatMap((one) => [el("h3", {}, one.title), ...words(one.text).map((line) => el("p", {}, line))]);
  const whole = el("details", {}, el("summary", {}, t("sum.doc-whole")), el("pre", {}, JSON.stringify(bundle, null, 1)));
  return el("div", { class: "document" }, el("dl", {}, ...head.flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)])), ...sections, whole);
}

/** The paragraphs of a narrative as text. Another markup than ours is shown as it stands: nothing is signed unseen. */
function words({ div }) {
  const found = PARAGRAPHS.exec(div);
  if (found === null) return [div];
  return found[1].split("</p>").slice(0, -1).map((one) => one.replace("<p>", "").replaceAll(/&(lt|gt|amp);/g, (_, name) => MARKS[name]));
}

const PARAGRAPHS = /^<div xmlns="http:\/\/www[.]w3[.]org\/1999\/xhtml">((?:<p>[^<]*<\/p>)*)<\/div>$/;
const MARKS = { lt: "<", gt: ">", amp: "&" };
