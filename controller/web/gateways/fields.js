// Labelled fields of this page's forms.
import { el } from "/board/dom.js";
import { t } from "/public/i18n.js";

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

/** A gateway's, ward's or bed's id, as the controller takes it. */
export const ID = { required: true, maxlength: 48, pattern: "[a-z0-9][a-z0-9.\\-]*" };
