// What another person shows on this screen: a badge, or a name with the PIN. None of it stays in a field that failed.
import { el } from "/screen/dom.js";
import { t } from "/public/i18n.js";

export function field(id, words, more) {
  return [el("label", { for: id }, words), el("input", { id, autocomplete: "off", spellcheck: "false", ...more })];
}

/** `id(name)`: how the fields "badge", "person" and "pin" are called; `whose`: in which words they ask for them. */
export function shownFields(id = (name) => name, whose = "round") {
  return [
    ...field(id("badge"), t(`${whose}.badge`), { type: "password", maxlength: 256 }),
    el("p", { class: "soft" }, t("round.or-pin")),
    ...field(id("person"), t(`${whose}.person`), { maxlength: 64, autocapitalize: "none" }),
    ...field(id("pin"), t(`${whose}.pin`), { type: "password", inputmode: "numeric", maxlength: 8, pattern: "[0-9]{4,8}" }),
  ];
}

export function shownOf(form, id = (name) => name) {
  const value = (name) => form.querySelector(`#${id(name)}`)?.value.trim() ?? "";
  return { person: value("person"), pin: value("pin"), badge: value("badge"), password: "" };
}
