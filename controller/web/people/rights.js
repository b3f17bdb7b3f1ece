// Choosing roles and wards: boxes to tick, and what was ticked.
import { el } from "/screen/dom.js";
import { named, t } from "/public/i18n.js";

let made = 0;

export class Rights {
  /** `known`: {roles, wards} that there are; `held`: those that are ticked at first. */
  constructor(known, held = { roles: [], wards: [] }) {
    this.roles = known.roles.map((role) => box(role, () => named("role", role), held.roles.includes(role)));
    this.wards = known.wards.map((ward) => box(ward.id, () => ward.name, held.wards?.includes(ward.id)));
    this.all = box("", () => t("people.all-wards"), held.wards === null);
    this.node = el("div", { class: "rights" }, group("people.roles", this.roles), group("people.wards", [this.all, ...this.wards]));
  }

  /** As the API takes it. */
  get chosen() {
    const ticked = (boxes) => boxes.filter(({ input }) => input.checked).map(({ input }) => input.value);
    const everywhere = this.all.input.checked;
    return { roles: ticked(this.roles), wards: everywhere ? [] : ticked(this.wards), all_wards: everywhere };
  }
}

function box(value, text, checked) {
  const input = el("input", { type: "checkbox", id: `right-${made++}`, value });
  input.checked = Boolean(checked);
  return { input, node: el("span", {}, input, " ", el("label", { for: input.id }, text())) };
}

function group(key, boxes) {
  return el("fieldset", {}, el("legend", { "data-t": key }, t(key)), ...boxes.map(({ node }) => node));
}
