// Choosing something of the record to be shown with a case: of what the patient has, by who sees the patient.
import { ask } from "/public/ask.js";
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

const HOUR_MS = 3_600_000;
const KINDS = ["vitals", "results", "imaging", "report", "prescription", "summary", "document"];

/** What there is of a kind: [[value, words], …], asked for with the person's own sight. */
const LISTS = {
  imaging: async (patient) => ((await asked(`/api/patients/${encodeURIComponent(patient)}/imaging/studies`))?.studies ?? []).map((one) => [one.study, `${one.modalities.join(" ")} ${one.description} ${one.date}`]),
  report: async (patient) => ((await asked(`/api/imaging/orders?patient=${encodeURIComponent(patient)}`))?.orders ?? []).map((one) => [one.accession, `${one.modality ?? ""} ${one.part ?? ""} ${one.accession}`]),
  prescription: async (patient) => ((await asked(`/api/prescriptions?patient=${encodeURIComponent(patient)}`))?.prescriptions ?? []).map((one) => [one.number, `${one.wanted.medicine.code.display} · ${one.number}`]),
  summary: async (patient) => ((await asked(`/api/visits?patient=${encodeURIComponent(patient)}`))?.visits ?? []).map((one) => [one.number, `${moment(one.start_ms)} · ${one.reason}`]),
};
const NAMES = { imaging: "study", report: "accession", prescription: "number", summary: "visit" };

export class Choosing {
  #node = null;
  #whose = null;

  /** `choose(body)`: undefined if it was refused. */
  constructor(choose) {
    this.choose = choose;
  }

  reset() {
    this.#node = null;
  }

  /** The same form as long as it is the same patient's: somebody may be writing in it. */
  node(patient) {
    if (this.#node === null || this.#whose !== patient) this.#make(patient);
    return this.#node;
  }

  #make(patient) {
    this.#whose = patient;
    this.kind = el("select", { name: "kind", "aria-label": t("mc.kind") }, ...KINDS.map((one) => el("option", { value: one }, t(`mc.kind-${one}`))));
    this.parts = el("div", { class: "lines-of" });
    const title = el("input", { name: "title", maxlength: "200", required: true, "aria-label": t("mc.title"), placeholder: t("mc.title") });
    const form = el("form", {}, this.kind, this.parts, title, el("button", { class: "primary" }, t("mc.do-choose")));
    this.kind.addEventListener("change", () => this.#adapt());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const made = await this.choose({ kind: this.kind.value, title: title.value.trim(), what: this.#what(form) });
      if (made !== undefined) this.#node.open = form.reset();
    });
    this.#node = el("details", { class: "choosing" }, el("summary", {}, t("mc.choose")), form);
    this.#adapt();
  }

  async #adapt() {
    const kind = this.kind.value;
    if (kind === "document") return this.parts.replaceChildren(el("textarea", { name: "text", rows: "5", maxlength: "20000", required: true, "aria-label": t("mc.text") }));
    if (!LISTS[kind]) {
      const hours = el("input", { name: "hours", type: "number", min: "1", max: "744", value: kind === "vitals" ? "24" : "168", required: true });
      return this.parts.replaceChildren(el("label", {}, t("mc.hours"), " ", hours));
    }
    const found = await LISTS[kind](this.#whose);
    if (kind !== this.kind.value) return undefined;
    const select = el("select", { name: "which", required: true, "aria-label": t("mc.which") }, ...found.map(([value, words]) => el("option", { value }, words)));
    return this.parts.replaceChildren(found.length > 0 ? select : el("p", { class: "soft" }, t("mc.nothing-there")));
  }

  #what(form) {
    const kind = this.kind.value;
    if (kind === "document") return { text: form.elements.text.value };
    if (NAMES[kind]) return { [NAMES[kind]]: form.elements.which?.value ?? "" };
    const now = Date.now();
    return { from_ms: now - Number(form.elements.hours.value) * HOUR_MS, to_ms: now };
  }
}

async function asked(path) {
  const answer = await ask("GET", path);
  return answer.ok ? answer.data : null;
}
