// A dose with its time: taken, not taken and why, undone while it was said just now. One look wherever it stands.
import { el } from "/screen/dom.js";
import { amount, isSameDay, time, when } from "./plain.js";
import { t } from "./words.js";

const WHYS = ["forgot", "unwell", "none-left", "not-needed"];

/** `act(what, body, medicine, node)`: see medicine.js. `isToday`: the time alone, and which medicine. */
export function doseRow(one, dose, now, act, problem, isToday = false) {
  const at = isToday && isSameDay(dose.due_ms, now.utc) ? time(dose.due_ms) : when(dose.due_ms, now.utc);
  const what = isToday ? [el("b", {}, at), ` ${one.medicine}: ${amount(one.dose)}`] : [at];
  const said = dose.said?.said ?? "";
  const isLate = said === "" && dose.due_ms < now.utc;
  const node = el("li", { class: "dose", "data-due": dose.due_ms, "data-rx": one.number, "data-said": said }, el("span", {}, ...what, ...(isLate && isToday ? [" ", el("span", { class: "late" }, t("my.not-said"))] : [])));
  if (!dose.may) return node;
  const say = (word, more = {}) => act("taken", { prescription: one.number, due_ms: dose.due_ms, said: word, ...more }, one, problem);
  const button = (word) => {
    const label = t(`my.${word}-of`, { at, what: one.medicine });
    return el("button", { type: "button", class: word, "data-key": `${one.number}/${dose.due_ms}/${word}`, "aria-pressed": String(said === word), "aria-label": label, onclick: () => say(word) }, t(`my.${word}`));
  };
  node.append(el("span", { class: "row" }, button("taken"), button("skipped")));
  if (said === "skipped") node.append(why(one, dose, at, say));
  if (dose.said?.may_undo) node.append(undo(`${one.number}/${dose.due_ms}`, t("my.undo-of", { at, what: one.medicine }), () => say("undone", { after: dose.said.id })));
  return node;
}

export function undo(key, label, press) {
  return el("button", { type: "button", class: "undo", "data-key": `${key}/undo`, "aria-label": label, onclick: press }, t("my.undo"));
}

/** Why it was not taken: one press, or one's own words; it may be left out. */
function why(one, dose, at, say) {
  const id = `why-${one.number}-${dose.due_ms}`;
  const held = dose.said.why;
  const chip = (name) => el("button", { type: "button", "aria-pressed": String(held === name), "data-key": `${one.number}/${dose.due_ms}/${name}`, onclick: () => say("skipped", { why: name }) }, t(`my.why.${name}`));
  const own = WHYS.includes(held) ? "" : held;
  const field = el("input", { id, maxlength: 200, autocomplete: "off", value: own });
  const form = el("form", { class: "own-why" }, el("label", { for: id }, t("my.why-own")), field, el("button", { "data-key": `${one.number}/${dose.due_ms}/own` }, t("my.why-say")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    say("skipped", { why: field.value.trim() });
  });
  const more = el("details", { "data-more": id }, el("summary", {}, own || t("my.why-other")), form);
  return el("div", { role: "group", "aria-label": t("my.why-of", { at, what: one.medicine }), class: "why" }, el("p", {}, t("my.why")), el("span", { class: "row" }, ...WHYS.map(chip)), more);
}
