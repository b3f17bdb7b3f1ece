// A new link as it is shown once, and printed for whom it is handed to.
import { el } from "/screen/dom.js";
import { qrCode } from "/people/qr.js";
import { t } from "./words.js";

export function paper({ guest, address, qr, code }) {
  const picture = qrCode(qr);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", t(`visits.link-${guest}`));
  const print = el("button", { type: "button", onclick: () => globalThis.print() }, t("visits.print"));
  const replaces = guest === "patient" ? [el("p", { class: "soft" }, t("visits.link-replaces"))] : [];
  const words = [el("p", {}, t("visits.link-note")), ...replaces, el("p", { class: "address" }, address)];
  return el("div", { id: "paper" }, ...words, el("div", { id: "qr" }, picture), el("p", { class: "secret" }, t("visits.link-code", { code })), print);
}
