// Pictures that were kept out of a visit, bare and as they were drawn upon; asked for when somebody wants to see them,
// since each look is in the trail.
import { ask } from "/public/ask.js";
import { el, setText, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

export class Pictures {
  #path = null;

  /** `node`: a details element with a list. */
  constructor(node) {
    this.node = node;
    this.list = node.querySelector("ul");
    this.problem = node.querySelector(".fault");
    node.addEventListener("toggle", () => node.open && this.#look());
  }

  /** Of the visit of that path; null: of none. */
  show(path) {
    show(this.node, path !== null);
    if (path === this.#path) return;
    this.#path = path;
    this.node.open = false;
    this.list.replaceChildren();
  }

  /** In another language. */
  draw() {
    if (this.node.open) this.#look();
  }

  async #look() {
    const path = this.#path;
    const answer = await ask("GET", `${path}/snapshots`);
    if (path !== this.#path) return;
    setText(this.problem, answer.ok ? "" : answer.message);
    if (!answer.ok) return;
    const { snapshots } = answer.data;
    const none = el("li", { class: "soft" }, t("visits.pictures-none"));
    this.list.replaceChildren(...(snapshots.length > 0 ? snapshots.map((one) => this.#row(one)) : [none]));
  }

  #row(one) {
    const words = t(`visits.picture-${one.state}`, { time: moment(one.at_ms), who: one.actor, why: one.why });
    const which = one.state === "kept" ? (one.annotated ? ["annotated", "bare"] : ["bare"]) : [];
    const images = which.map((kind) => {
      const alt = `${t(`visits.picture-${kind}`)}, ${moment(one.at_ms)}`;
      return el("figure", {}, el("img", { src: `${this.#path}/snapshots/${one.id}/${kind}`, alt, loading: "lazy" }), el("figcaption", {}, t(`visits.picture-${kind}`)));
    });
    return el("li", { "data-state": one.state }, el("p", { class: one.state === "kept" ? "" : "waits" }, words), ...images);
  }
}
