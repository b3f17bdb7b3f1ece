// The list of one's own passkeys: add, rename, remove.
import { el, setText, show } from "/screen/dom.js";
import { has, t } from "/public/i18n.js";
import { addPasskey } from "/public/passkey.js";
import { twice, when } from "./said.js";

const byId = (id) => document.getElementById(id);

export class Passkeys {
  constructor(list, form, done) {
    Object.assign(this, { list, form, done, held: null, renaming: null });
    form.addEventListener("submit", (event) => this.#add(event));
  }

  async load() {
    const answer = await this.done("GET", "/api/passkeys");
    if (answer === undefined) return;
    this.held = answer.passkeys;
    this.draw();
  }

  draw() {
    if (this.held === null) return;
    show(byId("none"), this.held.length === 0);
    this.list.replaceChildren(...this.held.map((one) => el("li", {}, ...this.#row(one))));
    this.list.querySelector("input")?.select();
  }

  #row(one) {
    if (this.renaming === one.id) return [this.#nameForm(one)];
    const used = one.used_utc_s === null ? t("keys.never") : t("keys.used", { when: when(one.used_utc_s) });
    const told = `${t("keys.made", { when: when(one.made_utc_s) })} · ${used}`;
    const rename = el("button", { type: "button", "aria-label": t("keys.rename-one", one) }, t("keys.rename"));
    rename.addEventListener("click", () => this.#rename(one));
    const remove = el("button", { type: "button", "aria-label": t("keys.remove-one", one) }, t("keys.remove"));
    twice(remove, t("keys.again"), () => this.#changed("DELETE", one));
    return [el("p", { class: "about" }, el("b", {}, one.name), el("span", {}, told)), rename, remove];
  }

  #nameForm(one) {
    const input = el("input", { required: true, maxlength: 64, value: one.name, "aria-label": t("keys.rename-one", one) });
    const form = el("form", {}, input, el("button", { class: "primary" }, t("keys.rename")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#changed("PUT", one, { name: input.value });
    });
    return form;
  }

  #rename(one) {
    this.renaming = one.id;
    this.draw();
  }

  async #changed(method, one, body) {
    await this.done(method, `/api/passkeys/${one.id}`, body);
    this.renaming = null;
    await this.load();
  }

  async #add(event) {
    event.preventDefault();
    const name = this.form.elements.name.value.trim();
    const answer = await addPasskey(name);
    const key = `passkey.${answer.code}`;
    setText(byId("added"), answer.ok ? t("keys.added", { name }) : "");
    setText(byId("problem"), answer.ok ? "" : has(key) ? t(key) : answer.message || t("passkey.refused"));
    if (!answer.ok) return;
    this.form.reset();
    await this.load();
  }
}
