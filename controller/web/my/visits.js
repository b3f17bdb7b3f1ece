// The patient's own visits: what comes, with the way in; what was, with what the physician signed.
import { el } from "/screen/dom.js";
import { when } from "./plain.js";
import { t } from "./words.js";
import { asked, reason } from "./wire.js";

const OVER = new Set(["fulfilled", "cancelled", "noshow"]);

/** Those to come, the next one first, and those that were; a way in for each that is open. */
export function sorted(visits, utc) {
  const coming = visits.filter((one) => one.is_open && one.state !== "noshow" && (one.may_enter || one.opens_ms > utc));
  return { coming: coming.toReversed(), past: visits.filter((one) => !coming.includes(one)) };
}

export function visitCard(one, now) {
  const at = when(one.start_ms, now.utc);
  const problem = el("p", { class: "problem", role: "alert" });
  const lines = [el("h3", {}, t("my.visit-when", { when: at, minutes: one.minutes })), el("p", {}, t("my.visit-with", one))];
  if (!one.may_enter) return el("li", { "data-visit": one.number }, ...lines, el("p", { class: "soft" }, t("my.visit-opens", { when: when(one.opens_ms, now.utc) })));
  if (one.state === "in-progress") lines.push(el("p", { class: "stop" }, t("my.visit-held")));
  const press = () => comeIn(one, problem);
  const button = el("button", { type: "button", class: "primary large", "data-key": `${one.number}/in`, "aria-label": t("my.visit-in-of", { when: at }), onclick: press }, t("my.visit-in"));
  return el("li", { "data-visit": one.number }, ...lines, button, problem);
}

async function comeIn(one, problem) {
  const answer = await asked("POST", `/api/my/visits/${one.number}/session`);
  if (answer.ok) return location.assign("/visit");
  return (problem.textContent = reason(answer, answer.status === 409 ? t("my.visit-refused") : null));
}

export function pastVisit(one, now) {
  const state = OVER.has(one.state) ? one.state : "late";
  const head = [el("h3", {}, when(one.start_ms, now.utc)), el("p", {}, t("my.visit-with", one)), el("p", { class: "soft" }, t(`my.visit-state-${state}`))];
  return el("li", { "data-visit": one.number }, ...head, ...(one.summary === null ? [] : [summary(one.summary, one.number, now)]));
}

/** What was signed, word for word, with who signed it and when. */
function summary(made, number, now) {
  const { plain } = made;
  const part = (name, text) => (text ? [el("h4", {}, t(`my.summary-${name}`)), el("p", { lang: plain.language === "zh" ? "zh-CN" : "en" }, text)] : []);
  const medicines = made.medicines.map((one) => `${one.name}: ${one.dosage}`).join("\n");
  const more = made.follow_up === null ? [] : [el("p", { class: "how" }, t("my.summary-next", { when: when(made.follow_up.start_ms, now.utc) }))];
  const why = plain.why ? [el("p", {}, t("my.summary-why", { why: plain.why }))] : [];
  const signed = el("p", { class: "soft" }, t("my.summary-signed", { who: made.signed_by, when: when(made.signed_ms, now.utc) }));
  const words = [...part("talked", plain.talked), ...part("found", plain.found), ...part("todo", plain.todo), ...part("call", plain.call), ...part("referral", made.referral), ...part("medicines", medicines)];
  return el("details", { "data-more": `${number}/summary`, class: "summary" }, el("summary", {}, t("my.summary")), ...why, ...words, ...more, signed);
}
