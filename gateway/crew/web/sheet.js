// What is opened: it takes the place of the waveforms, never that of numbers and alarms.
import { onLanguage, t, translate } from "/screen/i18n.js";
import { setText, show } from "/screen/dom.js";

export class Sheet {
  /** `panels`: by name, each with `node`, and perhaps `open()`, `close()`, `update(now)`. */
  constructor(node, stage, buttons) {
    Object.assign(this, { node, stage, buttons, panels: {}, name: null });
    this.title = node.querySelector("h2");
    this.body = node.querySelector(".body");
    node.querySelector(".close").addEventListener("click", () => this.close());
    node.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    for (const button of buttons) button.addEventListener("click", () => this.toggle(button.dataset.sheet));
    onLanguage(() => this.name && this.#name());
  }

  toggle(name) {
    if (this.name === name) this.close();
    else this.open(name);
  }

  open(name) {
    this.panels[this.name]?.close?.();
    this.opener = document.activeElement;
    this.name = name;
    this.#name();
    this.body.replaceChildren(this.panels[name].node);
    this.body.scrollTop = 0;
    translate(this.body);
    this.panels[name].open?.();
    this.#show(true);
    this.title.focus();
  }

  close() {
    if (this.name === null) return;
    this.panels[this.name].close?.();
    this.name = null;
    this.#show(false);
    this.opener?.focus();
  }

  update(now) {
    if (this.name) this.panels[this.name].update?.(now);
  }

  #name() {
    setText(this.title, t(`sheet.${this.name}`));
  }

  #show(open) {
    show(this.node, open);
    show(this.stage, !open);
    for (const button of this.buttons) button.setAttribute("aria-expanded", String(button.dataset.sheet === this.name));
  }
}
