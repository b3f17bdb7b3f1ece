// What is to be paid: the price, the insurance's part, the rest. The card's number is sent once and kept nowhere.
import { el } from "/screen/dom.js";
import { money } from "./plain.js";
import { t } from "./words.js";
import { asked, reason } from "./wire.js";

const SHOWN = new Set(["priced", "eligibility-checked", "awaiting-payment", "paid", "held", "refund-pending", "refunded", "refund-failed"]);

export const isShown = (one) => SHOWN.has(one.state);

export function paymentCard(one, again) {
  const problem = el("p", { class: "problem", role: "alert" });
  const lines = one.lines.map((line) => el("li", {}, `${line.quantity} × ${line.display}: ${money(line.net_minor, one.currency)}`));
  const sums = [el("p", {}, t("my.total", { sum: money(one.total_minor, one.currency) }))];
  if (one.insured_minor !== null) sums.push(el("p", {}, t("my.insured", { sum: money(one.insured_minor, one.currency) })), el("p", { class: "how" }, t("my.due", { sum: money(one.due_minor, one.currency) })));
  const state = el("p", { role: "status", "data-state": one.state }, t(`my.payment.${one.state}`));
  return el("li", { "data-payment": one.number }, el("ul", {}, ...lines), ...sums, state, ...next(one, again, problem), problem);
}

function next(one, again, problem) {
  if (one.state === "priced") return [card(one, again, problem)];
  if (one.state !== "eligibility-checked") return [];
  const pay = el("button", { type: "button", class: "primary large", "data-key": `${one.number}/pay` }, t("my.pay", { sum: money(one.due_minor, one.currency) }));
  pay.addEventListener("click", () => send(one, "pay", { due_minor: one.due_minor, currency: one.currency }, again, problem));
  return [pay];
}

function card(one, again, problem) {
  const id = `card-${one.number}`;
  const field = el("input", { id, autocomplete: "off", autocapitalize: "characters", spellcheck: "false", required: true, minlength: 8, maxlength: 24 });
  const form = el("form", {}, el("label", { for: id }, t("my.card")), field, el("button", { class: "primary" }, t("my.check-card")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await send(one, "eligibility", { card: field.value.toUpperCase().replaceAll(/[^A-Z0-9]/g, "") }, again, problem);
  });
  return form;
}

async function send(one, what, body, again, problem) {
  const answer = await asked("POST", `/api/my/payments/${one.number}/${what}`, body);
  problem.textContent = answer.ok ? "" : reason(answer, t("my.pay-refused"));
  if (answer.ok) await again();
}
