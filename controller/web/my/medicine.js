// One medicine: in plain words, its doses to tick, what is left of it, and how it comes.
import { el } from "/screen/dom.js";
import { amount, day, isTodays, often, until, when } from "./plain.js";
import { doseRow, undo } from "./doses.js";
import { t } from "./words.js";

export const ENDED = new Set(["stopped", "cancelled", "completed", "entered-in-error"]);

/** `act(what, body, medicine, node)`: does it, and tells in `node` why not. */
export function medicineCard(one, now, act) {
  const problem = el("p", { class: "problem", role: "alert" });
  const head = [el("h3", {}, one.medicine), ...said(one)];
  const how = el("p", { class: "how" }, `${amount(one.dose)}, ${often(one.timing)}`);
  const why = one.reason ? [el("p", {}, t("my.for", { reason: one.reason }))] : [];
  const isOpen = one.state === "active" && one.setting !== "inpatient";
  const more = isOpen ? [...doses(one, now, act, problem), ...needed(one, now, act, problem), supply(one, now, act, problem)] : [];
  const words = ENDED.has(one.state) ? [] : [how, el("p", {}, until(one)), ...why];
  return el("li", { class: "card", "data-rx": one.number, "data-state": one.state }, ...head, ...words, ...more, problem);
}

/** What must not be overlooked: stopped, paused, or given by the ward. */
function said(one) {
  if (ENDED.has(one.state)) return [el("p", { class: "stop" }, t("my.ended"))];
  if (one.state === "on-hold") return [el("p", { class: "stop" }, t("my.paused"))];
  return one.setting === "inpatient" ? [el("p", { class: "soft" }, t("my.by-ward"))] : [];
}

/** Doses of the days before today that may still be ticked, the newest first. */
function doses(one, now, act, problem) {
  const older = one.doses.filter((dose) => dose.may && !isTodays(dose.due_ms, now.utc)).toReversed();
  if (older.length === 0) return [];
  const rows = older.map((dose) => doseRow(one, dose, now, act, problem));
  return [el("details", { "data-more": one.number }, el("summary", {}, t("my.earlier", { n: older.length })), el("ul", {}, ...rows))];
}

function needed(one, now, act, problem) {
  if (one.needed === null) return [];
  const { last, within_day: within, from_ms: fromMs } = one.needed;
  const lines = [el("p", {}, last === null ? t("my.never") : t("my.last", { at: when(last.at_ms - now.server + now.utc, now.utc), n: within }))];
  if (fromMs !== null) lines.push(el("p", { class: "stop" }, t("my.wait", { at: when(fromMs - now.server + now.utc, now.utc) })));
  const press = () => act("taken", { prescription: one.number, due_ms: null, said: "taken", after: last?.id ?? 0 }, one, problem);
  const slip = () => act("taken", { prescription: one.number, due_ms: null, said: "undone", after: last.id }, one, problem);
  const back = last?.may_undo ? [undo(`${one.number}/needed`, t("my.undo-needed", { what: one.medicine }), slip)] : [];
  return [...lines, el("button", { type: "button", class: "taken", "data-key": `${one.number}/needed`, onclick: press }, t("my.took-now")), ...back];
}

/** What is left, and how it comes: asked for again, brought home or picked up. */
function supply(one, now, act, problem) {
  const parts = [el("p", {}, one.is_asked ? t("my.asked") : t("my.repeats", { n: one.repeats_left }))];
  if (one.repeat_due_ms !== null) parts.push(el("p", { class: "soft" }, t("my.lasts", { at: day(one.repeat_due_ms - now.server + now.utc) })));
  if (!one.is_asked && one.repeats_left > 0) parts.push(again(one, act, problem));
  if (one.delivery !== "ward") parts.push(comes(one, act, problem));
  return el("details", { "data-more": `${one.number}/supply` }, el("summary", {}, t("my.supply")), ...parts);
}

function again(one, act, problem) {
  const id = `why-${one.number}`;
  const why = el("input", { id, maxlength: 200, autocomplete: "off" });
  const form = el("form", {}, el("label", { for: id }, t("my.why-early")), why, el("button", { class: "primary", "data-key": `${one.number}/again` }, t("my.again")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(`prescriptions/${one.number}/repeats`, { why: why.value.trim() }, one, problem);
  });
  return form;
}

function comes(one, act, problem) {
  const button = (way) => {
    const press = () => act(`prescriptions/${one.number}/delivery`, { delivery: way }, one, problem);
    return el("button", { type: "button", "data-key": `${one.number}/${way}`, "aria-pressed": String(one.delivery === way), onclick: press }, t(`my.way.${way}`));
  };
  return el("fieldset", {}, el("legend", {}, t("my.comes")), el("div", { class: "row" }, button("home"), button("pick-up")));
}
