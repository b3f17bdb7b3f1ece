// What a physician says: it stays over the page until somebody of the crew acknowledges it.
import { ask } from "./api.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { t } from "/screen/i18n.js";
import { timeOf } from "./times.js";

export class Instructions {
  constructor(node, box, teller) {
    Object.assign(this, { node, box, teller, list: node.querySelector("ul"), told: new Set() });
  }

  update(now) {
    const open = (this.box.case?.instructions ?? []).filter((one) => !one.acknowledged);
    show(this.node, open.length > 0);
    keep(this.list, open, (one) => one.id, (one) => this.#make(one), (item, one) => {
      setText(item.querySelector("p"), one.text);
      setText(item.querySelector(".by"), `${one.by} · ${timeOf(one.at_ms, this.box.clock, now)}`);
      setText(item.querySelector("button"), t("instruction.acknowledge"));
    });
    for (const one of open) this.#shown(one);
  }

  #make({ id }) {
    const button = el("button", { type: "button", onclick: () => this.teller.tell("instruction", { id, state: "acknowledged" }) });
    return el("li", {}, el("span", { class: "by" }), el("p"), button);
  }

  /** The physician learns that it stands on a screen that somebody is logged in at. */
  #shown({ id, shown }) {
    if (shown || this.told.has(id) || document.visibilityState !== "visible") return;
    this.told.add(id);
    ask("POST", "/api/case/instruction", { id, state: "shown" }).then(({ ok }) => ok || this.told.delete(id));
  }
}
