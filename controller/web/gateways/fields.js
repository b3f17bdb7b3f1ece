// Labelled fields of this page's forms.
import { el } from "/screen/dom.js";
import { t } from "/public/i18n.js";

const TYPED = { autocomplete: "off", spellcheck: "false", autocapitalize: "none", maxlength: 320 };

/** `key` is of the words of its label; `attributes` make a select of it, or say what may be typed. */
export function field(id, key, { choice = false, ...attributes } = {}) {
  const plain = { type: "text", autocomplete: "off", spellcheck: "false", autocapitalize: "none", maxlength: 120 };
  const input = choice ? el("select", { id, ...attributes }) : el("input", { id, ...plain, ...attributes });
  return { node: el("div", {}, el("label", { for: id, "data-t": key }, t(key)), input), input };
}

/** A button with the words of `key`. */
export function button(key, onclick, attributes = {}) {
  return el("button", { type: "button", "data-t": key, onclick, ...attributes }, t(key));
}

/** The label and the input of a field that the controller offers; what it may be is said, and judged there. */
export function labelled(id, words, { kind, choices, least, most, none }) {
  const label = el("label", { for: id }, words);
  if (kind === "choice") {
    const options = choices.map((choice) => new Option(choice));
    return { label, input: el("select", { id }, ...(none ? [new Option(none, "")] : []), ...options) };
  }
  const [placeholder, mode] = kind === "whole" ? [`${least}–${most}`, "numeric"] : ["", "text"];
  return { label, input: el("input", { id, type: "text", inputmode: mode, placeholder, ...TYPED }) };
}

/** What stands in it: null for nothing. What should be a number and is none goes as it is, to be refused in words. */
export function chosen({ kind }, input) {
  const text = input.value.trim();
  if (text === "") return null;
  return kind === "whole" && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** A gateway's, ward's or bed's id, as the controller takes it. */
export const ID = { required: true, maxlength: 48, pattern: "[a-z0-9][a-z0-9.\\-]*" };
