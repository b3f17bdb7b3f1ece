// What one has to know of partner hospitals: a referral to take, an answer to one, a conference. It names no patient.
import { done } from "/people/page.js";
import { el, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

export class Notices {
  /** `open(id)`: a referral; `changed()` after one was read. */
  constructor(node, { open, changed }) {
    Object.assign(this, { node, open, changed });
  }

  draw(told) {
    show(this.node, told.length > 0);
    this.node.querySelector("ul").replaceChildren(...told.map((one) => this.#row(one)));
  }

  #row(one) {
    const what = t(`referrals.notice-${one.kind}`, { site: one.site_name, number: one.number, detail: one.detail });
    const button = (words, label, act) => el("button", { type: "button", "aria-label": label, onclick: act }, words);
    const buttons = one.referral === null ? [this.#there(one)] : [button(t("referrals.open"), t("referrals.open-of", one), () => this.open(one.referral))];
    if (one.kind !== "referral") buttons.push(button(t("referrals.read"), t("referrals.read-of", { what }), () => this.#read(one)));
    return el("li", { "data-notice": one.kind }, el("p", {}, what, " ", el("span", { class: "soft" }, moment(one.at_ms))), el("div", { class: "row" }, ...buttons));
  }

  /** The conference in the list of this page. */
  #there(one) {
    const look = () => {
      const row = document.querySelector(`#meetings [data-site="${one.site}"][data-number="${one.number}"]`);
      row?.scrollIntoView({ block: "center" });
      row?.querySelector("button")?.focus();
    };
    return el("button", { type: "button", "aria-label": `${t("referrals.open")}: ${one.number}`, onclick: look }, t("referrals.open"));
  }

  async #read(one) {
    if ((await done("PUT", `/api/partner-notices/${one.id}/read`)) !== undefined) this.changed();
  }
}
