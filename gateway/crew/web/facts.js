// What is made of the numbers: NEWS2, shock index, GCS, and how long the oxygen lasts.
import { age } from "/screen/format.js";
import { el, setState, setText } from "/screen/dom.js";
import { makeScore, updateScore } from "/screen/score-line.js";
import { scoreView } from "/screen/scores.js";
import { t } from "/screen/i18n.js";

/** Minutes of oxygen below which it is a warning, and an emergency. */
const FEW = 30;
const LAST = 10;
/** Minutes from which on hours say enough. */
const HOURS = 600;
/** A shock index from which on a shock is to be feared (Allgöwer and Burri 1967: about 1). */
const SHOCK = 1;

export class Facts {
  constructor(node, box, open) {
    this.box = box;
    const fact = (name, ...parts) => el("button", { type: "button", class: `fact ${name}`, onclick: () => open("scores") }, ...parts);
    const plain = (name) => fact(name, el("span", { class: "fact-name", "data-t": `fact.${name}` }), el("b"), el("span", { class: "fact-more" }));
    this.news = makeScore();
    [this.shock, this.gcs, this.oxygen] = ["shock", "gcs", "oxygen"].map(plain);
    const news = el("button", { type: "button", class: "fact news", onclick: () => open("scores") }, this.news);
    node.append(news, this.shock, this.gcs, this.oxygen);
  }

  update(now) {
    const { scores } = this.box;
    updateScore(this.news, scoreView(scores ?? undefined, now) ?? noScore());
    const shock = scores?.shock_index;
    const old = (at) => age(Math.max(now - at, 0));
    this.#fact(this.shock, shock ? [shock.value.toFixed(2), old(Math.min(shock.pulse_ms, shock.systolic_ms)), shock.value >= SHOCK ? "warn" : "ok"] : null);
    const gcs = scores?.gcs;
    this.#fact(this.gcs, gcs && !gcs.old ? [gcs.total === null ? gcs.text : String(gcs.total), gcs.total === null ? "" : gcs.text, "ok"] : null);
    this.#fact(this.oxygen, oxygenFact(this.box.oxygen, old));
  }

  #fact(node, told) {
    const [text, more, state] = told ?? [t("value.none"), "", "none"];
    setState(node, state);
    setText(node.children[1], text);
    setText(node.children[2], more);
  }
}

const noScore = () => ({ state: "none", number: t("value.none"), least: false, risk: "", tail: "", age: "", lack: t("scores.nothing") });

/** Of several cylinders, what they have together and how long the one in use lasts. */
function oxygenFact(cylinders, old) {
  if (!cylinders?.length) return null;
  const litres = cylinders.reduce((sum, one) => sum + one.litres, 0);
  const lasting = cylinders.filter((one) => one.minutes_left !== null);
  const told = t("oxygen.litres", { n: Math.round(litres), age: old(Math.min(...cylinders.map((one) => one.at_ms))) });
  if (lasting.length === 0) return [t("oxygen.closed"), told, "ok"];
  const minutes = Math.min(...lasting.map((one) => one.minutes_left));
  return [minutes < HOURS ? t("age.min", { n: Math.floor(minutes) }) : age(minutes * 60_000), told, minutes < LAST ? "high" : minutes < FEW ? "warn" : "ok"];
}
