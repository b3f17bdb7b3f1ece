// The notes of a visit beside its room: what staff write, numbers of the room, what is measured at home.
import { age, metricName, unit } from "/screen/format.js";
import { done } from "/people/page.js";
import { el, setText } from "/screen/dom.js";
import { named, t } from "./words.js";
import { Keeping } from "./keeping.js";
import { moment } from "/screen/dates.js";

const FIELDS = ["reason", "history", "examination", "assessment", "plan", "referral"];
const MEASURED = ["blood-pressure", "weight", "blood-glucose", "body-temperature", "heart-rate", "oxygen-saturation"];
const WRITES_MS = 6000;

export class Notes {
  #keeping = null; #node = null; #areas = new Map(); #other = null;

  constructor(node) {
    this.node = node;
    addEventListener("beforeunload", (event) => this.#keeping === null || this.#keeping.isKept || event.preventDefault());
    setInterval(() => this.#say(), 1000);
  }

  /** What is written now. */
  get note() {
    return this.#keeping?.note ?? null;
  }

  async open(visit, me) {
    this.close();
    const keeping = new Keeping(`/api/visits/${visit.number}/notes`, { changed: () => this.#say(), merged: (by) => this.#merged(by) });
    Object.assign(this, { visit, me, mayWrite: me.permissions.includes("visits:hold") });
    this.#keeping = keeping;
    if ((await keeping.open()) && this.#keeping === keeping) this.draw();
  }

  close() {
    this.#keeping?.close();
    this.#keeping = null;
    this.#other = null;
    this.node.replaceChildren();
  }

  /** The room says that there is a version by somebody. */
  took({ version, by }) {
    if (by !== this.me?.user) this.#keeping?.look(version);
  }

  look() {
    return this.#keeping?.look();
  }

  /** Prescriptions that were signed in this visit. */
  prescribed(medicines) {
    if (this.note === null) return;
    this.#keeping.prescribed = medicines;
    this.#lists();
  }

  draw() {
    if (!this.note) return;
    const focused = this.node.contains(document.activeElement) ? document.activeElement.id : "";
    this.#areas = new Map(FIELDS.map((name) => [name, this.#area(name)]));
    this.state = el("p", { class: "kept", role: "status" });
    this.lists = el("div", { class: "lists" });
    const fields = FIELDS.map((name) => el("div", {}, el("label", { for: `note-${name}` }, t(`notes.${name}`)), this.#areas.get(name)));
    this.node.replaceChildren(el("h2", { id: "notes-title", tabindex: "-1" }, t("notes.title")), this.state, ...fields, this.lists);
    this.#lists();
    this.#say();
    if (focused) document.getElementById(focused)?.focus();
  }

  #area(name) {
    const area = el("textarea", { id: `note-${name}`, rows: name === "reason" ? 1 : 3, maxlength: 3000, readonly: !this.mayWrite });
    area.value = this.note[name];
    area.addEventListener("input", () => this.#typed({ [name]: area.value }));
    return area;
  }

  #typed(change) {
    this.#keeping.typed({ ...this.note, ...change });
  }

  #merged(by) {
    if (by !== this.me.user) this.#other = { by, at: performance.now() };
    for (const [name, area] of this.#areas) put(area, this.note[name]);
    this.#lists();
  }

  #lists() {
    const { vitals, home } = this.note;
    const take = el("button", { type: "button", class: "take", onclick: () => this.#take() }, t("notes.take"));
    const add = el("button", { type: "button", class: "add", onclick: () => this.#plan() }, t("notes.add-home"));
    this.lists.replaceChildren(
      el("h3", {}, t("notes.vitals")),
      el("ul", { class: "taken" }, ...vitals.map((one) => this.#taken(one))),
      ...(this.mayWrite ? [take] : []),
      el("h3", {}, t("notes.home")),
      el("ul", { class: "home" }, ...home.map((one) => this.#atHome(one))),
      ...(this.mayWrite && home.length < MEASURED.length ? [add] : []),
      ...this.#signed(this.#keeping.prescribed),
    );
  }

  #signed(medicines) {
    if (medicines.length === 0) return [];
    return [el("h3", {}, t("notes.prescribed")), el("ul", { class: "prescribed" }, ...medicines.map((one) => el("li", {}, el("b", {}, one.name), el("span", { class: "soft" }, one.number))))];
  }

  #taken(one) {
    const words = `${metricName(one.metric)} ${Number(one.value.toFixed(2))} ${unit(one.unit)}`;
    return el("li", {}, el("b", {}, words), el("span", { class: "soft" }, `${moment(one.at_ms)} · ${one.device}`), ...this.#out(words, "vitals", one));
  }

  #atHome(one) {
    const change = (name, value) => this.#typed({ home: this.note.home.map((other) => (other === one ? Object.assign(one, { [name]: value }) : other)) });
    const what = el("select", { "aria-label": t("notes.what") }, ...MEASURED.map((name) => el("option", { value: name, selected: name === one.what }, named("notes.measured", name))));
    what.addEventListener("change", () => change("what", what.value));
    what.disabled = !this.mayWrite;
    const count = (name, most) => {
      const field = el("input", { type: "number", min: 1, max: most, value: one[name], "aria-label": t(`notes.${name}`), readonly: !this.mayWrite });
      field.addEventListener("input", () => field.validity.valid && field.value !== "" && change(name, Number(field.value)));
      return field;
    };
    return el("li", {}, what, count("times", 8), el("span", {}, t("notes.times")), count("days", 366), el("span", {}, t("notes.days")), ...this.#out(named("notes.measured", one.what), "home", one));
  }

  #out(words, name, one) {
    if (!this.mayWrite) return [];
    const out = () => {
      this.#typed({ [name]: this.note[name].filter((other) => other !== one) });
      this.#lists();
    };
    return [el("button", { type: "button", "aria-label": t("notes.out-of", { what: words }), onclick: out }, t("notes.out"))];
  }

  /** One of each: what was taken over before of the same is replaced. */
  async #take() {
    const told = await done("GET", `/api/visits/${this.visit.number}/notes/vitals`);
    if (told === undefined) return;
    if (told.vitals.length === 0) return setText(document.getElementById("problem"), t("notes.no-vitals"));
    const fresh = new Set(told.vitals.map((one) => one.metric));
    this.#typed({ vitals: [...this.note.vitals.filter((one) => !fresh.has(one.metric)), ...told.vitals] });
    this.#lists();
  }

  #plan() {
    const what = MEASURED.find((name) => !this.note.home.some((one) => one.what === name));
    this.#typed({ home: [...this.note.home, { what, times: 2, days: 14 }] });
    this.#lists();
  }

  #say() {
    if (!this.note || !this.state) return;
    const { base, state, problem } = this.#keeping;
    const parts = { version: base.version, by: base.by, time: moment(base.at_ms), why: problem };
    const kept = base.version === 0 && state === "kept" ? "notes.none" : `notes.is-${state}`;
    const other = this.#other !== null && performance.now() - this.#other.at < WRITES_MS ? this.#other : null;
    this.state.dataset.state = state;
    setText(this.state, [t(kept, parts), other && t("notes.writes", { by: other.by, apart: age(performance.now() - other.at) })].filter(Boolean).join(" · "));
  }
}

/** Another text, with the caret where it was among the words around it. */
function put(area, words) {
  if (area.value === words) return;
  const { selectionStart: at, value } = area;
  const moved = words.startsWith(value.slice(0, at)) ? at : Math.max(0, words.length - (value.length - at));
  area.value = words;
  if (document.activeElement === area) area.setSelectionRange(moved, moved);
}
