// At a bed: the wristband, then the drug, then how much; what is wrong is refused loudly, and nothing is chosen by itself.
import { el, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { asked, reason } from "/prescriptions/asking.js";
import { doseLine } from "./doses.js";
import { Giving } from "./giving.js";
import { seeing } from "./alone.js";
import { errorButton } from "./mistake.js";
import { isOpen, keyOf, meant } from "./when.js";

const SEPARATOR = "\x1d";
const SHOWN = "␝";

export class Bedside {
  /** `hooks`: `done()` after something was charted, `back()` to the list, `now()` the controller's time, `me()` who is here. */
  constructor(node, hooks) {
    Object.assign(this, { node, hooks, bed: null, wristband: "", giving: null });
  }

  get isOpen() {
    return this.bed !== null;
  }

  open(bed) {
    Object.assign(this, { bed, wristband: "", giving: null });
    this.#build();
    show(this.node, true);
    this.node.querySelector("#wristband").focus();
  }

  close() {
    this.bed = this.giving = null;
    show(this.node, false);
  }

  /** A newer answer about this bed; undefined: the patient is not there any more. What is typed stays. */
  update(bed) {
    if (bed === undefined || bed.patient.identifier !== this.bed.patient.identifier) {
      this.#shout(t("round.moved"));
      return;
    }
    this.bed = bed;
    this.giving?.update(bed.items.find((one) => keyOf(one) === this.giving.key));
    this.draw();
  }

  draw() {
    if (!this.isOpen) return;
    const now = this.hooks.now();
    // Where a reason is being typed, the list waits.
    if (this.list.querySelector("details[open]") === null) this.list.replaceChildren(...this.bed.items.map((one) => this.#row(one, now)));
    show(this.list, this.form.childElementCount === 0);
    show(this.drug, this.wristband !== "");
    show(this.check, this.wristband === "");
    setText(this.step, t(this.wristband === "" ? "round.step-wristband" : "round.step-drug"));
  }

  #build() {
    const { patient, name } = this.bed;
    this.said = el("p", { class: "loud", role: "alert" });
    this.step = el("p", { class: "step", role: "status" });
    this.check = this.#scan("wristband", "round.wristband", (code) => this.#look(code));
    this.drug = this.#scan("drug", "round.drug", (code) => this.#find(code));
    this.list = el("ul", { class: "doses" });
    this.form = el("div", { class: "giving" });
    const back = el("button", { type: "button", class: "back", onclick: () => this.hooks.back() }, t("round.back"));
    const head = el("div", { class: "head" }, back, el("h2", {}, name, el("span", {}, `${patient.name} · ${patient.identifier}`)));
    this.node.replaceChildren(head, this.said, this.step, this.check, this.drug, this.form, this.list);
    this.draw();
  }

  /** A field that a scanner types into: its Enter ends a code. */
  #scan(id, words, onCode) {
    const field = el("input", { id, autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "go", maxlength: 512 });
    const form = el("form", { class: "scan" }, el("label", { for: id }, t(words)), el("div", { class: "row" }, field, el("button", { class: "primary" }, t("round.go"))));
    field.addEventListener("keydown", (event) => {
      if (event.key !== SEPARATOR && !(event.ctrlKey && event.key === "]")) return;
      event.preventDefault();
      field.setRangeText(SHOWN, field.selectionStart, field.selectionEnd, "end");
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const code = field.value.replaceAll(SHOWN, SEPARATOR).trim();
      if (code !== "") onCode(code);
    });
    return form;
  }

  #look(code) {
    if (code !== this.bed.patient.identifier) {
      this.#shout(t("round.wrong-patient", { code, name: this.bed.patient.name }));
      this.check.querySelector("input").select();
      return;
    }
    this.wristband = code;
    this.#shout("");
    this.draw();
    this.drug.querySelector("input").focus();
  }

  /** Which dose a drug's code means; the controller checks it again when it is given. */
  async #find(code) {
    const now = this.hooks.now();
    const open = this.bed.items.filter((one) => isOpen(one, now.utc));
    let found = meant(open, code, null);
    if (found.length === 0 && !/^RX/i.test(code)) {
      const answer = await asked("POST", "/api/pharmacy/scan", { code });
      if (!answer.ok) return this.#wrongDrug(reason(answer));
      found = meant(open, code, answer.data.product);
      if (found.length === 0) return this.#wrongDrug(this.#otherDrug(answer.data.product));
    } else if (found.length === 0) return this.#wrongDrug(this.#otherDrug(null));
    this.#shout("");
    if (found.length === 1) this.#begin(found[0], code);
    else this.#which(found, code);
  }

  #otherDrug(product) {
    const what = product?.medicine.code.display ?? t("round.unknown-product");
    return t("round.wrong-drug", { what, name: this.bed.patient.name });
  }

  /** Another product than was prescribed may have been handed out: then the dose is chosen, and the controller knows. */
  #wrongDrug(words) {
    this.#shout(words);
    this.#close();
    this.drug.querySelector("input").select();
  }

  #which(found, code) {
    const now = this.hooks.now();
    const choice = (one) => el("button", { type: "button", onclick: () => this.#begin(one, code) }, doseLine(one, now));
    this.form.replaceChildren(el("p", {}, t("round.which")), ...found.map(choice), el("button", { type: "button", onclick: () => this.#close() }, t("round.cancel")));
    show(this.list, false);
    this.form.querySelector("button").focus();
  }

  #begin(item, code) {
    this.giving = new Giving(this.form, item, { wristband: this.wristband, drug: code }, {
      now: this.hooks.now,
      me: this.hooks.me,
      shout: (words) => this.#shout(words),
      done: (words) => this.#charted(words),
      cancel: () => this.#close(),
    });
    show(this.list, false);
  }

  #close() {
    this.giving = null;
    this.form.replaceChildren();
    show(this.list, true);
  }

  async #charted(words) {
    this.#close();
    this.list.replaceChildren();
    this.drug.querySelector("input").value = "";
    await this.hooks.done();
    setText(this.step, words);
    (this.wristband === "" ? this.check : this.drug).querySelector("input").focus();
  }

  #row(item, now) {
    const buttons = [];
    if (item.given !== null) buttons.push(errorButton(item, () => this.#charted(t("round.was-error-said"))));
    else if (isOpen(item, now.utc)) buttons.push(el("button", { type: "button", "data-key": keyOf(item), onclick: () => this.#pick(item) }, t("round.choose")));
    if (item.due_ms === null && item.given !== null) buttons.push(el("button", { type: "button", "data-key": keyOf(item), onclick: () => this.#pick(item) }, t("round.choose")));
    const more = item.given === null ? [] : seeing(item.given, { me: this.hooks.me(), path: "/api/administrations", done: () => this.#charted(t("alone.seen-said")) });
    return el("li", { "data-dose": keyOf(item) }, doseLine(item, now), el("div", { class: "row" }, ...buttons), ...more);
  }

  /** A dose is chosen by hand: it can be left out at once, and given after wristband and drug were scanned. */
  #pick(item) {
    const code = this.drug.querySelector("input").value.replaceAll(SHOWN, SEPARATOR).trim();
    this.#begin(item, code);
    this.form.scrollIntoView({ block: "nearest" });
  }

  #shout(words) {
    setText(this.said, words);
  }
}
