// What the patient pays for what lies on the bench: price, insurance, offer, paid or not, given back. Nothing where nobody pays.
import en from "/public/words/charge-en.js";
import zh from "/public/words/charge-zh.js";
import { age } from "/screen/format.js";
import { asked, reason } from "/prescriptions/asking.js";
import { el, setText } from "/screen/dom.js";
import { has, learn, t } from "/screen/i18n.js";
import { moment } from "/screen/dates.js";
import { money } from "/public/money.js";
import { qrCode } from "/people/qr.js";
import { receipt } from "/public/receipt.js";
import { cardForm, linesForm, whyForm } from "./charge-forms.js";

learn({ en, zh });

const PATH = "/api/payments";
const OVER = new Set(["failed", "cancelled", "refunded"]);
const RECEIPTED = new Set(["paid", "refund-pending", "refunded", "refund-failed"]);
const BACK = new Set(["paid", "held", "refund-failed"]);
const CANCEL = new Set(["priced", "eligibility-checked", "awaiting-payment"]);

export class Charge {
  /** `now()`: the controller's time; `onChanged()`: whether it waits for its payment may be another answer. */
  constructor(now, onChanged) {
    Object.assign(this, { now, onChanged, item: null, told: null, drawn: "" });
    this.node = el("section", { class: "charge", "aria-labelledby": "charge-title", hidden: true });
    this.problem = el("p", { class: "problem", role: "alert" });
  }

  open(item) {
    if (item !== null && this.item !== null && subject(item) === subject(this.item)) {
      this.item = item;
      return;
    }
    Object.assign(this, { item, told: null, drawn: "" });
    setText(this.problem, "");
    this.node.hidden = true;
    this.node.replaceChildren();
    if (item !== null) this.read();
  }

  /** Asked again while it lies there: the patient pays meanwhile. */
  async read() {
    const { item } = this;
    if (item === null) return;
    const answer = await asked("GET", `${PATH}?${new URLSearchParams({ subject: subject(item) })}`);
    if (this.item === null || subject(item) !== subject(this.item)) return;
    if (answer.status === 404) return this.open(null);
    if (!answer.ok) return setText(this.problem, reason(answer));
    const waited = this.waits();
    this.told = answer.data;
    this.draw();
    if (waited !== this.waits()) this.onChanged();
  }

  /** Whether the site's rule keeps it until it is paid; the controller judges it when it is handed over. */
  waits() {
    if (this.told === null || this.item === null || this.told.unpaid !== "wait") return false;
    const { wanted, delivery } = this.item.prescription;
    return wanted.priority === "routine" && delivery !== "ward" && !isPaid(this.last);
  }

  /** The last payment of it; null: nobody was asked. */
  get last() {
    return this.told?.payments[0] ?? null;
  }

  /** Ages grow; what is typed stays. */
  tick() {
    for (const node of this.node.querySelectorAll("[data-at]")) setText(node, t("age.ago", { age: age(Math.max(this.now() - Number(node.dataset.at), 0)) }));
  }

  /** Anew when something changed, or the language: a form that somebody fills in is left alone. */
  draw(isForced = false) {
    if (this.told === null) return;
    const drawn = JSON.stringify([this.last, this.told.unpaid, this.packs()]);
    if (drawn === this.drawn && !isForced) return;
    this.drawn = drawn;
    this.node.hidden = false;
    this.node.replaceChildren(
      el("h3", { id: "charge-title", tabindex: "-1" }, t("charge.title")),
      ...(this.told.sandbox ? [el("p", { class: "sandbox" }, t("charge.sandbox"))] : []),
      this.#state(),
      ...(this.last === null || OVER.has(this.last.state) ? [] : this.#sums()),
      ...(this.waits() ? [el("p", { class: "held" }, t("charge.waits"))] : []),
      this.problem,
      ...this.#ways(),
    );
    this.tick();
  }

  #state() {
    const one = this.last;
    const words = one === null ? t("charge.state.none") : stateWords(one);
    const when = one === null ? [] : [" · ", el("span", { class: "soft", "data-at": one.changed_ms })];
    return el("p", { class: "charge-state", role: "status", "data-state": one?.state ?? "none" }, words, ...when);
  }

  #sums() {
    const one = this.last;
    const sum = (minor) => money(minor, one.currency);
    const rows = one.lines.map((line) => el("tr", {}, el("td", {}, `${line.quantity} × ${line.display}`, el("br"), el("small", {}, line.code)), el("td", {}, sum(line.net_minor))));
    const insured = one.insured_minor === null ? t("charge.not-asked") : sum(-one.insured_minor);
    const foot = [["total", sum(one.total_minor)], ["insured", insured], ["due", sum(one.due_minor)]];
    const source = one.priced_by || this.told.provider;
    return [
      el("table", { class: "charge-sums" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("charge.item")), el("th", { scope: "col" }, t("charge.price")))), el("tbody", {}, ...rows), el("tfoot", {}, ...foot.map(([name, value]) => el("tr", { class: name }, el("th", { scope: "row" }, t(`charge.${name}`)), el("td", {}, value))))),
      el("p", { class: "note" }, t("charge.source", { source, when: moment(one.made_ms) })),
      this.#eligibility(one),
    ];
  }

  /** Who answered for the insurance, what, and how old that is. */
  #eligibility(one) {
    if (one.coverage === "") return el("p", { class: "note" }, t("charge.not-asked"));
    if (one.coverage === "self-pay") return el("p", { class: "note" }, t("charge.self-pay"));
    const who = one.insurer || this.told.provider;
    const at = one.covered_ms === null ? [] : [" · ", el("span", { "data-at": one.covered_ms })];
    return el("p", { class: "note eligibility" }, t(`charge.coverage.${one.coverage}`, { who, end: one.card_end }), ...at);
  }

  #ways() {
    const one = this.last;
    if (one === null || OVER.has(one.state)) return [...this.#papers(one), linesForm(this.#proposed(), (lines) => this.#price(lines))];
    const parts = [];
    if (one.state === "priced") parts.push(cardForm("charge.ask-insurance", (card) => this.#send("eligibility", { card })), this.#button("charge.no-card", () => this.#send("eligibility", { card: null })));
    if (one.state === "eligibility-checked") parts.push(this.#button(one.due_minor === 0 ? "charge.settle" : "charge.pay-here", () => this.#send("pay", agreed(one)), "primary"));
    if (one.state === "awaiting-payment") parts.push(...this.#scan(one), this.#button("charge.look", () => this.#send("pay", agreed(one))));
    parts.push(...this.#papers(one));
    if (CANCEL.has(one.state) && !one.withdrawn) parts.push(whyForm("charge.cancel", one.number, (why) => this.#send("refund", { why })));
    if (BACK.has(one.state)) parts.push(whyForm("charge.refund", one.number, (why) => this.#send("refund", { why })));
    return parts;
  }

  /** The page on which the patient pays with a phone that is not in: nothing of the card comes here. */
  #scan(one) {
    if (one.page_qr.length === 0) return [];
    const picture = qrCode(one.page_qr);
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", t("charge.scan"));
    return [el("div", { class: "charge-scan" }, picture, el("p", {}, t("charge.scan")))];
  }

  #papers(one) {
    return one !== null && RECEIPTED.has(one.state) ? [this.#button("charge.receipt", () => this.#receipt(one))] : [];
  }

  /** What was scanned; before that, the product that the pharmacy knows of this medicine. */
  #proposed() {
    const { medicine } = this.item.prescription.wanted;
    const packs = this.packs();
    if (packs.length > 0) return packs;
    return [{ code: medicine.code.code, display: medicine.code.display, quantity: 1 }];
  }

  packs() {
    const display = this.item.prescription.wanted.medicine.code.display;
    const codes = this.item.dispenses.filter((one) => !["cancelled", "declined", "stopped"].includes(one.state)).flatMap((one) => one.packs.map((pack) => pack.gtin));
    return [...new Set(codes)].map((code) => ({ code, display, quantity: codes.filter((one) => one === code).length }));
  }

  #price(lines) {
    const { patient } = this.item.prescription;
    return this.#ask("POST", PATH, { subject: subject(this.item), patient: patient.identifier, lines });
  }

  #send(what, body) {
    return this.#ask("POST", `${PATH}/${this.last.number}/${what}`, body);
  }

  async #ask(method, path, body) {
    const answer = await asked(method, path, body);
    setText(this.problem, answer.ok ? "" : refused(answer));
    // After a refusal nothing may have changed: then the form stays, and what is typed into it meanwhile.
    if (answer.ok) this.drawn = "";
    await this.read();
    if (answer.ok) document.getElementById("charge-title")?.focus();
  }

  async #receipt(one) {
    const answer = await asked("GET", `${PATH}/${one.number}/receipt`);
    setText(this.problem, answer.ok ? "" : reason(answer));
    if (answer.ok) receipt(answer.data);
  }

  #button(key, act, kind = "") {
    const node = el("button", { type: "button", class: kind }, t(key));
    node.addEventListener("click", async () => {
      node.disabled = true;
      await act();
      node.disabled = false;
    });
    return node;
  }
}

/** The prescription, and which time it is handed out. */
const subject = ({ task, prescription }) => `${prescription.number}/${task.fill + 1}`;
const agreed = ({ due_minor, currency }) => ({ due_minor, currency });

function isPaid(one) {
  if (one === null) return false;
  if (one.state === "eligibility-checked") return one.due_minor === 0;
  return ["paid", "held"].includes(one.state) && one.taken_minor !== null && !one.returned_minor;
}

function stateWords(one) {
  if (one.withdrawn && one.state === "awaiting-payment") return t("charge.state.withdrawn");
  if (one.state === "awaiting-payment" && one.page) return t("charge.state.on-page");
  const sum = money(one.returned_minor ?? one.due_minor, one.currency);
  return t(`charge.state.${one.state}`, { sum, why: named(one.why), when: one.paid_utc_ms === null ? "" : moment(one.paid_utc_ms) });
}

/** A refusal of the provider in words, where it is a known one. */
function refused(answer) {
  const word = /refuses: ([a-z0-9-]+):/.exec(answer.message ?? "")?.[1];
  return word && has(`charge.refused.${word}`) ? t(`charge.refused.${word}`) : reason(answer);
}

const named = (why) => (has(`charge.refused.${why}`) ? t(`charge.refused.${why}`) : why);
