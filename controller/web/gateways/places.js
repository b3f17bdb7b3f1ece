// Where gateways and patients are: a hospital's wards, beds and vehicles, added one by one.
import { el, setText } from "/screen/dom.js";
import { put } from "/board/api.js";
import { onLanguage, t } from "/public/i18n.js";
import { offer } from "/inventory/fields.js";
import { said } from "/inventory/said.js";
import { ID, field } from "./fields.js";

export class Places {
  /** `onChange()` after something was added. */
  constructor(node, onChange) {
    Object.assign(this, { onChange, wards: [], beds: [], places: [] });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.done = el("p", { role: "status" });
    this.ward = field("bed-ward", "places.of-ward", { choice: true, required: true });
    const ward = this.#form("ward", "places.add-ward", []);
    const bed = this.#form("bed", "places.add-bed", [this.ward]);
    this.home = field("home-place", "places.home", { choice: true, required: true });
    const title = el("summary", { "data-t": "places.title" }, t("places.title"));
    node.append(el("details", {}, title, ward, bed, this.#homes(), this.problem, this.done));
    onLanguage(() => this.#draw());
  }

  choices({ wards, beds, homes }) {
    Object.assign(this, { wards, beds, places: homes });
    this.#draw();
  }

  #draw() {
    offer(this.ward.input, this.wards.map(({ id, name }) => [id, `${name} (${id})`]), t("record.choose"));
    offer(this.home.input, this.beds.map(({ id, name }) => [id, `${name} (${id})${this.places.includes(id) ? ` · ${t("places.is-home")}` : ""}`]), t("record.choose"));
  }

  /** A place where a patient lives: what is measured there is shown as at home, and nobody watches it. */
  #homes() {
    const ways = [["true", "places.make-home"], ["false", "places.no-home"]];
    const buttons = ways.map(([home, key]) => el("button", { type: "submit", value: home, "data-t": key }, t(key)));
    const form = el("form", { class: "fields", id: "homes" }, this.home.node, ...buttons);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const place = this.home.input.value;
      const isHome = event.submitter.value === "true";
      await this.#put(`/api/beds/${encodeURIComponent(place)}/home`, { home: isHome }, t(isHome ? "places.home-made" : "places.home-gone", { place }));
    });
    return form;
  }

  #form(kind, key, more) {
    const id = field(`${kind}-id`, `places.${kind}-id`, ID);
    const name = field(`${kind}-name`, `places.${kind}-name`, { required: true });
    const add = el("button", { type: "submit", "data-t": key }, t(key));
    const form = el("form", { class: "fields" }, ...[id, name, ...more].map((one) => one.node), el("div", {}, add));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = { name: name.input.value, ...(more.length && { ward: this.ward.input.value }) };
      if (await this.#add(`/api/${kind}s/${encodeURIComponent(id.input.value)}`, body)) form.reset();
    });
    return form;
  }

  #add(path, body) {
    return this.#put(path, body, t("places.added", { name: body.name }));
  }

  async #put(path, body, words) {
    for (const line of [this.problem, this.done]) setText(line, "");
    try {
      await put(path, body);
      setText(this.done, words);
      this.onChange();
      return true;
    } catch (error) {
      setText(this.problem, said(error));
      return false;
    }
  }
}
