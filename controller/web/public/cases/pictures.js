// The images of a chosen study: its series, and one image after the other. Keys: left and right. Who leads shows one of
// them to all in the room (room/marks/image.js).
import { ask } from "/public/ask.js";
import { el, setText } from "/screen/dom.js";
import { t } from "./words.js";

const LARGEST = "900,900";

export class Pictures {
  #at = 0;
  #images = [];
  #series = "";

  /** `showing`: null, or show({series, instance, frame}) for who may show one to all. */
  constructor(place, path, showing = null) {
    Object.assign(this, { place, path, showing });
    this.picture = el("img", { alt: "" });
    this.where = el("span", { role: "status" });
    this.problem = el("p", { class: "waits" });
  }

  async open() {
    const answer = await ask("GET", `${this.path}/images`);
    if (!answer.ok) return this.place.replaceChildren(el("p", { class: "waits" }, answer.message));
    const { study } = answer.data;
    const rows = study.series.map((one) => button(`${one.modality} ${one.number ?? ""} ${one.description} (${one.images})`, () => this.#choose(one)));
    const turn = [button("‹", () => this.#turn(-1), { label: t("mc.before") }), this.where, button("›", () => this.#turn(1), { label: t("mc.after") })];
    if (this.showing) turn.push(button(t("mc.show-image"), () => this.#show(), { name: "show-image" }));
    const node = el("div", { class: "picture" }, el("div", { class: "row" }, ...rows), el("div", { class: "row" }, ...turn), this.problem, this.picture);
    node.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (by) this.#turn(by);
    });
    this.place.replaceChildren(el("p", { class: "soft" }, `${study.description} ${study.date}`), node);
    return study.series.length > 0 && this.#choose(study.series[0]);
  }

  async #choose({ series, instance }) {
    const answer = await ask("GET", `${this.path}/series/${series}`);
    setText(this.problem, answer.ok ? "" : answer.message);
    if (!answer.ok) return;
    this.#series = series;
    this.#images = answer.data.images.flatMap((one) => Array.from({ length: one.frames }, (_, frame) => ({ instance: one.instance, frame: frame + 1 })));
    this.#at = Math.max(0, this.#images.findIndex((one) => one.instance === instance));
    this.#draw();
  }

  #turn(by) {
    this.#at = Math.min(this.#images.length - 1, Math.max(0, this.#at + by));
    this.#draw();
  }

  #show() {
    if (this.#images.length > 0) this.showing({ series: this.#series, ...this.#images[this.#at] });
  }

  #draw() {
    if (this.#images.length === 0) return;
    const { instance, frame } = this.#images[this.#at];
    const words = t("mc.image", { n: this.#at + 1, of: this.#images.length });
    setText(this.where, words);
    this.picture.alt = words;
    this.picture.src = `${this.path}/series/${this.#series}/instances/${instance}/frames/${frame}/rendered?viewport=${LARGEST}`;
  }
}

function button(words, act, { label = null, name = null } = {}) {
  return el("button", { type: "button", "aria-label": label, "data-do": name, onclick: act }, words);
}
