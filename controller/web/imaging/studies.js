// The worklist: filters, one page of studies, and the way into the viewer.
import { confirmed } from "/public/confirm.js";
import { done } from "/people/page.js";
import { el, setText } from "/screen/dom.js";
import { named, t } from "/public/i18n.js";
import { wantedStudy } from "/public/person.js";
import { putRight } from "./right.js";
import { person, viewer, when, whose } from "./said.js";

const PAGE = 50;
const MODALITIES = ["CR", "CT", "DX", "ECG", "MG", "MR", "NM", "OT", "PR", "PT", "RF", "SC", "SR", "US", "XA", "XC"];
const URGENCIES = ["0", "1", "2", "3"];
const COLUMNS = ["open", "urgency", "patient", "when", "modality", "description", "accession", "images"];
const LESS = new Set(["accession", "images"]);

const byId = (id) => document.getElementById(id);
const day = (id) => byId(id).value.replaceAll("-", "");

export class Studies {
  /** `onAdd(study)`: a file is to be added for its patient; `onReport(accession)`: the report of its order is asked for. */
  constructor(onAdd, onReport) {
    Object.assign(this, { onAdd, onReport, answer: null, offset: 0, may: new Set(), study: wantedStudy() });
    byId("filters").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search();
    });
    byId("filters").addEventListener("reset", () => setTimeout(() => this.#search()));
    byId("newer").addEventListener("click", () => this.turn(this.offset - PAGE));
    byId("older").addEventListener("click", () => this.turn(this.offset + PAGE));
    byId("list").addEventListener("keydown", (event) => this.#step(event));
  }

  /** What the person may do. */
  person(me) {
    this.may = new Set(me.permissions);
  }

  /** By what is typed, not any more for the one study with which the page was opened. */
  #search() {
    this.study = null;
    history.replaceState(null, "", location.pathname);
    return this.turn(0);
  }

  turn(offset) {
    this.offset = Math.max(0, offset);
    return this.read();
  }

  async read() {
    const answer = await done("GET", `/api/imaging/studies?${this.#asked()}`);
    if (answer === undefined) return;
    this.answer = answer;
    this.draw();
  }

  #asked() {
    const asked = new URLSearchParams({ offset: this.offset, limit: PAGE });
    const given = { study: this.study, from: day("from"), to: day("to") };
    for (const id of ["patient", "modality", "accession", "urgency"]) given[id] = byId(id).value.trim();
    for (const [name, text] of Object.entries(given)) if (text) asked.set(name, text);
    return asked;
  }

  draw() {
    choices(byId("modality"), [["", t("worklist.any")], ...MODALITIES.map((one) => [one, one])]);
    choices(byId("urgency"), [["", t("worklist.any")], ...URGENCIES.slice(1).map((one) => [one, t("worklist.at-least", { what: urgency(one) })])]);
    if (this.answer === null) return;
    const { studies, more } = this.answer;
    setText(byId("found"), studies.length === 0 ? t("worklist.none") : t("worklist.range", { from: this.offset + 1, to: this.offset + studies.length }));
    const head = COLUMNS.map((name) => el("th", { scope: "col", class: LESS.has(name) ? "less" : null }, t(`worklist.column-${name}`)));
    byId("list").replaceChildren(el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...studies.map((one) => this.#row(one))));
    byId("list").hidden = studies.length === 0;
    byId("newer").disabled = this.offset === 0;
    byId("older").disabled = !more;
  }

  #row(one) {
    const who = person(one.patient.name) || t("worklist.no-name");
    const label = t("worklist.open-of", { who, what: one.modalities.join(" "), when: when(one.date, one.time) });
    const open = el("a", { class: "button open", href: viewer(this.answer.port, one.study), "aria-label": label }, t("worklist.open"));
    const held = one.held ? [el("span", { class: "note held" }, named("worklist.reason", one.held))] : [];
    return el(
      "tr",
      { "data-study": one.study },
      el("td", {}, el("div", { class: "row" }, open, ...this.#report(one, who), ...this.#add(one, who), ...this.#right(one, who))),
      el("td", { "data-urgency": one.urgency }, this.may.has("imaging:write") ? this.#urgency(one, who) : urgency(one.urgency)),
      el("th", { scope: "row" }, who, el("span", { class: "note" }, one.patient.identifier || t("worklist.no-identifier")), ...held),
      el("td", {}, when(one.date, one.time) || "–"),
      el("td", {}, one.modalities.join(", ") || "–"),
      el("td", {}, one.description || "–"),
      el("td", { class: "less" }, one.accession || "–"),
      el("td", { class: "less" }, t("worklist.images", { n: one.instances, series: one.series })),
    );
  }

  /** The report of its order; whoever may report begins one, if sure, of a study that nobody has ordered. */
  #report(one, who) {
    const may = one.order !== null || (this.may.has("imaging:report") && !one.held && one.patient.identifier);
    if (!may) return [];
    const words = one.order === null ? "worklist.write-report" : "worklist.report";
    const begin = async () => {
      if (one.order === null && !(await isSure(one, who))) return;
      const order = one.order ?? (await done("POST", `/api/imaging/studies/${one.study}/order`))?.accession;
      if (order === undefined) return;
      await this.onReport(order);
      if (one.order === null) await this.read();
    };
    return [el("button", { type: "button", class: "report", "aria-label": t(`${words}-of`, { who }), onclick: begin }, t(words))];
  }

  /** For whoever may: a file for the same patient, if it is sure who that is. */
  #add(one, who) {
    if (!this.may.has("imaging:write") || one.held || !one.patient.identifier) return [];
    return [el("button", { type: "button", "aria-label": t("add.for", { who }), onclick: () => this.onAdd(one) }, "+")];
  }

  /** For whoever looks after the archive: what puts the study right, in a dialog. A study in doubt has a tab. */
  #right(one, who) {
    if (!this.may.has("imaging:manage") || one.held) return [];
    const button = el("button", { type: "button", "aria-label": t("worklist.right-of", { who }) }, "…");
    button.addEventListener("click", () => this.#dialog(one, button));
    return [button];
  }

  #dialog(one, button) {
    const close = el("button", { type: "button" }, t("worklist.close"));
    const problem = el("p", { class: "problem", role: "alert" });
    const forms = putRight(one, async (...change) => {
      const isDone = (await done(...change)) !== undefined;
      setText(problem, byId("problem").textContent); // the page's own is behind the dialog
      if (isDone) dialog.close();
      if (isDone) await this.read();
    });
    const label = t("worklist.right-of", { who: whose(one) });
    const dialog = el("dialog", { class: "right", "aria-label": label }, el("h2", {}, whose(one)), problem, ...forms, close);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      button.focus();
    });
    byId("studies").append(dialog);
    dialog.showModal();
  }

  #urgency(one, who) {
    const select = el("select", { "aria-label": t("worklist.urgency-of", { who }) });
    choices(select, URGENCIES.map((level) => [level, urgency(level)]));
    select.value = String(one.urgency);
    select.addEventListener("change", async () => {
      await done("PUT", `/api/imaging/studies/${one.study}/urgency`, { urgency: Number(select.value) });
      await this.read();
      document.querySelector(`tr[data-study="${one.study}"] select`)?.focus();
    });
    return select;
  }

  /** Up and down go from one study's button to the next, from wherever one is in a row. */
  #step(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest("tbody tr");
    if (!by || !row || event.target.tagName === "SELECT") return;
    const next = by === 1 ? row.nextElementSibling : row.previousElementSibling;
    next?.querySelector("a").focus();
    event.preventDefault();
  }
}

/** Asks before an order is made for a study that nobody has ordered: which study it is, and that the order stays. */
function isSure(one, who) {
  const what = [one.modalities.join(" "), when(one.date, one.time), one.description].filter(Boolean).join(" · ");
  return confirmed(t("worklist.write-report-of", { who }), t("worklist.write-report-sure", { what }), t("worklist.write-report-do"));
}

const urgency = (level) => t(`worklist.urgency-${level}`);

/** Fills a <select> anew and keeps what is chosen. */
function choices(select, pairs) {
  const { value } = select;
  select.replaceChildren(...pairs.map(([name, text]) => el("option", { value: name }, text)));
  select.value = value;
}
