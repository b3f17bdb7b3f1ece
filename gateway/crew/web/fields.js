// Choices for gloves: one of a few, as large buttons.
import { el, setText } from "/screen/dom.js";
import { onLanguage, t } from "/screen/i18n.js";

/** A group of buttons of which one is pressed. `.value`: its name, or null. */
export class Choice {
  /** `words(name)` is the key of its words; null: its name is what is shown. */
  constructor(legend, names, words, onChoose = () => {}) {
    Object.assign(this, { names, words, onChoose, value: null });
    this.buttons = names.map((name) => el("button", { type: "button", "data-name": name, onclick: () => this.#chose(name) }));
    this.node = el("fieldset", { class: "choice" }, el("legend", { "data-t": legend }), ...this.buttons);
    onLanguage(() => this.#words());
    this.#words();
    this.choose(null);
  }

  choose(name) {
    this.value = name;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.dataset.name === String(name)));
  }

  #chose(name) {
    this.choose(name);
    this.onChoose(name);
  }

  #words() {
    for (const button of this.buttons) setText(button, this.words ? t(this.words(button.dataset.name)) : button.dataset.name);
  }
}

/** A labelled field. */
export function field(id, key, attributes = {}) {
  const input = el("input", { id, autocomplete: "off", ...attributes });
  return { input, node: el("div", { class: "field" }, el("label", { for: id, "data-t": key }), input) };
}
