// The traffic lights ahead: what the city answered, and how long ago. What is old is not shown: a light has turned since.
import { age } from "/screen/format.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { LIGHTS_HOLD_S } from "./known.js";
import { named, t } from "/screen/i18n.js";

export class Ahead {
  constructor(node, box) {
    Object.assign(this, { box, node });
  }

  update(now) {
    const { lights, at_ms: at } = this.box.corridor ?? { lights: [], at_ms: null };
    const old = at === null ? Infinity : Math.max(now - at, 0);
    const shown = old < LIGHTS_HOLD_S * 1000 ? lights : [];
    show(this.node, shown.length > 0);
    keep(this.node.querySelector("ul"), shown, (one) => one.name, () => el("li"), (item, one) => {
      setState(item, one.status);
      setText(item, t("ahead.light", { name: one.name, status: named("ahead", one.status), age: age(old) }));
    });
  }
}
