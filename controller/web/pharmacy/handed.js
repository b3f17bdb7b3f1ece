// What is ready, told once: the code for the patient, and a label that names nobody: number, code, initials.
import { el } from "/screen/dom.js";
import { t } from "/public/i18n.js";

/** Shows a ReadyView, or a new code, until it is closed. Then the code is nowhere any more. */
export function handed({ delivery, queue, code, kind }, patient, where = "") {
  const label = el(
    "div",
    { class: "label" },
    ...(queue === null ? [] : [el("p", { class: "number" }, t("pharmacy.queue-number", { n: queue }))]),
    ...(code ? [el("p", { class: "secret" }, `${code.slice(0, 3)} ${code.slice(3)}`)] : []),
    el("p", {}, `${initials(patient.name)} · ${delivery}`),
  );
  const close = el("button", { type: "button" }, t("pharmacy.done"));
  const node = el(
    "dialog",
    { class: "handed", "aria-labelledby": "handed-title" },
    el("h2", { id: "handed-title" }, t("pharmacy.ready-title", { number: delivery })),
    el("p", {}, [t(`rx.delivery.${kind}`), where].filter(Boolean).join(" · ")),
    ...(code ? [el("p", { class: "held" }, t("pharmacy.code-once"))] : []),
    label,
    el("div", { class: "row" }, el("button", { type: "button", class: "primary", onclick: () => print() }, t("pharmacy.print")), close),
  );
  const end = () => node.remove();
  close.addEventListener("click", () => node.close());
  node.addEventListener("close", end);
  document.addEventListener("wardlink-locked", end, { once: true });
  document.body.append(node);
  node.showModal();
}

/** "Muster, Anna": "M. A."; a name without blanks has one. */
export function initials(name) {
  return name.split(/[\s,]+/).filter(Boolean).map((part) => `${[...part][0]}.`).join(" ");
}
