// Cooled boxes: what is in them, which place is one, and the forms to pack a delivery and to judge it.
import { change, got } from "/prescriptions/asking.js";
import { el, show } from "/screen/dom.js";
import { stepping } from "/prescriptions/stepping.js";
import { t } from "/public/i18n.js";

const PATH = "/api/pharmacy/boxes";

export class Boxes {
  /** `onChanged()`: deliveries offer other boxes now. */
  constructor(section, onChanged) {
    Object.assign(this, { section, onChanged, held: [], may: false });
    section.querySelector("form").addEventListener("submit", (event) => this.#use(event));
  }

  person(me) {
    this.may = me.permissions.includes("rx:dispense");
    show(this.section, this.may);
  }

  async read() {
    const { boxes } = await got(PATH);
    if (JSON.stringify(boxes) === JSON.stringify(this.held)) return;
    this.held = boxes;
    this.draw();
    this.onChanged();
  }

  draw() {
    this.section.querySelector("ul").replaceChildren(...this.held.map((one) => this.#item(one)));
  }

  /** Those into which something can be put. */
  get inUse() {
    return this.held.filter((one) => one.in_use && one.devices > 0);
  }

  #item(one) {
    const measured = one.devices === 0 ? t("cold.no-thermometer") : t("cold.thermometers", { n: one.devices });
    const words = [`${one.name} (${one.place})`, one.in_use ? t("cold.inside", { n: one.deliveries }) : t("cold.out"), measured].join(" · ");
    const key = one.in_use ? "cold.retire" : "cold.back";
    const put = () => this.#put(one.place, !one.in_use);
    return el("li", { "data-box": one.place }, el("span", {}, words), el("button", { type: "button", "aria-label": t(`${key}-of`, one), onclick: put }, t(key)));
  }

  async #use(event) {
    event.preventDefault();
    const input = this.section.querySelector("input");
    if (await this.#put(input.value.trim(), true)) input.value = "";
  }

  async #put(place, isInUse) {
    const answer = await change(this.section.querySelector(".problem"), "PUT", `${PATH}/${encodeURIComponent(place)}`, { in_use: isInUse });
    if (answer.ok) await this.read();
    return answer.ok;
  }
}

/** Puts a delivery into a box: a scanner types its code, or one is chosen. `send(body)`. */
export function packForm(one, boxes, send) {
  const id = `${one.number}-box`;
  const input = el("input", { id, list: `${id}-list`, required: true, maxlength: 64, pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]*", autocomplete: "off", spellcheck: "false" });
  const form = el(
    "form",
    { class: "inline" },
    el("div", {}, el("label", { for: id }, t("cold.box")), input, el("datalist", { id: `${id}-list` })),
    el("button", { class: "primary", "aria-label": `${t("cold.pack-do")} ${one.number}` }, t("cold.pack-do")),
    el("p", { class: "held" }, t("cold.no-boxes")),
  );
  offerIn(form, boxes);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send({ place: input.value.trim() });
  });
  const isFirst = one.cold?.place === null;
  return el("details", { class: "packing", ...(isFirst ? { open: true } : {}) }, el("summary", {}, t(one.cold === null || isFirst ? "cold.pack" : "cold.pack-again")), form);
}

/** The boxes that there are now: what is typed stays. */
export function offerIn(node, boxes) {
  node.querySelector("datalist").replaceChildren(...boxes.map((box) => el("option", { value: box.place }, t("cold.box-of", { name: box.name, n: box.deliveries }))));
  show(node.querySelector(".held"), boxes.length === 0);
}

/** What a pharmacist says of it, with a reason. `send(body)`. */
export function verdictForm(one, send) {
  const possible = (one.cold?.possible ?? []).map((to) => [to, t(`cold.verdict.${to}`)]);
  return stepping({ title: t("cold.verdict"), what: `${one.number} ${t("cold.verdict")}`, possible, free: [], act: (verdict, why) => send({ verdict, why }) });
}
