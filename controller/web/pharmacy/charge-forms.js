// The forms of a charge: what is handed out, the insurance's card, why it is cancelled or given back.
import { el } from "/screen/dom.js";
import { t } from "/screen/i18n.js";

/** Packs by their codes; `lines`: as proposed. */
export function linesForm(lines, act) {
  const rows = lines.map((line, at) => {
    const packs = el("input", { id: `charge-packs-${at}`, type: "number", min: 1, max: 999, step: 1, value: line.quantity, required: true });
    const row = el("div", { class: "charge-line" }, el("label", { for: packs.id }, t("charge.packs-of", { what: line.display, code: line.code })), packs);
    return [row, () => ({ ...line, quantity: Number(packs.value) })];
  });
  return form([...rows.map(([row]) => row), el("button", { class: "primary" }, t("charge.ask-price"))], () => act(rows.map(([, read]) => read())));
}

/** The number is sent once, to the provider, and leaves the page at once. */
export function cardForm(words, act) {
  const card = el("input", { id: "charge-card", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", required: true, minlength: 8, maxlength: 24, "aria-describedby": "charge-card-note" });
  const parts = [el("div", {}, el("label", { for: card.id }, t("charge.card")), card, el("p", { id: "charge-card-note", class: "note" }, t("charge.card-note"))), el("button", { class: "primary" }, t(words))];
  return form(parts, () => {
    const number = card.value.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");
    card.value = "";
    return act(number);
  });
}

/** `what`: which payment, for who cannot see. It opens first: money is not given back by a slip. */
export function whyForm(words, what, act) {
  const why = el("input", { id: words.replace(".", "-"), maxlength: 120, required: true, autocomplete: "off" });
  const inside = form([el("div", {}, el("label", { for: why.id }, t("charge.why")), why), el("button", { class: "danger", "aria-label": `${t(words)} ${what}` }, t(words))], () => act(why.value.trim()));
  return el("details", {}, el("summary", {}, t(`${words}-ask`)), inside);
}

/** One press is one request. */
function form(parts, act) {
  const node = el("form", { class: "inline" }, ...parts);
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = node.querySelector("button");
    button.disabled = true;
    await act();
    button.disabled = false;
  });
  return node;
}
