// What a patient says of what they took, the newest first.
import { done } from "/people/page.js";
import { el, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "/public/i18n.js";
import { whyWords } from "/prescriptions/patient-said.js";

const COLUMNS = ["medicine", "due", "said", "when", "who"];

export class Taken {
  constructor(node) {
    Object.assign(this, { node, told: null });
  }

  async open(path) {
    const told = await done("GET", `${path}/taken`);
    if (told === undefined) return;
    this.told = told;
    this.draw();
  }

  draw() {
    if (this.told === null) return;
    const { taken } = this.told;
    const head = COLUMNS.map((name) => el("th", { scope: "col" }, t(`invite.${name}`)));
    const table = el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...taken.map(row)));
    const region = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-labelledby": "taken-title" }, table);
    const shown = taken.length === 0 ? el("p", { class: "soft", role: "status" }, t("invite.no-taken")) : region;
    this.node.replaceChildren(el("h2", { id: "taken-title" }, t("invite.taken")), el("p", { class: "soft" }, t("invite.taken-note")), shown);
    show(this.node, true);
  }
}

function row(one) {
  const due = one.due_ms === null ? t("invite.needed") : moment(one.due_ms);
  return el(
    "tr",
    { "data-said": one.said },
    el("th", { scope: "row" }, one.medicine),
    el("td", {}, due),
    el("td", { class: "said" }, `${t(`said.word.${one.said}`)}${one.why ? `: ${whyWords(one.why)}` : ""}`),
    el("td", {}, moment(one.at_ms)),
    el("td", {}, one.by),
  );
}
