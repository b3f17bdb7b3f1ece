// A receipt: shown over the page, and the only thing that is printed while it is. The same for a patient and a pharmacist.
import en from "./words/receipt-en.js";
import zh from "./words/receipt-zh.js";
import { el } from "/screen/dom.js";
import { languageTag, learn, t } from "/screen/i18n.js";
import { money } from "./money.js";

learn({ en, zh });

/** Shows a Receipt until it is closed. */
export function receipt(told) {
  const close = el("button", { type: "button" }, t("receipt.close"));
  const print = el("button", { type: "button", class: "primary", onclick: () => globalThis.print() }, t("receipt.print"));
  const node = el("dialog", { class: "receipt", "aria-labelledby": "receipt-title" }, paper(told), el("div", { class: "row ways" }, print, close));
  close.addEventListener("click", () => node.close());
  node.addEventListener("close", () => node.remove());
  document.addEventListener("wardlink-locked", () => node.remove(), { once: true });
  document.body.append(node);
  node.showModal();
}

function paper(told) {
  const sum = (minor) => money(minor, told.currency);
  const items = told.lines.map((line) => el("tr", {}, el("td", {}, `${line.quantity} × ${line.display}`, el("br"), el("small", {}, line.code)), el("td", {}, sum(line.net_minor))));
  const sums = [["total", told.total_minor], ["insured", 0 - told.insured_minor], ["paid", told.paid_minor]];
  if (told.returned_minor > 0) sums.push(["returned", -told.returned_minor], ["left", told.paid_minor - told.returned_minor]);
  const rows = sums.map(([name, minor]) => el("tr", { class: name }, el("th", { scope: "row" }, t(`receipt.${name}`)), el("td", {}, sum(minor))));
  return el(
    "div",
    { class: "paper" },
    el("h2", { id: "receipt-title", tabindex: "-1", autofocus: true }, t("receipt.title", { number: told.number })),
    ...(told.sandbox ? [el("p", { class: "sandbox" }, t("receipt.sandbox"))] : []),
    facts(told),
    el("table", {}, el("tbody", {}, ...items), el("tfoot", {}, ...rows)),
    el("p", {}, t(told.returned_minor > 0 ? "receipt.was-returned" : "receipt.was-paid")),
  );
}

function facts(told) {
  const when = new Intl.DateTimeFormat(languageTag(), { dateStyle: "long", timeStyle: "short" }).format(Date.parse(told.paid_at));
  const pairs = [["patient", `${told.patient.name} · ${told.patient.identifier}`], ["date", when], ["for", told.subject], ["reference", told.reference], ["insurer", told.insurer]];
  return el("dl", {}, ...pairs.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, t(`receipt.${name}`)), el("dd", {}, value)]));
}
