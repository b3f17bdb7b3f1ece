// Looking for experts in the directory: by speciality, hospital, name, and who may be asked at the time.
import { button } from "./said.js";
import { done } from "/people/page.js";
import { el } from "/screen/dom.js";
import { languageTag, t } from "./words.js";

export class Experts {
  #specialities = [];

  /** `chosen({actor, display, hospital})`; `when()`: {at_ms, minutes}, or null. */
  constructor({ chosen, when }) {
    Object.assign(this, { chosen, when });
    this.speciality = el("select", { name: "speciality", "aria-label": t("mc.speciality") });
    this.hospital = el("input", { name: "hospital", maxlength: "64", "aria-label": t("mc.hospital"), placeholder: t("mc.hospital") });
    this.text = el("input", { name: "text", maxlength: "64", "aria-label": t("mc.name"), placeholder: t("mc.name") });
    this.there = el("input", { type: "checkbox", name: "there" });
    this.account = el("input", { name: "account", maxlength: "64", "aria-label": t("mc.account"), placeholder: t("mc.account"), autocomplete: "off" });
    this.found = el("ul", { class: "lines-of found" });
    const search = button(t("mc.search"), () => this.search(), { name: "search-experts" });
    const add = button(t("mc.add"), () => this.#account(), { name: "add-account" });
    this.node = el("div", { class: "experts" }, el("div", { class: "row" }, this.speciality, this.hospital, this.text, search), el("label", { class: "check" }, this.there, t("mc.there")), this.found, el("div", { class: "row" }, this.account, add));
    this.#options();
  }

  async search() {
    const asked = new URLSearchParams({ speciality: this.speciality.value, hospital: this.hospital.value.trim(), text: this.text.value.trim() });
    const at = this.there.checked ? this.when() : null;
    if (at !== null) for (const [name, value] of Object.entries(at)) asked.set(name, value);
    const answer = await done("GET", `/api/experts?${asked}`);
    if (answer === undefined) return;
    this.#specialities = answer.specialities;
    this.#options();
    const rows = answer.experts.map((one) => this.#row(one));
    this.found.replaceChildren(...(rows.length > 0 ? rows : [el("li", { class: "soft" }, t("mc.nobody"))]));
  }

  #options() {
    const value = this.speciality.value;
    const options = this.#specialities.map((one) => el("option", { value: one.code }, specialityName(one)));
    this.speciality.replaceChildren(el("option", { value: "" }, t("mc.any")), ...options);
    this.speciality.value = value;
  }

  #row({ actor, site, profile }) {
    const names = profile.specialities.map((code) => specialityName(this.#specialities.find((one) => one.code === code))).join(", ");
    const add = button(t("mc.add"), () => this.chosen({ actor, display: profile.display }), { label: t("mc.add-of", { who: profile.display }) });
    const where = [profile.hospital, site].filter(Boolean).join(" · ");
    return el("li", { "data-actor": actor }, el("span", { class: "grow" }, el("b", {}, profile.display), ` · ${names}`), el("span", { class: "soft" }, `${where} ${profile.languages.join(" ")} ${profile.takes}`), add);
  }

  #account() {
    const actor = this.account.value.trim();
    if (actor === "") return;
    this.account.value = "";
    this.chosen({ actor, display: actor });
  }
}

export function specialityName(one) {
  return one[languageTag().slice(0, 2)] ?? one.en;
}
