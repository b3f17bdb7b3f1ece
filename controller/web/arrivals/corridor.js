// Traffic lights that the city was asked to give the vehicle priority at, and what it answered.
import { el, keep, part, setState, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";

export function makeCorridor() {
  return el("div", { class: "corridor", hidden: true }, el("b"), el("ol"));
}

export function updateCorridor(node, { corridor }, { now }) {
  show(node, corridor.length > 0);
  setText(part(node, "b"), t("corridor.title"));
  keep(part(node, "ol"), corridor, (one) => `${one.intersection} ${one.approach}`, () => el("li"), (item, one) => {
    setState(item, one.status);
    const seconds = Math.max(Math.round((one.at_ms - now) / 1000), 0);
    setText(item, t("corridor.light", { name: one.name, seconds, status: t(`corridor.${one.status}`) }));
  });
}
