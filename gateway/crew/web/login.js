// Who is there: a name and a PIN, typed by gloves.
import { ask } from "./api.js";
import { el, setText, show } from "/screen/dom.js";
import { recall, remember } from "/screen/remember.js";
import { onLanguage, t } from "/screen/i18n.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "back"];
const NAMES = "crew-names";
const MOST_NAMES = 4;

export class Login {
  /** `onIn()` is called once somebody is logged in. */
  constructor(node, onIn) {
    Object.assign(this, { node, onIn });
    this.form = node.querySelector("form");
    this.message = node.querySelector(".problem");
    this.pad = node.querySelector(".pad");
    this.known = node.querySelector(".names");
    this.pad.append(...KEYS.map((key) => this.#key(key)));
    this.form.addEventListener("submit", (event) => this.#submit(event));
    onLanguage(() => this.#words());
    this.#words();
  }

  open() {
    this.form.reset();
    setText(this.message, "");
    const names = this.#names();
    this.known.replaceChildren(...names.map((name) => el("button", { type: "button", onclick: () => this.#chose(name) }, name)));
    show(this.known, names.length > 0);
    show(this.node, true);
    this.form.elements.name.focus();
  }

  #names() {
    return JSON.parse(recall(NAMES) ?? "[]");
  }

  #key(key) {
    return el("button", { type: "button", "data-key": key, onclick: () => this.#typed(key) });
  }

  #words() {
    for (const button of this.pad.children) {
      const { key } = button.dataset;
      setText(button, /\d/.test(key) ? key : t(`login.${key}`));
    }
  }

  #chose(name) {
    this.form.elements.name.value = name;
    this.form.elements.pin.focus();
  }

  #typed(key) {
    const { pin } = this.form.elements;
    if (key === "clear") pin.value = "";
    else if (key === "back") pin.value = pin.value.slice(0, -1);
    else pin.value += key;
  }

  async #submit(event) {
    event.preventDefault();
    const { name, pin } = this.form.elements;
    setText(this.message, "");
    const answer = await ask("POST", "/api/login", { name: name.value.trim(), pin: pin.value });
    pin.value = "";
    if (!answer.ok) return setText(this.message, refusal(answer));
    const names = [name.value.trim(), ...this.#names().filter((one) => one !== name.value.trim())];
    remember(NAMES, JSON.stringify(names.slice(0, MOST_NAMES)));
    show(this.node, false);
    this.onIn();
  }
}

function refusal({ status, data }) {
  if (status === 0) return t("crew.unreachable");
  return status === 401 ? t("login.wrong") : (data?.error ?? t("crew.refused"));
}
