// What is concluded of a case: written by the chair or the scribe, signed by each expert, or differed from in words.
import { button } from "./said.js";
import { el, setText } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { sign } from "/signing/signing.js";
import { t } from "./words.js";

export class Conclusion {
  #form = null;
  #differ = null;

  /** `change(method, path, body, version)`: the answer, or undefined. */
  constructor(change) {
    this.change = change;
  }

  reset() {
    this.#form = null;
    this.#differ = null;
  }

  nodes({ conference }, one) {
    const { me, state, is_chair: isChair, scribe, members } = conference;
    const name = (actor) => members.find((who) => who.actor === actor)?.display ?? actor;
    const isHeld = ["in-progress", "finished"].includes(state);
    const parts = [el("h3", {}, t("mc.conclusion"))];
    if (one.conclusion) parts.push(...this.#written(one, name));
    else parts.push(el("p", { class: "soft" }, t("mc.no-conclusion")));
    if (one.version > 0 && one.missing.length > 0) parts.push(el("p", { class: "waits missing" }, t("mc.missing", { who: one.missing.map(name).join(", ") })));
    if (isHeld && one.conclusion && one.missing.includes(me)) parts.push(...this.#signing(one));
    if (isHeld && (isChair || scribe === me) && ["now", "done"].includes(one.state)) parts.push(this.#writing(one));
    return parts;
  }

  #written(one, name) {
    const { conclusion, plan, version, by, utc_ms: at, votes } = one.conclusion;
    const rows = votes.map((vote) => {
      const words = t(`mc.${vote.stand}`, { who: name(vote.actor), time: moment(vote.at_ms), words: vote.words });
      return el("li", { class: vote.stand === "differs" ? "waits" : "good", "data-stand": vote.stand }, words);
    });
    const planned = plan ? [el("h4", {}, t("mc.plan")), el("p", { class: "said" }, plan)] : [];
    return [el("p", { class: "said concluded" }, conclusion), ...planned, el("p", { class: "soft" }, t("mc.version", { version, by: name(by), time: moment(at) })), el("ul", {}, ...rows)];
  }

  #signing(one) {
    const row = el("div", { class: "row signing-of" });
    row.append(button(t("mc.sign"), () => this.#sign(one, { stand: "agrees", words: "" }), { kind: "primary", name: "sign" }));
    row.append(button(t("mc.differ"), () => (this.#differ.hidden = !this.#differ.hidden), { name: "differ" }));
    this.#differ ??= this.#differing();
    this.#differ.one = one;
    return [row, this.#differ];
  }

  #differing() {
    const words = el("textarea", { name: "words", rows: "3", maxlength: "8000", required: true, "aria-label": t("mc.differ-words"), placeholder: t("mc.differ-words") });
    const form = el("form", { class: "differing", hidden: true }, words, el("button", { class: "primary" }, t("mc.sign-differ")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#sign(form.one, { stand: "differs", words: words.value.trim() });
    });
    return form;
  }

  /** What is signed is shown whole before. */
  async #sign(one, stance) {
    const document = await this.change("POST", "/document", stance, one.version);
    if (document === undefined) return;
    try {
      const signature = await sign(document, { title: t("mc.sign-title"), show: shown });
      if (signature === null) return;
      if ((await this.change("PUT", "/signature", { ...stance, signature }, one.version)) !== undefined) this.#differ = null;
    } catch (error) {
      setText(globalThis.document.getElementById("problem"), error.message);
    }
  }

  #writing(one) {
    if (this.#form === null) {
      const area = (name, rows) => el("textarea", { name, rows, maxlength: "8000", "aria-label": t(`mc.${name}`), placeholder: t(`mc.${name}`) });
      const form = el("form", {}, area("conclude", "4"), area("plan", "3"), el("button", { class: "primary" }, t("mc.save")));
      form.elements.conclude.value = one.conclusion?.conclusion ?? "";
      form.elements.plan.value = one.conclusion?.plan ?? "";
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const body = { conclusion: form.elements.conclude.value.trim(), plan: form.elements.plan.value.trim() };
        if ((await this.change("PUT", "", body, this.#form.version)) !== undefined) this.#form.open = false;
      });
      this.#form = el("details", { class: "writing-of" }, el("summary", {}, t("mc.write")), form);
    }
    this.#form.version = one.version;
    return this.#form;
  }
}

/** The document in words: of each section of its Composition what stands there. */
function shown(document) {
  const [composition, patient] = ["Composition", "Patient"].map((kind) => document.entry.find((one) => one.resource.resourceType === kind).resource);
  const rows = composition.section.flatMap((one) => [el("h3", {}, one.title), ...paragraphs(one.text.div)]);
  return el("div", {}, el("p", {}, `${patient.name[0].text} · ${patient.identifier[0].value}`), el("p", {}, composition.title), ...rows);
}

/** The paragraphs of a narrative as text: nothing is parsed as HTML, and what is in another form is shown as it stands. */
function paragraphs(div) {
  const found = [...div.matchAll(/<p>([^<]*)<\/p>/g)].map((one) => one[1]);
  const rest = div.replace(/<p>[^<]*<\/p>|<\/?div[^>]*>/g, "");
  return [...found, ...(rest ? [rest] : [])].map((words) => el("p", {}, plain(words)));
}

function plain(words) {
  return words.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
