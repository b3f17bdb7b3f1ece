// What was charted can be said to be an error: it stays, with the reason, and the dose is open again.
import { change } from "/prescriptions/asking.js";
import { el } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { field } from "./shown.js";

/** A button that asks why; `done()` after it was said. */
export function errorButton({ given, prescription }, done) {
  const id = `why-${given.number}`;
  const problem = el("p", { class: "problem", role: "alert" });
  const form = el("form", { class: "mistake" }, ...field(id, t("round.why-error"), { maxlength: 200, required: true }), el("button", { class: "danger" }, t("round.say-error")), problem);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { why: form.querySelector("input").value.trim() };
    const answer = await change(problem, "PUT", `/api/administrations/${given.number}/error`, body, given.revision);
    if (answer.ok) await done();
  });
  const label = t("round.was-error-of", { what: prescription.wanted.medicine.code.display });
  return el("details", {}, el("summary", { "aria-label": label }, t("round.was-error")), form);
}
