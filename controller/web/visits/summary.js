// The summary for the patient: in plain words, begun with those of the notes, signed as it is shown.
import { asked, change, reason } from "/prescriptions/asking.js";
import { documentView } from "./document.js";
import { el, setText } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { languageTag, t } from "./words.js";
import { sign } from "/signing/signing.js";
import { summaryView } from "/public/summary.js";

const FIELDS = ["talked", "found", "todo", "call"];

export class Summary {
  #told = null; #isBusy = false; #typed = null;

  constructor(node) {
    this.node = node;
  }

  async open(visit, me) {
    this.close();
    Object.assign(this, { visit, mayWrite: me.permissions.includes("visits:sign") });
    const answer = await asked("GET", this.#path());
    if (!answer.ok || this.visit !== visit) return;
    this.#told = answer.data;
    this.draw();
  }

  close() {
    Object.assign(this, { visit: null });
    this.#told = this.#typed = null;
    this.node.replaceChildren();
  }

  /** Somebody signed it. */
  took() {
    if (this.visit !== null && this.#typed === null) this.#read();
  }

  draw() {
    if (this.#told === null) return;
    const signed = this.#told.versions.filter((one) => one.signed_by !== null);
    const shown = signed.length > 0 ? [summaryView(signed[0])] : [el("p", { class: "soft" }, t("sum.none"))];
    const older = signed.slice(1).map((one) => el("details", {}, el("summary", {}, t("sum.version", { n: one.version, time: moment(one.signed_ms) })), summaryView(one)));
    const file = signed.length > 0 ? [el("p", {}, el("a", { class: "button", href: `${this.#path()}/signed`, download: "" }, t("sum.file")))] : [];
    this.problem = el("p", { class: "problem", role: "alert" });
    this.said = el("p", { class: "kept", role: "status" });
    this.node.replaceChildren(el("h2", { id: "sum-title", tabindex: "-1" }, t("sum.title")), ...shown, ...file, ...older, ...this.#writing(signed), this.problem, this.said);
  }

  #writing(signed) {
    if (!this.mayWrite || !["in-progress", "fulfilled"].includes(this.visit.state)) return [];
    if (this.#typed === null) return [el("button", { type: "button", class: "begin", onclick: () => this.#begin() }, t(signed.length > 0 ? "sum.amend" : "sum.begin"))];
    const field = (name, node) => el("div", {}, el("label", { for: `sum-${name}` }, t(`sum.${name}`)), node);
    const put = (name, node) => {
      node.value = this.#typed[name];
      node.addEventListener("input", () => (this.#typed[name] = node.value));
      return field(name, node);
    };
    const language = el("select", { id: "sum-language" }, el("option", { value: "en" }, "English"), el("option", { value: "zh" }, "中文"));
    language.value = this.#typed.language;
    language.addEventListener("change", () => this.#begin(language.value));
    const areas = FIELDS.map((name) => put(name, el("textarea", { id: `sum-${name}`, rows: 3, maxlength: 3000 })));
    const why = signed.length > 0 ? [put("why", el("input", { id: "sum-why", maxlength: 200, required: true, autocomplete: "off" }))] : [];
    const go = el("button", { type: "button", class: "primary sign", onclick: () => this.#once(() => this.#sign()) }, t("sum.sign"));
    const back = el("button", { type: "button", onclick: () => this.#leave() }, t("sum.leave"));
    return [el("div", { class: "writing" }, el("p", { class: "soft" }, t("sum.note")), field("language", language), ...areas, ...why, el("div", { class: "row" }, go, back))];
  }

  /** In another language what was proposed is proposed in it; what was typed stays. */
  async #begin(language = languageTag().slice(0, 2)) {
    if (this.#typed === null) await this.#read();
    const words = this.#told.proposed.find((one) => one.language === language);
    const last = this.#told.versions.find((one) => one.signed_by !== null)?.plain ?? null;
    const before = this.#typed && this.#told.proposed.find((one) => one.language === this.#typed.language);
    const kept = (name) => this.#typed !== null && this.#typed[name] !== before[name];
    const value = (name) => (kept(name) ? this.#typed[name] : last?.language === language ? last[name] : words[name]);
    this.#typed = { ...Object.fromEntries(FIELDS.map((name) => [name, value(name)])), language, why: this.#typed?.why ?? "" };
    this.draw();
    document.getElementById("sum-talked").focus();
  }

  #leave() {
    this.#typed = null;
    this.draw();
    document.getElementById("sum-title").focus();
  }

  async #once(work) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    await work();
    this.#isBusy = false;
  }

  /** Drafted, shown as it is kept, signed. */
  async #sign() {
    const draft = await change(this.problem, "PUT", this.#path(), this.#typed, this.#told.version);
    if (draft.status === 412) return this.#refresh(t("visits.outdated"));
    if (!draft.ok) return;
    this.#told = draft.data;
    const told = await asked("GET", `${this.#path()}/document`);
    if (!told.ok) return setText(this.problem, reason(told));
    const jws = await sign(told.data, { title: t("sum.sign-title", { who: this.visit.patient.name }), show: documentView });
    if (jws === null) return setText(this.problem, t("sum.not-signed"));
    const done = await change(this.problem, "PUT", `${this.#path()}/signature`, { signature: jws }, this.#told.version);
    if (!done.ok) return;
    this.#told = done.data;
    this.#leave();
    setText(this.said, t("sum.signed"));
  }

  async #refresh(words) {
    await this.#read();
    setText(this.problem, words);
  }

  async #read() {
    const answer = await asked("GET", this.#path());
    if (!answer.ok) return;
    this.#told = answer.data;
    this.draw();
  }

  #path() {
    return `/api/visits/${this.visit.number}/summary`;
  }
}
