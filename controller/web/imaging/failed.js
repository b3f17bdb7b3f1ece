// What plug-ins could not look at, with the reason, and the way to have it tried again. No patient is named.
import { done } from "/people/page.js";
import { el, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "/public/i18n.js";

const PATH = "/api/imaging/failures";

export class Failed {
  /** A list in `section`; `title`: what says how many there are. */
  constructor(section, title) {
    Object.assign(this, { section, title, items: null, port: null });
  }

  async read() {
    const answer = await done("GET", PATH);
    if (answer === undefined) return;
    this.items = answer.failures;
    this.draw();
  }

  draw() {
    setText(this.title, t("failed.title", { n: this.items?.length ?? 0 }));
    if (this.items === null) return;
    show(this.section.querySelector(".none"), this.items.length === 0);
    this.section.querySelector(".waiting").replaceChildren(...this.items.map((one) => this.#item(one)));
  }

  #item(one) {
    const again = el("button", { type: "button", "aria-label": t("failed.again-of", { n: one.id }), onclick: () => this.#again(one) }, t("failed.again"));
    return el(
      "li",
      { "data-job": one.id },
      el("h2", {}, `${one.plugin} ${one.version}`),
      el("span", { class: "held" }, one.reason),
      el("span", {}, t("failed.about", { when: moment(one.utc_ms), n: one.attempts, what: one.kind })),
      ...(one.study === null ? [] : [el("span", { class: "note" }, one.study)]),
      el("div", { class: "row" }, again),
    );
  }

  async #again(one) {
    if ((await done("POST", `${PATH}/${one.id}/again`)) === undefined) return;
    await this.read();
    this.title.focus();
  }
}
