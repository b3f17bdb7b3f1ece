// Referring a patient: who, to which partner, to whom there, what for; and the consent that names the partner.
import { done } from "/people/page.js";
import { el, setText, show } from "/screen/dom.js";
import { languageTag, t } from "./words.js";
import { moment } from "/screen/dates.js";

const DAY_MS = 86_400_000;
const byId = (id) => document.getElementById(id);
const options = (list, value, words) => list.map((one) => el("option", { value: value(one) }, words(one)));

/** A box for each: `shape(one)` is its value, and the parts of its words. */
function boxes(id, list, shape) {
  const rows = list.map(shape).map(([value, parts]) => el("label", { class: "check" }, el("input", { type: "checkbox", value }), parts.filter(Boolean).join(" · ")));
  byId(id).querySelector("div").replaceChildren(...rows);
  show(byId(id), rows.length > 0);
}

/** A date of DICOM as people write it. */
const dayOf = (date) => (date ?? "").replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3");

export class Asking {
  #partners = [];
  #consents = [];
  #experts = [];
  #whose = "";

  /** `made(answer)`: the new one. */
  constructor(made) {
    this.made = made;
    byId("search").addEventListener("click", () => this.#search());
    byId("find").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      this.#search();
    });
    byId("site").addEventListener("change", () => this.#chosen());
    byId("patient").addEventListener("change", () => this.#chosen());
    for (const said of ["permit", "deny", "withdraw"]) byId(said).addEventListener("click", () => this.#say(said === "withdraw" ? "withdrawn" : said));
    byId("ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.draw();
  }

  partners(partners) {
    if (JSON.stringify(partners) === JSON.stringify(this.#partners)) return;
    this.#partners = partners;
    const kept = byId("site").value;
    byId("site").replaceChildren(el("option", { value: "" }, t("referrals.choose")), ...options(partners, (one) => one.site, (one) => one.name));
    byId("site").value = partners.some((one) => one.site === kept) ? kept : "";
    this.draw();
  }

  draw() {
    const partner = this.#partners.find((one) => one.site === byId("site").value);
    const said = this.#consents.find((one) => one.site === partner?.site);
    const isReady = partner !== undefined && byId("patient").value !== "";
    show(byId("consent"), isReady);
    if (!isReady) return;
    setText(byId("words"), partner.words[languageTag().slice(0, 2)]);
    const stands = said === undefined ? "none" : said.holds ? "holds" : "not";
    setText(byId("stands"), t(`referrals.consent-${stands}`, { time: moment(said?.until_ms ?? 0), number: said?.number }));
    byId("stands").className = stands === "holds" ? "done" : "trouble";
    show(byId("withdraw"), stands === "holds");
  }

  /** Nobody is chosen until somebody chooses. */
  async #search() {
    const told = await done("GET", `/api/patients?text=${encodeURIComponent(byId("find").value.trim())}`);
    if (told === undefined) return;
    const first = t(told.patients.length > 0 ? "referrals.choose" : "referrals.nobody");
    byId("patient").replaceChildren(el("option", { value: "" }, first), ...options(told.patients, (one) => one.identifier, (one) => `${one.name} · ${one.identifier}`));
    byId("patient").focus();
    this.draw();
  }

  async #chosen() {
    const [patient, site] = [byId("patient").value, byId("site").value];
    this.#consents = [];
    if (patient !== "") this.#consents = (await done("GET", `/api/partner-consents?patient=${encodeURIComponent(patient)}`))?.consents ?? [];
    await this.#studies(patient);
    this.#experts = site === "" ? [] : ((await done("GET", "/api/experts"))?.experts ?? []).filter((one) => one.site === site);
    const names = options(this.#experts, (one) => one.actor.split("/").at(-1), (one) => one.profile.display);
    byId("expert").replaceChildren(el("option", { value: "" }, t("referrals.anybody")), ...names);
    this.draw();
  }

  /** Which images go along, and what was concluded before: none until somebody chooses. */
  async #studies(patient) {
    if (patient === this.#whose) return;
    this.#whose = patient;
    const told = patient === "" ? null : await done("GET", `/api/patients/${encodeURIComponent(patient)}/imaging/studies`);
    const studies = told?.studies ?? [];
    boxes("studies", studies, (one) => [one.study, [one.modalities.join(" "), one.description, dayOf(one.date)]]);
    const before = patient === "" ? null : await done("GET", `/api/referral-documents?patient=${encodeURIComponent(patient)}`);
    boxes("documents", before?.documents ?? [], (one) => [one.id, [one.title, one.date.slice(0, 10), one.by.join(", ")]]);
  }

  async #say(said) {
    const until = Date.now() + Number(byId("days").value) * DAY_MS;
    const body = { patient: byId("patient").value, site: byId("site").value, said, language: languageTag().slice(0, 2), until_ms: until };
    const told = await done("POST", "/api/partner-consents", body);
    if (told === undefined) return;
    this.#consents = told.consents;
    this.draw();
  }

  async #send() {
    const body = { patient: byId("patient").value, site: byId("site").value, expert: byId("expert").value, reason: byId("reason").value.trim() };
    for (const name of ["studies", "documents"]) body[name] = [...byId(name).querySelectorAll("input:checked")].map((one) => one.value);
    const told = await done("POST", "/api/referrals", body);
    if (told === undefined) return;
    byId("ask").reset();
    byId("patient").replaceChildren();
    await this.#studies("");
    this.draw();
    byId("asking").open = false;
    await this.made(told);
  }
}
