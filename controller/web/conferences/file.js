// The case that is looked at: the patient's consent, the file, and what is concluded. It follows the chair.
import { ask } from "/public/ask.js";
import { button, changed } from "./said.js";
import { Choosing } from "./choosing.js";
import { Conclusion } from "./conclusion.js";
import { el, show } from "/screen/dom.js";
import { content } from "/public/cases/content.js";
import { languageTag, t } from "./words.js";
import { moment } from "/screen/dates.js";

export class CaseFile {
  #told = null;
  #case = null;
  #on = null;
  #items = null;
  #drawn = "";
  #open = new Set();

  /** `changed(answer)`: of the conference; `look()`: somebody else has changed it; `show(case, image)`: to all in the room. */
  constructor(node, hooks) {
    Object.assign(this, { node, hooks });
    this.choosing = new Choosing((body) => this.#choose(body));
    this.conclusion = new Conclusion((method, path, body, version) => this.#change(method, `/conclusion${path}`, body, version));
  }

  /** The conference as it is told now: when the chair shows another case, that one is looked at. */
  follow(told) {
    const { conference } = told;
    const on = conference.cases.find((one) => one.state === "now")?.id ?? null;
    const isOther = this.#told?.conference.number !== conference.number;
    this.#told = told;
    if (isOther) this.close();
    if (on !== null && (isOther || on !== this.#on)) this.open(on);
    else if (this.#case !== null) this.open(this.#case);
    this.#on = on;
  }

  close() {
    this.#case = null;
    this.#items = null;
    this.#open.clear();
    this.choosing.reset();
    this.conclusion.reset();
    show(this.node, false);
  }

  /** What is in it now. */
  async again() {
    if (this.#case !== null) await this.open(this.#case);
  }

  async open(id) {
    if (id !== this.#case) {
      this.close();
      this.#case = id;
    }
    const answer = await ask("GET", this.#path("/file"));
    if (id !== this.#case) return;
    this.#items = answer.ok ? answer.data.items : null;
    this.draw();
  }

  get #one() {
    return this.#told?.conference.cases.find((one) => one.id === this.#case);
  }

  /** Only if something is different: a button that is drawn anew while it is pressed does nothing. */
  draw() {
    const one = this.#one;
    if (!one) return;
    const { state, scribe, members } = this.#told.conference;
    const drawn = JSON.stringify([languageTag(), one, this.#items, state, scribe, members.length]);
    if (drawn === this.#drawn && !this.node.hidden) return;
    this.#drawn = drawn;
    const n = this.#told.conference.cases.indexOf(one) + 1;
    const title = el("h2", { id: "case-title", tabindex: "-1" }, t("mc.case", { n, question: one.question }));
    const whose = el("p", { class: one.patient ? "" : "soft" }, one.patient ? `${one.patient.name} · ${one.patient.identifier}` : t("mc.case-hidden"));
    this.node.replaceChildren(title, whose, ...this.#consent(one), ...this.#file(one), ...this.conclusion.nodes(this.#told, one));
    show(this.node, true);
  }

  #consent(one) {
    const said = one.consent;
    const parts = said && { by: said.by, time: moment(said.at_ms), sites: said.sites.length > 0 ? t("mc.consent-sites", { sites: said.sites.join(", ") }) : "" };
    const key = !said ? "none" : said.said !== "permit" ? "not" : said.holds ? "permit" : "over";
    const line = el("p", { class: said?.holds ? "good" : "waits" }, t(`mc.consent-${key}`, parts ?? {}));
    const isOpen = ["proposed", "booked", "in-progress", "finished"].includes(this.#told.conference.state);
    if (!one.is_seen || !isOpen) return [line];
    if (said?.holds) return [line, el("p", {}, button(t("mc.heard-no"), () => this.#hear("withdrawn", []), { name: "withdraw" }))];
    const asked = [...new Set(this.#told.conference.members.map((who) => who.site).filter(Boolean))];
    const sites = el("input", { name: "sites", maxlength: "200", value: asked.join(", "), "aria-label": t("mc.heard-sites"), placeholder: t("mc.heard-sites") });
    const words = this.#told.words[languageTag().slice(0, 2)] ?? this.#told.words.en;
    const hear = el("form", { class: "consent" }, el("p", {}, t("mc.words", { words })), sites, el("button", { class: "primary" }, t("mc.heard")));
    hear.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#hear("permit", sites.value.split(",").map((site) => site.trim()).filter(Boolean));
    });
    return [line, hear];
  }

  #hear(said, sites) {
    return this.#change("POST", "/consents", { said, sites, language: languageTag().slice(0, 2) }, null);
  }

  #file(one) {
    const title = el("h3", {}, t("mc.file"));
    const choose = one.is_seen ? [this.choosing.node(one.patient.identifier)] : [];
    if (this.#items === null) return [title, el("p", { class: "waits" }, t("mc.file-closed")), ...choose];
    const none = this.#items.length === 0 ? [el("p", { class: "soft" }, t("mc.file-empty"))] : [];
    return [title, ...none, ...this.#items.map((item) => this.#item(item)), ...choose];
  }

  #item(item) {
    const place = el("div");
    const node = el("details", { class: "item", "data-item": item.kind }, el("summary", {}, `${t(`mc.kind-${item.kind}`)}: ${item.title}`), el("p", { class: "soft" }, t("mc.chosen-by", { by: item.by, time: moment(item.at_ms) })), place);
    const out = button(t("mc.remove"), () => this.#remove(item), { label: t("mc.remove-of", { title: item.title }) });
    node.append(el("p", {}, out));
    node.addEventListener("toggle", () => {
      if (!node.open) return this.#open.delete(item.id);
      this.#open.add(item.id);
      return place.childElementCount === 0 && content(place, this.#path(`/items/${item.id}`), item, this.#showing(item));
    });
    node.open = this.#open.has(item.id);
    return node;
  }

  /** How an image of it is shown to all, by who may. */
  #showing(item) {
    const { is_chair: isChair, me } = this.#told.conference;
    const { id, presenter } = this.#one;
    return isChair || presenter === me ? (image) => this.hooks.show(this.#one, { case: id, item: item.id, ...image }) : null;
  }

  async #choose(body) {
    const made = await changed("POST", this.#path("/items"), body, null, () => this.hooks.look());
    if (made !== undefined) await this.open(this.#case);
    return made;
  }

  async #remove(item) {
    if ((await changed("DELETE", this.#path(`/items/${item.id}`), undefined, null, () => this.hooks.look())) === undefined) return;
    await this.open(this.#case);
  }

  async #change(method, path, body, version) {
    const answer = await changed(method, this.#path(path), body, version, () => this.hooks.look());
    if (answer?.conference) this.hooks.changed(answer);
    return answer;
  }

  #path(more) {
    return `/api/conferences/${this.#told.conference.number}/cases/${this.#case}${more}`;
  }
}
