// A list of an opened bed that is asked for every few seconds: hidden while there is nothing in it.
import { el, keep, setText, show } from "/screen/dom.js";
import { get } from "./api.js";
import { heading } from "./panel.js";
import { t } from "/public/i18n.js";

const EVERY_MS = 15_000;

export class PolledList {
  /** `name`: of the route below the bed, of the answer's list and of the words; `make` and `update(node, one, now)` draw one. */
  constructor(clock, name, make, update, ...above) {
    this.clock = clock;
    this.name = name;
    this.make = make;
    this.update = update;
    this.list = el("ul", { class: name });
    this.problem = el("p", { role: "status", class: "problem" });
    this.node = el("section", { hidden: true }, heading(`bed.${name}`), ...above, this.problem, this.list);
  }

  open(bed) {
    this.path = `/api/beds/${encodeURIComponent(bed)}/${this.name}`;
    this.list.replaceChildren();
    show(this.node, false);
    this.#load();
    this.timer = setInterval(() => this.#load(), EVERY_MS);
  }

  close() {
    clearInterval(this.timer);
    this.path = null;
  }

  async #load() {
    const path = this.path;
    try {
      const answer = await get(path);
      if (path === this.path) this.#show(answer[this.name]);
      setText(this.problem, "");
    } catch (error) {
      if (path === this.path) setText(this.problem, t(`${this.name}.failed`, { message: error.message }));
      show(this.node, true);
    }
  }

  #show(items) {
    show(this.node, items.length > 0);
    const now = this.clock.now();
    keep(this.list, items, (one) => String(one.id), this.make, (node, one) => this.update(node, one, now));
  }
}
