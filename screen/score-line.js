// NEWS2 in one line: the number, its risk by colour and by word, its age, what is missing.
import { el, part as partOf, setState, setText, show } from "./dom.js";
import { t } from "./i18n.js";

export function makeScore() {
  const least = el("span", { class: "reader" });
  const figure = el("span", { class: "score-number" }, el("span", { class: "sign", "aria-hidden": "true" }), el("span", { class: "figure-text" }));
  const wide = (name) => el("span", { class: `wide ${name}` });
  const risk = el("span", { class: "risk" }, el("span", { class: "band" }), wide("tail"));
  const lack = el("span", { class: "lack" }, wide("incomplete"), el("span", { class: "which" }));
  const old = el("span", { class: "score-age" });
  return el("p", { class: "score", hidden: true }, el("span", { class: "score-name" }, "NEWS2"), least, figure, old, risk, lack);
}

/** Draws `view` (scores.js); null: nothing is known, and nothing is shown. */
export function updateScore(node, view) {
  show(node, view !== null);
  if (view === null) return;
  const set = (selector, text) => setText(partOf(node, selector), text);
  setState(node, view.state);
  set(".reader", view.least ? t("scores.least") : "");
  set(".sign", view.least ? "≥" : "");
  set(".figure-text", view.number);
  set(".band", view.risk);
  set(".tail", view.tail);
  set(".score-age", view.age);
  set(".incomplete", view.least ? t("scores.incomplete") : "");
  set(".which", view.lack);
}
