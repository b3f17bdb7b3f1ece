// Writing a prescription for one patient: its form, its checks beside it, saved as a draft, signed as it is shown.
import { change, asked, reason } from "./asking.js";
import { Checks } from "./checks.js";
import { dosage, state } from "./said.js";
import { GenotypeList } from "./genotypes.js";
import { Form } from "./form.js";
import { moment } from "/screen/dates.js";
import { el, setText, show } from "/screen/dom.js";
import { shown } from "./document.js";
import { Support } from "./support.js";
import { sign } from "/signing/signing.js";
import { t } from "/public/i18n.js";

const PATH = "/api/prescriptions";
const byId = (id) => document.getElementById(id);

export class Writing {
  /** `onDone(words, signed)`: it was saved, signed or left; `words` say so; `signed`: its number then, else null. */
  constructor(onDone) {
    Object.assign(this, { onDone, patient: null, kept: null, replaces: "", isBusy: false });
    this.section = byId("write");
    this.problem = byId("write-problem");
    this.checks = new Checks(byId("checks"));
    this.support = new Support(byId("support"), (why, what) => this.#once(() => this.#drop(why, what)));
    this.genotypes = new GenotypeList(byId("genotypes"));
    this.form = new Form(byId("writing"), () => this.#changed());
    byId("save").addEventListener("click", () => this.#once(() => this.#save()));
    byId("sign").addEventListener("click", () => this.#once(() => this.#sign()));
    byId("leave").addEventListener("click", () => this.close());
  }

  get isOpen() {
    return this.patient !== null;
  }

  /** `kept`: the draft that goes on; `before`: what is replaced. Both null: it is a new one. */
  open(patient, kept = null, before = null) {
    Object.assign(this, { patient, kept, replaces: kept?.replaces ?? before?.number ?? "" });
    const from = kept ?? before;
    if (from === null) this.form.clear();
    else this.form.fill(from);
    this.checks.clear(Object.fromEntries((kept?.issues ?? []).filter((one) => one.why).map((one) => [one.code, one.why])));
    setText(this.problem, "");
    setText(byId("saved"), "");
    show(this.section, true);
    this.saved = null;
    this.support.open(patient);
    this.genotypes.open(patient);
    this.draw();
    this.#look();
    byId("rx-medicine").focus();
  }

  close(words = "", signed = null) {
    if (!this.isOpen) return;
    Object.assign(this, { patient: null, kept: null, replaces: "" });
    this.form.clear();
    this.checks.clear();
    this.support.open(null);
    this.genotypes.open(null);
    show(this.section, false);
    this.onDone(words, signed);
  }

  draw() {
    if (!this.isOpen) return;
    const key = this.replaces ? "rx.replaces" : this.kept ? "rx.draft-of" : "rx.new-for";
    setText(byId("writing-title"), t(key, { who: this.patient.name, number: this.kept?.number ?? "", before: this.replaces }));
    this.checks.draw();
    this.support.draw();
    this.genotypes.draw();
  }

  #changed() {
    if (!this.isOpen) return;
    setText(byId("saved"), "");
    this.#look();
  }

  #look() {
    const line = this.form.line();
    const key = JSON.stringify(line);
    if (this.looked === key && this.checks.issues !== null) return;
    this.looked = key;
    this.checks.look({ patient: this.patient.identifier, number: this.kept?.number ?? "", replaces: this.replaces }, line);
  }

  /** Nothing is sent twice. */
  async #once(work) {
    if (this.isBusy) return;
    this.isBusy = true;
    await work();
    this.isBusy = false;
  }

  #body() {
    return { wanted: this.form.wanted(), delivery: this.form.delivery, replaces: this.replaces, reasons: this.checks.said() };
  }

  /** As it is kept, if nothing of it is another since: services are not asked twice about the same. */
  async #same() {
    const isSame = this.kept !== null && this.form.isWhole() && this.saved === JSON.stringify(this.#body());
    return isSame ? this.kept : this.#save();
  }

  /** Not prescribed after all, as a card suggested. */
  async #drop(why, what) {
    const { kept } = this;
    if (kept === null || what !== `MedicationRequest/${kept.number}`) return;
    const done = await change(this.problem, "PUT", `${PATH}/${kept.number}/state`, { state: "cancelled", why }, kept.revision);
    if (done.ok) this.close(t("cds.dropped", { number: kept.number }));
  }

  /** The prescription as it is kept now; null: it was refused, or something is missing. */
  async #save() {
    if (!this.form.isWhole()) return null;
    const body = this.#body();
    const whose = this.patient;
    const answer = this.kept === null
      ? await change(this.problem, "POST", PATH, { ...body, patient: whose.identifier })
      : await change(this.problem, "PUT", `${PATH}/${this.kept.number}/draft`, body, this.kept.revision);
    if (whose !== this.patient) return null;
    if (answer.status === 412) await this.#differs();
    if (!answer.ok) return null;
    this.kept = answer.data;
    this.saved = JSON.stringify(body);
    this.checks.show(answer.data.issues);
    setText(byId("saved"), t("rx.saved", { number: this.kept.number, when: moment(this.kept.changed_ms) }));
    this.draw();
    return this.kept;
  }

  /** Somebody else wrote it: what is there now is told, what is typed stays, and is saved over it only when told so again. */
  async #differs() {
    const now = await asked("GET", `${PATH}/${this.kept.number}`);
    if (!now.ok) return;
    const one = now.data.prescription;
    this.kept = one;
    const what = `${one.wanted.medicine.code.display} · ${dosage(one.wanted)}`;
    setText(this.problem, t(one.state === "draft" ? "rx.changed-meanwhile" : "rx.no-draft-any-more", { by: one.changed_by, when: moment(one.changed_ms), what, state: state(one.state) }));
  }

  async #sign() {
    const isUnsaid = () => {
      const missing = this.checks.unsaid();
      if (missing === undefined) return false;
      setText(this.problem, t("rx.unsaid"));
      missing.focus();
      return true;
    };
    if (!this.form.isWhole() || isUnsaid()) return;
    const kept = await this.#same();
    if (kept === null || isUnsaid()) return;
    const not = await this.support.before(kept);
    setText(this.problem, not);
    if (not !== "") return;
    const told = await asked("GET", `${PATH}/${kept.number}/document`);
    if (!told.ok) return setText(this.problem, reason(told));
    const jws = await sign(told.data, { title: t("rx.sign-title", { number: kept.number, who: this.patient.name }), show: (one) => withMissed(shown(one), this.support.missed()) });
    if (jws === null) return setText(this.problem, t("rx.not-signed"));
    const done = await change(this.problem, "PUT", `${PATH}/${kept.number}/signature`, { signature: jws }, kept.revision);
    if (done.ok) this.close(t("rx.signed", { number: kept.number }), kept.number);
  }
}

/** What is signed, and above it what services did not check. */
function withMissed(document, missed) {
  return missed.length === 0 ? document : el("div", {}, el("ul", { class: "missed-list" }, ...missed.map((one) => el("li", {}, one))), document);
}
