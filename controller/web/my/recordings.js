// Recordings of the patient: which there are, until when they are kept, who watched, and having one erased.
import { day, shortDay, time, when } from "./plain.js";
import { el } from "/screen/dom.js";
import { t } from "./words.js";
import { asked, reason } from "./wire.js";
import { who } from "./looks.js";

const LIVE = new Set(["asked", "agreed", "running", "paused"]);

/** `told(recordings)`: one was erased, or is asked for. */
export function recordings({ recordings: all, is_at_once: atOnce }, now, told) {
  return all.map((one) => row(one, atOnce && one.of_visit, now, told));
}

function row(one, atOnce, now, told) {
  const title = t(one.of_visit ? "my.recorded-visit" : "my.recorded-conference", { when: when(one.asked_ms, now.utc), by: one.by });
  const lines = [el("h3", {}, title), el("p", { class: "state" }, standing(one, now)), ...answered(one, now), watched(one)];
  if (one.may_erase) lines.push(...erasing(one, title, atOnce, told));
  return el("li", { "data-recording": one.number, "data-state": one.state }, ...lines);
}

function standing(one, now) {
  if (LIVE.has(one.state)) return t("my.recorded-now");
  if (one.state === "erased") return t("my.recorded-erased", { when: when(one.erased_ms, now.utc) });
  return one.erase_ms === null ? t("my.recorded-stopped") : t("my.recorded-until", { day: day(one.erase_ms) });
}

function answered({ erasure }, now) {
  if (erasure === null || erasure.state === "completed") return [];
  return [el("p", { class: "late", role: "note" }, t(`my.erasure-${erasure.state}`, { when: when(erasure.at_ms, now.utc), who: erasure.answered_by, why: erasure.answer }))];
}

function watched(one) {
  if (one.watched.length === 0) return el("p", { class: "soft" }, t("my.watched-none"));
  const rows = one.watched.map((look) => el("li", {}, t("my.watched-by", { who: who(look), day: shortDay(look.day), first: time(look.first_ms) })));
  return el("details", { "data-more": `${one.number}/watched` }, el("summary", {}, t("my.watched", { n: rows.length })), el("ul", {}, ...rows));
}

/** Two presses: it cannot be undone. */
function erasing(one, title, atOnce, told) {
  const problem = el("p", { class: "problem", role: "alert" });
  const act = async () => {
    const answer = await asked("POST", `/api/my/recordings/${one.number}/erasure`);
    return answer.ok ? told(answer.data) : (problem.textContent = reason(answer));
  };
  const name = atOnce ? "my.erase" : "my.erase-ask";
  const ask = (event) => {
    const sure = el("button", { type: "button", class: "primary", "data-key": `${one.number}/sure`, onclick: act }, t(`${name}-sure`));
    event.target.replaceWith(sure);
    sure.focus();
  };
  return [el("button", { type: "button", "data-key": `${one.number}/erase`, "aria-label": `${t(name)}: ${title}`, onclick: ask }, t(name)), problem];
}
