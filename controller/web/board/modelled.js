// The model of early warning in an opened bed, for trial: beside NEWS2, never without it, never an alarm.
import { el, setState, setText, show } from "/screen/dom.js";
import { get } from "./api.js";
import { modelView } from "./model-view.js";
import { onLanguage } from "/public/i18n.js";

const EVERY_MS = 60_000;

export class Modelled {
  #told = null;
  #whose = null;
  #asked = 0;

  constructor() {
    const part = (name) => el("span", { class: name });
    this.parts = { name: part("model-name"), figure: part("model-figure"), age: part("model-age"), label: part("model-label"), pushes: part("model-pushes") };
    this.node = el("p", { class: "modelled", hidden: true }, ...Object.values(this.parts));
    onLanguage(() => this.#draw());
  }

  /** Asked for once a minute, and at once when somebody else lies there: nothing of the one before stays. */
  update(bed, item, now) {
    const whose = `${bed.id} ${bed.patient?.identifier ?? ""}`;
    if (whose !== this.#whose) this.#begin(whose);
    Object.assign(this, { item, now });
    if (bed.patient && now - this.#asked >= EVERY_MS) this.#load(bed.id, now);
    this.#draw();
  }

  #begin(whose) {
    this.#whose = whose;
    this.#told = null;
    this.#asked = 0;
  }

  async #load(bed, now) {
    const whose = this.#whose;
    this.#asked = now;
    try {
      const told = await get(`/api/beds/${encodeURIComponent(bed)}/model`);
      if (whose === this.#whose) this.#told = told;
    } catch (error) {
      if (error.name !== "Refusal" && !(error instanceof TypeError)) throw error;
      // What was told before is shown until it is too old, and says its age.
    }
    this.#draw();
  }

  #draw() {
    const view = modelView(this.#told, this.item?.news2, this.now);
    show(this.node, view !== null);
    if (view === null) return;
    setState(this.node, view.state);
    for (const [name, node] of Object.entries(this.parts)) setText(node, view[name]);
  }
}
