// What services of decision support said of a prescription when it was signed, as it was shown then.
import { card } from "./card.js";
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { notChecked } from "./support.js";
import { t } from "/public/i18n.js";

/** The newest look; of those before it only how many there were. */
export function past(looks) {
  if (looks.length === 0) return [];
  const [last] = looks;
  const cards = last.answers.flatMap((answer) => answer.cards.map((one) => card(one, answer, last.outcomes.filter((done) => done.card === one.key), null)));
  const missed = last.answers.filter((one) => one.code !== "").map((one) => el("li", { class: "missed" }, notChecked(one)));
  const silent = last.answers.filter((one) => one.code === "" && one.cards.length === 0).map((one) => el("li", { class: "note" }, t("cds.no-cards", { who: one.title || one.service })));
  const head = `${t("cds.past")} · ${t("cds.asked", { when: moment(last.asked_ms) })} · ${last.by} · ${t("cds.looks", { n: looks.length })}`;
  return [el("h4", {}, head), el("ul", { class: "hints" }, ...cards, ...missed, ...silent)];
}
