// What is prepared at once: packs by their codes, refused loudly where they must not be used, the second check, and ready.
import { amount, unit } from "/prescriptions/said.js";
import { asked, change, reason } from "/prescriptions/asking.js";
import { el, setText } from "/screen/dom.js";
import { handed } from "./handed.js";
import { named, t } from "/public/i18n.js";
import { scanField } from "./scanning.js";
import { stepping } from "/prescriptions/stepping.js";
import { warn } from "./warn.js";

const STEPS = ["in-progress", "on-hold", "declined", "cancelled", "stopped"];

export class Preparing {
  /** `waits()`: whether the site's rule keeps it until it is paid. */
  constructor(onChanged, waits) {
    Object.assign(this, { onChanged, waits, user: "", dispense: null, rx: null });
    this.refused = el("p", { class: "refused", role: "alert" });
    this.taken = el("p", { class: "taken", role: "status" });
  }

  close() {
    this.dispense = null;
    this.#say("", "");
  }

  /** What is shown of `dispense`, of the prescription `rx`. */
  nodes(dispense, rx) {
    if (dispense.number !== this.dispense?.number) this.#say("", "");
    Object.assign(this, { dispense, rx });
    const isFull = dispense.scanned === dispense.value;
    const isHeld = dispense.state === "on-hold";
    const needs = dispense.high_alert && dispense.checked_by === null;
    return [
      el("h3", {}, t("pharmacy.preparing", { number: dispense.number })),
      el("p", { class: "progress" }, t("pharmacy.scanned", { scanned: dispense.scanned, all: amount(dispense) })),
      ...(dispense.high_alert ? [el("p", { class: "held" }, t("rx.high-alert"))] : []),
      ...(isHeld ? [el("p", { class: "held" }, t("pharmacy.is-held", { why: dispense.why }))] : []),
      this.refused,
      this.taken,
      ...(isFull || isHeld ? [] : [this.#scan()]),
      this.#packs(),
      ...(isFull && needs && !isHeld ? [this.#check()] : []),
      ...(dispense.checked_by === null ? [] : [el("p", { class: "taken" }, t("rx.checked-by", { by: dispense.checked_by }))]),
      ...(isFull && !needs && !isHeld ? [this.#ready()] : []),
      ...this.#next(),
    ];
  }

  #path(part) {
    return `/api/pharmacy/dispenses/${this.dispense.number}/${part}`;
  }

  #scan() {
    const { dispense, rx } = this;
    const ucum = dispense.unit;
    const rest = String(Number((Number(dispense.value) - Number(dispense.scanned)).toFixed(6)));
    const code = scanField("pack-code");
    const value = el("input", { id: "pack-value", value: rest, inputmode: "decimal", pattern: "[0-9]{1,7}([.][0-9]{1,6})?", required: true, autocomplete: "off" });
    const why = el("input", { id: "pack-why", maxlength: 200, autocomplete: "off" });
    const form = el(
      "form",
      { class: "inline scan" },
      field(value, t("pharmacy.pack-value", { unit: unit(ucum) })),
      ...(rx.wanted.substitution ? [field(why, t("pharmacy.pack-why"))] : []),
      el("div", { class: "wide" }, el("label", { for: "pack-code" }, t("pharmacy.pack-code")), code),
      el("button", { class: "primary" }, t("pharmacy.pack-add")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add(code, value.value.trim(), why.value.trim());
    });
    return form;
  }

  async #add(code, value, why) {
    const answer = await asked("POST", this.#path("packs"), { code: code.scanned(), value, why }, { "If-Match": `"${this.dispense.revision}"` });
    if (!answer.ok) {
      this.#say(t("pharmacy.refused", { why: reason(answer) }), "");
      warn();
      code.select();
      return answer.status === 412 && this.onChanged();
    }
    const pack = answer.data.packs.at(-1);
    this.#say("", t("pharmacy.taken", { batch: pack.batch, expiry: pack.expiry, amount: amount({ value: pack.value, unit: answer.data.unit }) }));
    code.value = "";
    code.focus();
    this.onChanged();
  }

  #packs() {
    const { packs, unit: ucum } = this.dispense;
    const rows = packs.map((one) => el("li", {}, el("b", {}, amount({ value: one.value, unit: ucum })), ` ${t("pharmacy.pack", { batch: one.batch, expiry: one.expiry, gtin: one.gtin, by: one.by })}`));
    return el("ul", { class: "packs" }, ...rows);
  }

  /** Who prepared it does not check it. */
  #check() {
    const { dispense } = this;
    if ([dispense.prepared_by, ...dispense.packs.map((one) => one.by)].includes(this.user)) return el("p", { class: "waits", role: "status" }, t("pharmacy.waits-other"));
    const act = () => this.#change("PUT", "checked", {});
    return el("div", { class: "checking" }, el("p", {}, t("pharmacy.check-what")), el("button", { type: "button", class: "primary large", onclick: act }, t("pharmacy.checked")));
  }

  #ready() {
    const where = el("input", { id: "ready-where", maxlength: 200, autocomplete: "off", required: true });
    const unpaid = el("input", { id: "ready-unpaid", maxlength: 200, autocomplete: "off", required: true });
    const asks = this.waits() ? [field(unpaid, t("charge.unpaid-why"))] : [];
    const form = el("form", { class: "inline" }, field(where, t(`pharmacy.where.${this.rx.delivery}`)), ...asks, el("button", { class: "primary large" }, t("pharmacy.ready")));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const { rx } = this;
      const answer = await this.#change("PUT", "completed", { destination: where.value.trim(), unpaid_why: unpaid.value.trim() });
      if (answer.ok) handed(answer.data, rx.patient, where.value.trim());
    });
    return form;
  }

  #next() {
    const { dispense } = this;
    const possible = STEPS.filter((to) => dispense.possible.includes(to) && !(to === "in-progress" && dispense.state === "preparation"));
    const pairs = possible.map((to) => [to, named("pharmacy.dispense", to)]);
    return stepping({ title: t("pharmacy.dispense-becomes", { number: dispense.number }), what: dispense.number, possible: pairs, free: ["in-progress"], act: (state, why) => this.#change("PUT", "state", { state, why }) });
  }

  async #change(method, part, body) {
    const answer = await change(this.refused, method, this.#path(part), body, this.dispense.revision);
    setText(this.taken, "");
    if (answer.ok || answer.status === 412) this.onChanged();
    return answer;
  }

  #say(refused, taken) {
    setText(this.refused, refused);
    setText(this.taken, taken);
  }
}

function field(input, words) {
  return el("div", {}, el("label", { for: input.id }, words), input);
}
