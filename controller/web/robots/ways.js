// Ways on which nobody is to drive: blocked by a person, for a reason, until one opens them again.
import { change } from "/prescriptions/asking.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { fill } from "./wanting.js";

const byId = (id) => document.getElementById(id);

const free = (edges) => edges.filter((one) => !one.blocked).map((one) => one.id).join(" ");

export class Ways {
  constructor(onChanged) {
    Object.assign(this, { onChanged, edges: [], may: false });
    byId("block").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#block();
    });
  }

  person(me) {
    this.may = me.permissions.includes("robots:manage");
    show(byId("ways"), this.may);
  }

  /** `edges` of the map now. */
  ground({ edges }) {
    const isNews = free(edges) !== free(this.edges);
    this.edges = edges;
    if (isNews) this.#choices();
    this.#draw();
  }

  redraw() {
    this.#choices();
    this.#draw();
  }

  #choices() {
    fill(byId("block-edge"), this.edges.filter((one) => !one.blocked).map(({ id }) => [id, id]));
  }

  #draw() {
    const blocked = this.edges.filter((one) => one.blocked);
    keep(byId("blocked"), blocked, (one) => one.id, (one) => this.#item(one), (node) => setText(node.querySelector("button"), t("robots.open-way")));
    show(byId("none-blocked"), blocked.length === 0);
  }

  /** Somebody points at one on the map. */
  choose(edge) {
    if (!this.may) return;
    byId("block-edge").value = edge;
    byId("block-why").focus();
  }

  #item({ id }) {
    return el("li", { "data-edge": id }, el("span", {}, id), el("button", { type: "button", "aria-label": `${t("robots.open-way")} ${id}`, onclick: () => this.#send(id, false, "") }));
  }

  async #block() {
    const [edge, why] = [byId("block-edge").value, byId("block-why").value.trim()];
    if (await this.#send(edge, true, why)) byId("block").reset();
  }

  async #send(edge, blocked, why) {
    const answer = await change(byId("block-problem"), "PUT", `/api/robots/edges/${edge}`, { blocked, why });
    this.onChanged();
    return answer.ok;
  }
}
