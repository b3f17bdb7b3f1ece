// One's own PIN and badge: they open a robot's drawer and say who gives or looks on at the bed. Set after a proof.
import { change } from "/prescriptions/asking.js";
import { el, setText, show } from "/screen/dom.js";
import { heldRows } from "./held.js";
import { t } from "/public/i18n.js";

const SHORTEST = 4;
const LONGEST = 8;
const RUNS = ["01234567890", "09876543210"];
const byId = (id) => document.getElementById(id);

/** Why the controller would not take it as a PIN: "form", "same", "run", "repeats"; "": it would. */
export function weakness(pin) {
  if (!/^[0-9]+$/.test(pin) || pin.length < SHORTEST || pin.length > LONGEST) return "form";
  if (new Set(pin).size === 1) return "same";
  if (RUNS.some((run) => run.includes(pin))) return "run";
  return /^([0-9]{2,4})\1+$/.test(pin) ? "repeats" : "";
}

export class Badge {
  /** `done` asks the controller, and shows a refusal. */
  constructor(section, done) {
    Object.assign(this, { section, done, held: null, me: null });
    byId("pin-form").addEventListener("submit", (event) => this.#setPin(event));
    byId("badge-form").addEventListener("submit", (event) => this.#enrol(event));
  }

  async load(me) {
    this.me = me;
    const held = await this.done("GET", "/api/account/badge");
    if (held === undefined) return;
    this.held = held;
    this.draw();
  }

  draw() {
    if (this.held === null) return;
    show(this.section, true);
    byId("held").replaceChildren(...heldRows(this.held, (kind) => this.#withdraw(kind)));
    setText(byId("pin-do"), t(this.held.pin_ms === null ? "held.set-pin" : "held.change-pin"));
    setText(byId("badge-do"), t(this.held.badge_ms === null ? "held.enrol" : "held.enrol-other"));
    const canProve = this.me.password || this.me.second_factor;
    for (const id of ["pin-form", "badge-form"]) show(byId(id), canProve);
    show(byId("no-proof"), !canProve);
    for (const node of this.section.querySelectorAll(".proof")) this.#proof(node);
  }

  /** The fields by which one proves it is oneself: the password, or a code, of what one has. */
  #proof(node) {
    const kinds = [this.me.password && "password", this.me.second_factor && "code"].filter(Boolean);
    if (node.dataset.kinds === kinds.join()) {
      for (const label of node.querySelectorAll("label")) setText(label, t(`held.prove-${label.dataset.kind}`));
      return;
    }
    node.dataset.kinds = kinds.join();
    const of = { password: { type: "password", autocomplete: "current-password", maxlength: 1024 }, code: { autocomplete: "one-time-code", inputmode: "numeric", maxlength: 32 } };
    const fields = kinds.flatMap((kind) => {
      const id = `${node.dataset.form}-${kind}`;
      const input = el("input", { id, name: kind, required: kinds.length === 1, ...of[kind] });
      return [el("label", { for: id, "data-kind": kind }, t(`held.prove-${kind}`)), input];
    });
    node.replaceChildren(...fields);
  }

  async #setPin(event) {
    event.preventDefault();
    const { pin, again } = event.target.elements;
    const weak = weakness(pin.value);
    if (weak) return this.#wrong(event.target, `held.weak-${weak}`, pin);
    if (pin.value !== again.value) return this.#wrong(event.target, "held.differ", again);
    return this.#change(event.target, "/api/account/pin", { pin: pin.value }, "held.pin-set");
  }

  #enrol(event) {
    event.preventDefault();
    const badge = event.target.elements.badge.value.trim();
    return this.#change(event.target, "/api/account/badge", { badge }, "held.enrolled");
  }

  async #change(form, path, body, words) {
    setText(byId("held-said"), "");
    const { password, code } = form.elements;
    const proof = password?.value ? { password: password.value } : code?.value ? { code: code.value.trim() } : null;
    if (proof === null) return this.#wrong(form, "held.proof-needed", password ?? code);
    const answer = await change(form.querySelector(".problem"), "PUT", path, { ...body, ...proof });
    if (!answer.ok) return form.querySelector(".proof input").select();
    form.reset();
    await this.load(this.me);
    return setText(byId("held-said"), t(words));
  }

  #wrong(form, words, input) {
    setText(byId("held-said"), "");
    setText(form.querySelector(".problem"), t(words));
    input.focus();
  }

  async #withdraw(kind) {
    setText(byId("held-said"), "");
    if ((await this.done("DELETE", `/api/account/${kind}`)) === undefined) return;
    await this.load(this.me);
    setText(byId("held-said"), t(`held.gone-${kind}`));
    byId("held-title").focus();
  }
}
