// The dialogs in which a person says what is known of a patient: each sends one thing, and says why it was refused.
import { closeButton, lostBanner } from "./panel.js";
import { el, setText } from "/screen/dom.js";
import { named, t } from "/public/i18n.js";
import { send, sendWith } from "./api.js";

const SEXES = ["", "female", "male", "other", "unknown"];
const UNITS = { weight: "kg", height: "cm", creatinine: "umol/L" };
const CRITICALITIES = ["unable-to-assess", "low", "high"];
const STATUSES = ["active", "inactive", "resolved", "entered-in-error"];

export class FactsDialog {
  /** `onSaid(patient)`: the facts as they are now. */
  constructor(onSaid) {
    this.onSaid = onSaid;
    this.dialog = el("dialog", { id: "facts-dialog", "aria-labelledby": "facts-title" });
    this.dialog.addEventListener("close", () => this.dialog.replaceChildren());
    document.body.append(this.dialog);
  }

  close() {
    if (this.dialog.open) this.dialog.close();
  }

  person(facts) {
    const born = input("birth", { value: facts.birth_date ?? "", pattern: "\\d{4}(-\\d{2}(-\\d{2})?)?", placeholder: "1950-03-02", maxlength: 10 });
    const sex = select("sex", SEXES.map((one) => [one, one === "" ? t("facts.not-said") : named("facts.sex", one)]), facts.sex ?? "");
    const fields = [labelled("facts.birth", born, t("facts.birth-note")), labelled("facts.sex", sex)];
    this.#show(facts, "facts.enter-person", fields, () =>
      sendWith(over(facts), "PUT", `${path(facts)}/person`, { birth_date: born.value.trim() || null, sex: sex.value || null }),
    );
  }

  value(facts) {
    const kind = select("kind", Object.keys(UNITS).map((one) => [one, `${t(`facts.${one}`)} (${named("facts.unit", UNITS[one])})`]), "weight");
    const value = input("value", { type: "number", step: "any", min: 0, required: true });
    const when = input("when", { type: "datetime-local" });
    const fields = [labelled("facts.kind", kind), labelled("facts.value", value), labelled("facts.when", when, t("facts.when-note"))];
    this.#show(facts, "facts.enter-value", fields, () => {
      const at_ms = when.value ? new Date(when.value).getTime() : null;
      return send("POST", `${path(facts)}/measurements`, { kind: kind.value, value: value.valueAsNumber, unit: UNITS[kind.value], at_ms });
    });
  }

  /** `one`: the allergy that is changed; null: it is a new one. */
  allergy(facts, one = null) {
    const what = input("what", { value: one?.display ?? "", required: true, maxlength: 200 });
    const criticality = select("criticality", CRITICALITIES.map((name) => [name, named("facts.criticality", name)]), one?.criticality ?? CRITICALITIES[0]);
    const reaction = input("reaction", { value: one?.reaction ?? "", maxlength: 200 });
    const status = select("status", STATUSES.map((name) => [name, named("facts.status", name)]), one?.status ?? "active");
    const fields = [labelled("facts.what", what), labelled("facts.criticality", criticality), labelled("facts.reaction", reaction)];
    if (one !== null) fields.push(labelled("facts.status", status));
    this.#show(facts, one === null ? "facts.enter-allergy" : "facts.change-allergy", fields, () => {
      const display = what.value.trim();
      // A code is of the words that it was given with.
      const coded = one !== null && display === one.display ? { code: one.code, system: one.system } : {};
      const body = { display, criticality: criticality.value, reaction: reaction.value.trim(), status: status.value, ...coded };
      if (one === null) return send("POST", `${path(facts)}/allergies`, body);
      return sendWith(over(facts), "PUT", `${path(facts)}/allergies/${one.id}`, body);
    });
  }

  none(facts) {
    const sure = el("p", { "data-t": "facts.none-sure" }, t("facts.none-sure"));
    this.#show(facts, "facts.say-none", [sure], () => sendWith(over(facts), "PUT", `${path(facts)}/no-known-allergies`, {}));
  }

  #show(facts, key, fields, act) {
    const title = el("h2", { id: "facts-title" }, t(key), " · ", facts.name);
    const problem = el("p", { class: "problem", role: "alert" });
    const save = el("button", { class: "primary", "data-t": "facts.save" }, t("facts.save"));
    const form = el("form", { class: "facts-form" }, ...fields, problem, save);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      save.disabled = true;
      try {
        const { patient } = await act();
        this.close();
        this.onSaid(patient);
      } catch (error) {
        setText(problem, error.name === "Refusal" ? error.message : t("crew.not-sent"));
      }
      save.disabled = false;
    });
    this.dialog.replaceChildren(lostBanner(), el("header", {}, title, closeButton(this.dialog)), el("section", {}, form));
    this.dialog.showModal();
    (form.querySelector("input, select") ?? save).focus();
  }
}

const path = (facts) => `/api/patients/${encodeURIComponent(facts.identifier)}`;
const over = (facts) => ({ "If-Match": `"${facts.revision}"` });

function input(name, attributes) {
  return el("input", { id: `facts-${name}`, name, autocomplete: "off", ...attributes });
}

function select(name, pairs, value) {
  const node = el("select", { id: `facts-${name}`, name }, ...pairs.map(([one, text]) => el("option", { value: one }, text)));
  node.value = value;
  return node;
}

function labelled(key, field, note = "") {
  return el("div", {}, el("label", { for: field.id, "data-t": key }, t(key)), field, ...(note ? [el("span", { class: "note" }, note)] : []));
}
