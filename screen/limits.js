// Limits of one patient's alarms: what holds, by whom, and how it is moved within its band. A touch on − or + only
// drafts; a second one, on "set", sends it: no glove moves a limit by mistake.
import { el, keep, setState, setText, show } from "./dom.js";
import { named, t } from "./i18n.js";
import { unit } from "./format.js";

export class LimitRows {
  /** `send(code, value)`, an empty text for the usual limit, says whether it was taken. */
  constructor(send) {
    Object.assign(this, { send, drafts: new Map(), rows: [], may: false });
    this.node = el("ul", { class: "limits" });
  }

  /** Another patient: what was drafted for the one before is nobody's. */
  forget() {
    this.drafts.clear();
  }

  /** `rows`: {code, unit, usual, least, most, step, value (null: the usual one), said}. `may`: move them. */
  update(rows, may) {
    Object.assign(this, { rows, may });
    keep(this.node, rows, (row) => row.code, (row) => this.#make(row.code), (node, row) => this.#update(node, row));
  }

  #make(code) {
    const [less, more] = ["−", "+"].map((sign, i) => el("button", { type: "button", class: "step", onclick: () => this.#step(code, i ? 1 : -1) }, sign));
    const set = el("button", { type: "button", class: "primary", onclick: () => this.#set(code, this.drafts.get(code)) });
    const back = el("button", { type: "button", class: "back", onclick: () => this.#set(code, this.#row(code).usual) });
    return el("li", { "data-code": code },
      el("p", { class: "what" }, el("b"), el("span", { class: "said" })),
      el("div", { class: "move" }, less, el("output"), more),
      el("div", { class: "do" }, set, back));
  }

  #update(node, row) {
    const [what, move, act] = node.children;
    const [less, shown, more] = move.children;
    const held = row.value ?? row.usual;
    const draft = this.drafts.get(row.code);
    const is = draft ?? held;
    const name = named("alert", row.code);
    setState(node, draft !== undefined ? "drafted" : row.value === null ? "usual" : "moved");
    setText(what.children[0], name);
    setText(what.children[1], [t("limit.usual", { value: text(row.usual), least: text(row.least), most: text(row.most) }), row.said].filter(Boolean).join(" · "));
    setText(shown, `${text(is)} ${unit(row.unit)}`.trim());
    label(less, t("limit.lower", { name, value: text(next(row, is, -1)) }));
    label(more, t("limit.higher", { name, value: text(next(row, is, 1)) }));
    less.disabled = !this.may || is <= row.least;
    more.disabled = !this.may || is >= row.most;
    setText(act.children[0], t("limit.set", { value: text(is) }));
    show(act.children[0], this.may && draft !== undefined);
    setText(act.children[1], t("limit.back", { value: text(row.usual) }));
    show(act.children[1], this.may && draft === undefined && row.value !== null);
  }

  #row(code) {
    return this.rows.find((row) => row.code === code);
  }

  #step(code, way) {
    const row = this.#row(code);
    const held = row.value ?? row.usual;
    const to = next(row, this.drafts.get(code) ?? held, way);
    if (to === held) this.drafts.delete(code);
    else this.drafts.set(code, to);
    this.update(this.rows, this.may);
  }

  async #set(code, value) {
    const { usual } = this.#row(code);
    if (!(await this.send(code, value === usual ? "" : text(value)))) return;
    this.drafts.delete(code);
    this.update(this.rows, this.may);
  }
}

/** One step up or down, within the band. */
function next({ step, least, most }, value, way) {
  return Math.min(Math.max(Math.round((value + way * step) * 10) / 10, least), most);
}

const text = (value) => (Number.isInteger(value) ? String(value) : value.toFixed(1));

function label(button, words) {
  if (button.ariaLabel !== words) button.ariaLabel = words;
}
