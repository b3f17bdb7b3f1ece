// What a partner's conference concluded: the document, who signed, and one's own signature, made at home.
import { asked } from "./asked.js";
import { done } from "/people/page.js";
import { el, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { paragraphs } from "./narrative.js";
import { sign } from "/signing/signing.js";
import { t } from "./words.js";

export class Concluded {
  #meeting = null;
  #told = [];
  me = "";

  constructor(node) {
    this.node = node;
  }

  async open(meeting) {
    this.#meeting = meeting;
    const told = await done("GET", this.#path());
    if (told === undefined) return;
    this.#told = told.conclusions;
    this.draw();
    this.node.querySelector("h2").focus();
  }

  draw() {
    if (this.#meeting === null) return;
    const title = el("h2", { id: "concluded-title", tabindex: "-1" }, `${t("referrals.concluded")}: ${this.#meeting.title}`);
    const none = this.#told.length === 0 ? [el("p", { class: "soft" }, t("referrals.concluded-none"))] : [];
    this.node.replaceChildren(title, ...none, ...this.#told.flatMap((one) => this.#one(one)));
    show(this.node, true);
  }

  #one({ case: number, told, told_ms: at, signed }) {
    const kept = signed.filter((one) => one.version !== told?.version).flatMap(own);
    if (told === null) return [el("p", { class: "bad" }, t("referrals.concluded-hidden")), ...kept];
    const votes = told.votes.map((vote) => el("li", { class: vote.stand === "differs" ? "trouble" : "" }, t(`referrals.vote-${vote.stand}`, { who: vote.actor.replace("site:", ""), words: vote.words })));
    const differ = el("button", { type: "button", "data-do": "differ", onclick: () => this.#differ(number, told) }, t("referrals.differ"));
    const mine = el("button", { type: "button", class: "primary", "data-do": "sign", onclick: () => this.#sign(number, told) }, t("referrals.sign"));
    return [shown(told.document), el("p", { class: "soft" }, t("referrals.copied", { site: this.#meeting.site_name, time: moment(at), version: told.version })), el("ul", {}, ...votes), ...(told.missing.includes(this.me) ? [el("div", { class: "row" }, mine, differ)] : []), ...kept];
  }

  /** In one's own words, which are signed beside what the others sign. */
  async #differ(number, told) {
    const words = await asked(t("referrals.differ-title"), t("referrals.differ-words"), t("referrals.differ"), { long: true });
    if (words !== null) await this.#sign(number, told, { stand: "differs", words });
  }

  /** What is signed is shown whole before. */
  async #sign(number, told, said = { stand: "agrees", words: "" }) {
    try {
      const stance = { version: told.version, ...said };
      const made = await done("POST", `${this.#path()}/${number}/document`, stance);
      if (made === undefined) return;
      const signature = await sign(made.document, { title: t("referrals.sign-title"), show: shown });
      if (signature === null) return;
      const answer = await done("PUT", `${this.#path()}/${number}/signature`, { ...stance, signature });
      if (answer === undefined) return;
      this.#told = answer.conclusions;
      this.draw();
    } catch (error) {
      setText(document.getElementById("problem"), error.message);
    }
  }

  #path() {
    return `/api/partner-conferences/${this.#meeting.site}/${this.#meeting.number}/conclusions`;
  }
}

/** What somebody here signed, of a version that is none any more or of a copy that is not shown: it stays here. */
function own(one) {
  const words = t(`referrals.own-${one.stand}`, { who: one.name, time: moment(one.signed_ms), version: one.version, words: one.words });
  return [el("section", { class: "own" }, el("h3", {}, t("referrals.own")), shown(one.document), el("p", { class: "soft" }, words))];
}

/** The document in words: of each section of its Composition what stands there. */
function shown({ entry }) {
  const [composition, patient] = ["Composition", "Patient"].map((kind) => entry.find((one) => one.resource.resourceType === kind).resource);
  const rows = composition.section.flatMap((one) => [el("h3", {}, one.title), ...paragraphs(one.text.div).map((text) => el("p", {}, text))]);
  return el("div", {}, el("p", {}, `${patient.name[0].text} · ${patient.identifier[0].value}`), ...rows);
}
