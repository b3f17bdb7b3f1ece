// One dose: how much is given, by whom seen too, or why it is not given. A lost connection charts nothing silently.
import { amount, route, unit } from "/prescriptions/said.js";
import { asked, reason } from "/prescriptions/asking.js";
import { el, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { Alone } from "./alone.js";
import { field, shownFields, shownOf } from "./shown.js";
import { stands } from "./doses.js";
import { isFar, keyOf } from "./when.js";

const PATH = "/api/administrations";

/** "1.50" and "1,5" as the controller writes it. */
const plain = (text) => {
  const [whole, rest = ""] = text.trim().replace(",", ".").split(".");
  const decimals = rest.replace(/0+$/, "");
  return `${whole.replace(/^0+(?=\d)/, "")}${decimals === "" ? "" : `.${decimals}`}`;
};

export class Giving {
  /** `scanned`: wristband and drug, "": not yet. `hooks`: now(), me(), shout(words), done(words), cancel(). */
  constructor(node, item, scanned, hooks) {
    Object.assign(this, { node, item, scanned, hooks, key: keyOf(item), unsure: false, isForTwo: item.needs_witness });
    this.#build();
  }

  /** A newer answer: what was sent before the connection was lost may be charted. */
  update(item) {
    if (item === undefined) return this.hooks.shout(t("round.gone"));
    const isNew = item.given !== null && item.given.number !== this.item.given?.number;
    const was = this.item;
    this.item = item;
    if (!isNew) return undefined;
    if (this.unsure) return this.hooks.done(t("round.was-charted"));
    if (was.due_ms !== null) this.hooks.shout(t("round.charted-meanwhile", { by: item.given.by }));
    return undefined;
  }

  #build() {
    const { wanted } = this.item.prescription;
    const now = this.hooks.now();
    this.problem = el("p", { class: "loud", role: "alert" });
    const ready = this.scanned.wristband !== "" && this.scanned.drug !== "";
    const head = [el("h3", { tabindex: "-1" }, wanted.medicine.code.display), el("p", { class: "big" }, `${amount(wanted.dose)} · ${route(wanted.route)}`), el("p", {}, stands(this.item, now))];
    const give = ready ? this.#give(now) : el("p", { class: "two" }, t("round.scan-first"));
    this.node.replaceChildren(...head, this.problem, give, ...this.#leave(), this.#cancel());
    (this.node.querySelector("#dose") ?? this.node.querySelector("h3")).focus();
  }

  #give(now) {
    const { wanted } = this.item.prescription;
    const dose = el("input", { id: "dose", inputmode: "decimal", required: true, autocomplete: "off", maxlength: 14 });
    const parts = [el("label", { for: "dose" }, t("round.dose")), el("div", { class: "row" }, dose, el("span", { class: "unit" }, unit(wanted.dose.unit)))];
    if (isFar(this.item, now.utc)) parts.push(...field("why", t("round.why-then"), { maxlength: 200, required: true }));
    const give = el("button", { class: "primary large" }, t("round.give"));
    if (this.isForTwo) parts.push(...this.#second(give));
    const form = el("form", { class: "give" }, ...parts, give);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(form);
    });
    return form;
  }

  /** Who else is there; or, opened by hand, why nobody is. `give`: the button that says which of both it is. */
  #second(give) {
    const other = el("div", { class: "second" }, el("p", { class: "two" }, t("round.second")), ...shownFields());
    this.alone = new Alone(this.hooks.me(), (isOpen) => {
      show(other, !isOpen);
      for (const input of other.querySelectorAll("input")) input.value = "";
      give.classList.toggle("danger", isOpen);
      setText(give, t(isOpen ? "alone.give" : "round.give"));
    });
    return [other, this.alone.node];
  }

  #leave() {
    if (this.item.due_ms === null) return [];
    const form = el("form", { class: "leave" }, ...field("why-not", t("round.why-not"), { maxlength: 200, required: true }), el("button", {}, t("round.not-given")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const body = { prescription: this.item.prescription.number, due_ms: this.item.due_ms, why: form.querySelector("#why-not").value.trim() };
      this.#chart(`${PATH}/left-out`, body, t("round.left-out-said"));
    });
    return [el("details", {}, el("summary", {}, t("round.leave-out")), form)];
  }

  #cancel() {
    return el("button", { type: "button", onclick: () => this.hooks.cancel() }, t("round.cancel"));
  }

  #send(form) {
    const { wanted, number } = this.item.prescription;
    const said = plain(form.querySelector("#dose").value);
    if (said !== wanted.dose.value) {
      setText(this.problem, t("round.wrong-dose", { prescribed: amount(wanted.dose), said: `${said} ${unit(wanted.dose.unit)}` }));
      form.querySelector("#dose").select();
      return;
    }
    const value = (id) => form.querySelector(`#${id}`)?.value.trim() ?? "";
    const { due_ms: dueMs, newest } = this.item;
    const body = { prescription: number, due_ms: dueMs, ...this.scanned, dose: { value: said, unit: wanted.dose.unit }, after: dueMs === null ? newest : "", why: value("why") };
    if (this.alone?.isOpen) body.alone = this.alone.body;
    else if (this.isForTwo) body.witness = shownOf(form);
    this.#chart(PATH, body, t(body.alone ? "alone.given-said" : "round.given-said", { what: `${wanted.medicine.code.display}, ${amount(wanted.dose)}` }));
  }

  /** The pack that was scanned needs two, which the round did not know. What is typed stays. */
  #needsSecond() {
    const typed = ["dose", "why"].map((id) => [id, this.node.querySelector(`#${id}`)?.value]);
    this.isForTwo = true;
    this.#build();
    for (const [id, value] of typed) if (value !== undefined && this.node.querySelector(`#${id}`) !== null) this.node.querySelector(`#${id}`).value = value;
  }

  async #chart(path, body, words) {
    const buttons = [...this.node.querySelectorAll("button")];
    for (const one of buttons) one.disabled = true;
    const answer = await asked("POST", path, body);
    for (const one of buttons) one.disabled = false;
    this.unsure = answer.status === 0;
    if (answer.ok) return this.hooks.done(words);
    if (answer.code === "needs-second" && !this.isForTwo) this.#needsSecond();
    setText(this.problem, this.unsure ? t("round.not-known") : reason(answer));
    for (const id of ["pin", "badge"]) {
      const secret = this.node.querySelector(`#${id}`);
      if (secret !== null && !this.unsure) secret.value = "";
    }
    if (!this.unsure) this.alone?.forget();
    return undefined;
  }
}
