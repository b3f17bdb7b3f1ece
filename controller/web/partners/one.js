// One referral: the case as a copy with its provenance, what may be done now, the letter that came back.
import { asked } from "./asked.js";
import { done } from "/people/page.js";
import { el, show } from "/screen/dom.js";
import { documentsOf, letterOf, linesOf, picturesOf, provenanceOf } from "./case.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

function documents(list) {
  if (list.length === 0) return [];
  const rows = list.map((one) => el("details", {}, el("summary", {}, one.title), el("p", { class: "soft" }, one.by), ...one.sections.flatMap((part) => [el("h4", {}, part.title), ...part.paragraphs.map((text) => el("p", {}, text))])));
  return [el("h3", {}, t("referrals.kind-DocumentReference")), ...rows];
}

export class One {
  #told = null;

  /** `changed()` after a step. */
  constructor(node, changed) {
    Object.assign(this, { node, changed });
  }

  take(answer) {
    this.#told = answer;
    this.draw();
  }

  draw() {
    if (this.#told === null) return;
    const { referral, case: file, letter } = this.#told;
    const who = referral.shown ? `${referral.name} · ${referral.patient}` : t("referrals.hidden");
    const title = el("h2", { id: "one-title", tabindex: "-1" }, `${referral.number} · ${who}`);
    const line = el("p", {}, `${t(`referrals.way-${referral.way}`, { site: referral.site_name })} · ${t(`referrals.state-${referral.state}`)}${referral.answer ? ` · ${referral.answer}` : ""}`);
    const until = referral.withdrawn_ms === null ? "referrals.until" : "referrals.withdrawn";
    const consent = el("p", { class: referral.shown ? "soft" : "bad" }, t(until, { number: referral.consent, time: moment(referral.withdrawn_ms ?? referral.until_ms) }));
    this.node.replaceChildren(title, line, consent, this.#steps(referral), ...this.#letter(letter), ...this.#case(file));
    show(this.node, true);
  }

  #steps(referral) {
    const words = { accepted: "take", rejected: "reject", cancelled: "cancel", completed: "give-back" };
    const button = (to) => el("button", { type: "button", class: to === "accepted" || to === "completed" ? "primary" : "", "data-to": to, onclick: () => this.#step(referral, to) }, t(`referrals.${words[to]}`));
    return el("div", { class: "row" }, ...referral.possible.map(button));
  }

  async #step(referral, to) {
    const over = { "If-Match": `"${referral.revision}"` };
    const path = `/api/referrals/${referral.id}`;
    let answer;
    if (to === "completed") {
      const words = await asked(t("referrals.letter-title", referral), t("referrals.letter-note"), t("referrals.give-back"), { long: true });
      if (words === null) return;
      answer = await done("PUT", `${path}/letter`, { words }, over);
    } else {
      const why = to === "accepted" ? "" : await asked(t("referrals.why-title", referral), t("referrals.why"), t(`referrals.${to === "rejected" ? "reject" : "cancel"}`));
      if (why === null) return;
      answer = await done("PUT", `${path}/state`, { state: to, why }, over);
    }
    if (answer === undefined) return;
    this.take(answer);
    await this.changed();
  }

  #letter(letter) {
    if (letter === null) return [];
    return [el("h3", {}, t("referrals.letter")), el("div", { class: "letter" }, ...letterOf(letter).map((text) => el("p", {}, text)))];
  }

  #case(file) {
    if (file === null) return [];
    const parts = linesOf(file).flatMap(([kind, lines]) => [el("h3", {}, t(`referrals.kind-${kind}`)), el("ul", {}, ...lines.map((text) => el("li", {}, text)))]);
    return [el("p", { class: "soft" }, provenanceOf(file)), ...parts, ...documents(documentsOf(file)), ...this.#pictures(picturesOf(file))];
  }

  /** Asked for when they are looked at: each is a line of the trail. */
  #pictures(titles) {
    if (titles.length === 0) return [];
    const node = el("details", { class: "pictures" }, el("summary", {}, t("referrals.pictures", { count: titles.length })));
    const { id } = this.#told.referral;
    const figure = (title, place) => el("figure", {}, el("img", { src: `/api/referrals/${id}/pictures/${place}`, alt: title, loading: "lazy" }), el("figcaption", {}, title));
    node.addEventListener("toggle", () => node.open && node.childElementCount === 1 && node.append(el("div", {}, ...titles.map(figure))));
    return [node];
  }
}
