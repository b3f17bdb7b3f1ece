// Asks for a line of text in a dialog: a reason, a fingerprint. The way back gives null.
import { el } from "/screen/dom.js";
import { t } from "./words.js";

export function asked(title, note, act, { long = false } = {}) {
  return new Promise((resolve) => {
    const field = el(long ? "textarea" : "input", { id: "asked", autocomplete: "off", spellcheck: "false", required: true, maxlength: long ? 20000 : 200 });
    if (long) field.rows = 12;
    const back = el("button", { type: "button", onclick: () => node.close() }, t("confirm.back"));
    const form = el("form", { method: "dialog" }, el("label", { for: "asked" }, note), field, el("div", { class: "row" }, back, el("button", { class: "primary", value: "yes" }, act)));
    const node = el("dialog", { class: "asked", "aria-label": title }, el("h2", {}, title), form);
    node.addEventListener("close", () => {
      node.remove();
      resolve(node.returnValue === "yes" && field.value.trim() !== "" ? field.value.trim() : null);
    });
    document.body.append(node);
    node.showModal();
    field.focus();
  });
}
