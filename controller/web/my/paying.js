// What is to be paid, and was: price, the insurance's part, the rest. A bank card's number is typed on the provider's page only.
import { age } from "/screen/format.js";
import { el, setText } from "/screen/dom.js";
import { money } from "/public/money.js";
import { receipt } from "/public/receipt.js";
import { day } from "./plain.js";
import { has, t } from "./words.js";
import { asked, reason } from "./wire.js";

const OPEN = new Set(["priced", "eligibility-checked", "awaiting-payment", "held", "refund-pending", "refund-failed"]);
const RECEIPTED = new Set(["paid", "refund-pending", "refunded", "refund-failed"]);
const WAITS = "awaiting-payment";

/** Those with something to do or to wait for; and the others. A payment that failed is said until another is made. */
export function sorted(payments) {
  const latest = payments.filter((one, at) => payments.findIndex((other) => other.subject === one.subject) === at);
  const open = latest.filter((one) => OPEN.has(one.state) || one.state === "failed");
  return { open, past: payments.filter((one) => !open.includes(one) && one.state !== "cancelled") };
}

/** `now`: the controller's times; `again()`: the page asks anew. */
export function paymentCard(one, now, again) {
  const problem = el("p", { class: "problem", role: "alert" });
  const lines = one.lines.map((line) => el("li", {}, el("span", {}, `${line.quantity} × ${line.display}`), el("span", { class: "sum" }, money(line.net_minor, one.currency))));
  const state = el("p", { class: "state", role: "status", "data-state": one.state }, words(one));
  const which = el("p", { class: "soft" }, `${one.number} · ${one.subject}`);
  return el("li", { "data-payment": one.number, "data-state": one.state }, which, el("ul", { class: "lines" }, ...lines), ...sums(one, now), state, ...next(one, again, problem), problem);
}

function sums(one, now) {
  const sum = (minor) => money(minor, one.currency);
  const source = one.priced_by ? t("my.priced-by", { source: one.priced_by, day: day(one.made_ms - now.server + now.utc) }) : "";
  const parts = [el("p", {}, t("my.total", { sum: sum(one.total_minor) }), " ", el("span", { class: "soft" }, source))];
  if (one.coverage === "self-pay") parts.push(el("p", {}, t("my.self-pay")));
  else if (one.insured_minor !== null) {
    const said = one.covered_ms === null ? "" : t("my.answered", { who: one.insurer || t("my.insurance"), apart: age(Math.max(now.server - one.covered_ms, 0)) });
    parts.push(el("p", {}, t("my.insured", { sum: sum(one.insured_minor) }), " ", el("span", { class: "soft" }, said)));
  }
  if (one.insured_minor !== null) parts.push(el("p", { class: "how due" }, t(RECEIPTED.has(one.state) ? "my.paid-sum" : "my.due", { sum: sum(one.due_minor) })));
  return parts;
}

/** How it stands. */
function words(one) {
  const sum = money(one.returned_minor ?? one.due_minor, one.currency);
  if (one.withdrawn && one.state === WAITS) return t("my.payment.withdrawn");
  if (one.state === WAITS && one.page) return t("my.payment.on-page");
  if (one.state === "eligibility-checked" && one.due_minor === 0) return t("my.payment.nothing-due");
  if (one.state === "paid") return t("my.payment.paid-on", { day: day(one.paid_utc_ms) });
  const why = one.why ? t("my.because", { why: has(`my.refused.${one.why}`) ? t(`my.refused.${one.why}`) : one.why }) : "";
  return `${t(`my.payment.${one.state}`, { sum })} ${why}`.trim();
}

function next(one, again, problem) {
  const parts = [];
  if (one.state === "priced") parts.push(card(one, again, problem));
  if (one.state === "eligibility-checked" && one.due_minor > 0) parts.push(payButton(one, again, problem), el("p", { class: "soft" }, t("my.card-stays")));
  if (one.state === WAITS && one.page && !one.withdrawn) parts.push(el("a", { class: "button primary large", href: one.page, "data-key": `${one.number}/page` }, t("my.go-on", { host: new URL(one.page).host })), el("p", { class: "soft" }, t("my.card-stays")));
  if (one.state === WAITS) parts.push(button(`${one.number}/look`, t("my.look"), () => look(one, again, problem)));
  if (RECEIPTED.has(one.state)) parts.push(button(`${one.number}/receipt`, t("my.receipt"), () => showReceipt(one, problem)));
  return parts;
}

/** One press is one request; what the provider does under the payment's key it does once anyway. */
function button(key, label, act, kind = "") {
  const node = el("button", { type: "button", class: kind, "data-key": key }, label);
  node.addEventListener("click", async () => {
    node.disabled = true;
    await act();
    node.disabled = false;
  });
  return node;
}

function payButton(one, again, problem) {
  return button(`${one.number}/pay`, t("my.pay", { sum: money(one.due_minor, one.currency) }), async () => {
    const answer = await send(one, "pay", agreed(one), again, problem);
    const page = answer.ok ? answer.data.payment.page : "";
    if (page) location.assign(page);
  }, "primary large");
}

/** What became of it; nothing is paid by asking. */
export function look(one, again, problem) {
  return send(one, "pay", agreed(one), again, problem);
}

const agreed = ({ due_minor, currency }) => ({ due_minor, currency });

/** Those that are asked for when the patient comes back from the provider's page. */
export const awaiting = (payments) => payments.filter((one) => one.state === WAITS);

function card(one, again, problem) {
  const id = `card-${one.number}`;
  const field = el("input", { id, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", required: true, minlength: 8, maxlength: 24, "aria-describedby": `${id}-note` });
  const note = el("p", { id: `${id}-note`, class: "soft" }, t("my.card-note"));
  const form = el("form", {}, el("label", { for: id }, t("my.card")), field, note, el("button", { class: "primary" }, t("my.check-card")));
  const none = button(`${one.number}/none`, t("my.no-card"), () => send(one, "eligibility", { card: null }, again, problem));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await send(one, "eligibility", { card: field.value.toUpperCase().replaceAll(/[^A-Z0-9]/g, "") }, again, problem);
  });
  return el("div", { class: "card-ways" }, form, none);
}

async function showReceipt(one, problem) {
  const answer = await asked("GET", `/api/my/payments/${one.number}/receipt`);
  setText(problem, answer.ok ? "" : reason(answer));
  if (answer.ok) receipt(answer.data);
}

async function send(one, what, body, again, problem) {
  const answer = await asked("POST", `/api/my/payments/${one.number}/${what}`, body);
  setText(problem, answer.ok ? "" : reason(answer, t("my.pay-refused")));
  if (answer.ok) await again();
  return answer;
}
