// Adding a file that is no DICOM to a patient's record: what it is, whose, and the statement to which a person agrees.
import { done, follow, told } from "/people/page.js";
import { el, setText, show } from "/screen/dom.js";
import { has, languageTag, named, t } from "/public/i18n.js";
import { person, size, viewer } from "./said.js";
import { send } from "./sending.js";

const PATH = "/api/imaging/imports";
const KINDS = new Set(["image/jpeg", "image/png", "application/pdf"]);
const MOST_MB = 64;
const IDENTIFYING = ["file", "identifier", "name", "birth"];

const byId = (id) => document.getElementById(id);
const field = (name) => byId(`add-${name}`);
const day = (name) => field(name).value.replaceAll("-", "");

export class Adding {
  constructor(onAdded) {
    Object.assign(this, { onAdded, user: null, may: false, consent: null, shown: null, outcome: null, port: null });
    byId("adding").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    });
    // Who was compared with whom: of another file or patient it has to be said anew.
    for (const name of IDENTIFYING) field(name).addEventListener("input", () => (field("consent").checked = false));
  }

  /** Whoever comes after somebody else on this screen begins anew. */
  person(me) {
    if (me.user !== this.user) {
      byId("adding").reset();
      this.#tell("", null);
    }
    Object.assign(this, { user: me.user, may: me.permissions.includes("imaging:write") });
  }

  async read() {
    if (!this.may || this.consent !== null) return;
    this.consent = (await done("GET", `${PATH}/consent`)) ?? null;
    this.draw();
  }

  /** Whose the next file is: the patient of a study. */
  patient({ patient, birth_date, sex }) {
    byId("adding").reset();
    field("identifier").value = patient.identifier;
    field("name").value = person(patient.name);
    field("birth").value = birth_date.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");
    field("sex").value = ["F", "M", "O"].includes(sex) ? sex : "";
    this.#tell("", null);
  }

  draw() {
    setText(byId("add-note"), t("add.note", { mb: MOST_MB }));
    const statement = this.consent?.[languageTag().slice(0, 2)] ?? "";
    if (statement !== this.shown) field("consent").checked = false; // what was agreed to is what was read
    this.shown = statement;
    setText(field("statement"), statement);
    field("consent").disabled = statement === "";
    this.#drawOutcome();
  }

  async #add() {
    const file = field("file").files[0];
    const problem = this.#problem(file);
    this.#tell(problem, null);
    if (problem) return;
    this.#busy(true);
    const answer = await send(PATH, this.#form(file), (part) => (field("sent").value = part));
    this.#busy(false);
    follow(answer);
    this.#tell(answer.ok ? "" : refused(answer), answer.ok ? answer.data : null);
    if (!answer.ok) return byId("adding").querySelector("button").focus();
    byId("adding").reset();
    field("file").focus();
    await this.onAdded();
  }

  #problem(file) {
    if (!KINDS.has(file.type)) return t("add.kind");
    return file.size > MOST_MB * 1024 * 1024 ? t("add.large", { size: size(file.size), mb: MOST_MB }) : "";
  }

  #form(file) {
    const about = {
      patient_id: field("identifier").value.trim(),
      patient_name: field("name").value.trim(),
      birth_date: day("birth"),
      sex: field("sex").value,
      media: file.type,
      description: field("shows").value.trim(),
      date: day("date"),
      consent: this.shown,
    };
    const form = new FormData();
    form.append("about", JSON.stringify(about));
    form.append("file", file, "file"); // its name may name a patient, and is nobody's business
    return form;
  }

  /** While it is sent nothing of the form is changed, and nothing is sent twice. */
  #busy(isBusy) {
    for (const one of byId("adding").elements) one.disabled = isBusy;
    field("sent").value = 0;
    show(field("progress"), isBusy);
  }

  #tell(problem, outcome) {
    this.outcome = outcome;
    setText(field("problem"), problem);
    this.#drawOutcome();
  }

  #drawOutcome() {
    if (this.outcome === null) return field("done").replaceChildren();
    const { outcome, study, patient_id: patient, reason } = this.outcome;
    const isThere = ["stored", "already"].includes(outcome);
    const words = isThere || outcome === "held" ? `add.${outcome}` : "add.not-let-in";
    const open = isThere && this.port !== null ? [el("a", { class: "button", href: viewer(this.port, study) }, t("worklist.open"))] : [];
    field("done").replaceChildren(el("span", {}, t(words, { patient, reason: named("worklist.reason", reason) })), ...open);
  }
}

/** Why it was not added; of what has no words of its own what the controller says. */
function refused(answer) {
  if (answer.status === 0) return t("add.cut");
  const own = `add.refused-${answer.code}`;
  return t(has(own) ? own : "add.refused", { why: told(answer) ?? String(answer.status) });
}
