// The scores in an opened bed: the total, every point with its reason and age, shock index, coma scale, the form.
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { gcsText, partView, scoreView, shockText } from "/screen/scores.js";
import { Assess } from "./assess.js";
import { heading } from "./panel.js";
import { Modelled } from "./modelled.js";
import { makeScore, updateScore } from "/screen/score-line.js";
import { t } from "/public/i18n.js";

const COLUMNS = ["parameter", "value", "points", "reason", "age"];

export class Scored {
  constructor(ward, clock) {
    this.ward = ward;
    this.line = makeScore();
    this.rows = el("tbody");
    const head = COLUMNS.map((name) => el("th", { scope: "col", "data-t": `scores.column.${name}` }, t(`scores.column.${name}`)));
    this.table = el("table", { class: "points" }, el("thead", {}, el("tr", {}, ...head)), this.rows);
    this.shock = el("p", { class: "shock" });
    this.gcs = el("p", { class: "gcs" });
    this.modelled = new Modelled();
    this.assess = new Assess(clock);
    this.node = el("section", { class: "scores" }, heading("scores.title"), this.line, this.table, this.shock, this.gcs, this.modelled.node, this.assess.node);
  }

  person(me) {
    this.assess.person(me);
  }

  open(bed) {
    this.rows.replaceChildren();
    this.assess.open(bed);
  }

  update(bed, now) {
    const item = this.ward.scores.get(bed.id);
    const view = scoreView(item, now);
    const told = view !== null && view.state !== "none";
    updateScore(this.line, view);
    show(this.table, told);
    show(this.shock, told);
    show(this.gcs, item !== undefined);
    const parts = told ? item.news2.parts : [];
    keep(this.rows, parts, (part) => part.parameter, makeRow, (row, part) => {
      updateRow(row, partView(part, item.news2, this.ward.metrics, now));
    });
    if (told) setText(this.shock, shockText(item.shock_index, now));
    if (item) setText(this.gcs, gcsText(item.gcs, now));
    this.modelled.update(bed, item, now);
    this.assess.update(bed);
  }
}

const makeRow = () => el("tr", {}, el("th", { scope: "row" }), el("td"), el("td", { class: "given" }), el("td"), el("td", { class: "age" }));

function updateRow(row, view) {
  setState(row, view.state);
  const texts = [view.name, view.value, view.points, view.reason, view.age];
  texts.forEach((text, i) => setText(row.children[i], text));
}
