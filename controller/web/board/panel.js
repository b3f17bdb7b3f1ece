// What every dialog has: a close button, and its own banner, since a dialog covers the page's.
import { el } from "/screen/dom.js";
import { t } from "/public/i18n.js";

export function closeButton(dialog) {
  const close = () => dialog.close();
  return el("button", { type: "button", class: "close", "data-t": "bed.close", onclick: close }, t("bed.close"));
}

export const lostBanner = () => el("p", { class: "lost", role: "alert", hidden: true });

/** A heading with fixed words, translated with the page. */
export function heading(key) {
  return el("h3", { "data-t": key }, t(key));
}
