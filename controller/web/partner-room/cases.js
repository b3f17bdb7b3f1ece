// The cases of a conference: what was chosen of each, as the people of this hospital see it, and what is concluded.
import { ask } from "/public/ask.js";
import { content } from "/public/cases/content.js";
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

export class Cases {
  #base = "";
  #told = [];
  #members = [];
  #me = "";
  #files = new Map();
  #looked = new Set();
  #on = null;
  #rows = new Map();

  /** `problem(text)`: why something is not shown; `show(image)`: to all in the room. */
  constructor(node, problem, show) {
    Object.assign(this, { node, problem, show });
  }

  /** The conference as it is told now: the file of the case that the chair shows is opened. */
  take(base, { cases, members, me }) {
    this.#base = base;
    this.#told = cases;
    this.#members = members;
    this.#me = me;
    for (const one of cases) if (one.patient === null) this.#files.delete(one.id);
    const on = cases.find((one) => one.state === "now" && one.patient !== null)?.id ?? null;
    if (on !== null && on !== this.#on) this.#open(on);
    this.#on = on;
    this.draw();
  }

  /** Somebody has chosen something else. */
  again() {
    return Promise.all([...this.#files.keys()].map((id) => this.#open(id)));
  }

  /** A case is drawn anew only if something of it is different: what somebody looks at stays. */
  draw() {
    const shown = this.#told.filter((one) => one.state !== "off");
    const rows = shown.map((one) => {
      const now = JSON.stringify([one, this.#files.get(one.id), document.documentElement.lang]);
      if (this.#rows.get(one.id)?.now !== now) this.#rows.set(one.id, { now, node: this.#row(one) });
      return this.#rows.get(one.id).node;
    });
    const isSame = rows.length === this.node.children.length && rows.every((row, place) => row === this.node.children[place]);
    if (!isSame) this.node.replaceChildren(...rows);
  }

  #row(one) {
    const who = one.patient === null ? t("guest.no-patient") : `${one.patient.name} · ${one.patient.identifier}`;
    const head = [el("p", {}, `${one.question} · ${t(`guest.case-${one.state}`)}`), el("p", { class: one.patient ? "" : "soft" }, who)];
    const items = this.#files.get(one.id);
    const file = el("button", { type: "button", "data-do": "file", "aria-label": `${t("guest.file")}: ${one.question}`, onclick: () => this.#open(one.id) }, t("guest.file"));
    const look = one.patient === null ? [] : items === undefined ? [file] : this.#items(one, items);
    return el("li", { "data-case": String(one.id), "data-state": one.state }, ...head, ...look, ...this.#concluded(one));
  }

  #items(one, items) {
    if (items.length === 0) return [el("p", { class: "soft" }, t("mc.file-empty"))];
    return items.map((item) => this.#item(one, item));
  }

  #item(one, item) {
    const place = el("div");
    const showing = one.presenter === this.#me ? (image) => this.show({ case: one.id, item: item.id, ...image }) : null;
    const chosen = el("p", { class: "soft" }, t("mc.chosen-by", { by: this.#name(item.by), time: moment(item.at_ms) }));
    const node = el("details", { class: "item", "data-item": item.kind }, el("summary", {}, `${t(`mc.kind-${item.kind}`)}: ${item.title}`), chosen, place);
    const key = `${one.id}/${item.id}`;
    node.addEventListener("toggle", () => {
      if (!node.open) return this.#looked.delete(key);
      this.#looked.add(key);
      return place.childElementCount === 0 && content(place, `${this.#base}/cases/${one.id}/items/${item.id}`, item, showing);
    });
    node.open = this.#looked.has(key);
    return node;
  }

  #concluded({ conclusion: said }) {
    if (!said) return [];
    const lines = [said.conclusion, said.plan].filter((words) => words !== "").map((words) => el("p", { class: "said" }, words));
    const votes = said.votes.map((vote) => el("p", { class: "soft" }, t(`mc.${vote.stand}`, { who: this.#name(vote.actor), time: moment(vote.at_ms), words: vote.words })));
    return [el("h3", {}, t("mc.conclusion")), ...lines, ...votes];
  }

  #name(actor) {
    return this.#members.find((one) => one.actor === actor)?.display ?? actor;
  }

  async #open(id) {
    const answer = await ask("GET", `${this.#base}/cases/${id}/file`);
    this.problem(answer.ok ? "" : answer.message);
    if (answer.ok) this.#files.set(id, answer.data.items);
    else this.#files.delete(id);
    this.draw();
  }
}
