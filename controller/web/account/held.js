// A PIN or a badge in a line: since when it is there, when it was last used, and the way to be rid of it.
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "/public/i18n.js";
import { twice } from "./said.js";

const KINDS = ["badge", "pin"];

/** Lines for what `held` (a BadgeHeld) has; `withdraw(kind)`; `user` "": one's own. */
export function heldRows(held, withdraw, user = "") {
  return KINDS.map((kind) => row(kind, held, withdraw, user));
}

function row(kind, held, withdraw, user) {
  const name = el("b", {}, t(`held.${kind}`));
  const since = held[`${kind}_ms`];
  if (since === null) return el("li", { "data-held": kind }, el("p", { class: "about" }, name, el("span", {}, t("held.none"))));
  const used = held[`${kind}_used_ms`];
  const by = kind === "badge" ? t("held.by", { by: held.badge_by }) : null;
  const told = [t("held.since", { when: moment(since) }), by, used === null ? t("held.never") : t("held.used", { when: moment(used) })];
  const label = user === "" ? t(`held.withdraw-${kind}`) : t(`held.withdraw-${kind}-of`, { user });
  const button = el("button", { type: "button", "aria-label": label }, t("held.withdraw"));
  twice(button, t("held.again"), () => withdraw(kind));
  return el("li", { "data-held": kind }, el("p", { class: "about" }, name, el("span", {}, told.filter(Boolean).join(" · "))), button);
}
