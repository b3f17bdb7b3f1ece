// The buttons of the viewer: tools, windows, and what is done to the image and to what was drawn on it.
import { el, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";

export const TOOLS = ["window", "pan", "zoom", "scroll", "length", "arrow", "text"];
/** Centre and width, HU. */
export const PRESETS = {
  CT: { brain: [40, 80], subdural: [75, 215], stroke: [40, 40], soft: [40, 400], lung: [-600, 1500], bone: [500, 2000], vessels: [300, 600] },
};

const fixed = (tag, key, attributes = {}) => el(tag, { ...attributes, "data-t": key }, t(key));

export class Controls {
  /** `to`: {tool(name), series(uid), preset([centre, width] or null), fit(), play(), undo(), save(), marks(shown)}. */
  constructor(to) {
    this.to = to;
    this.series = el("select", { class: "series", "data-t-label": "images.series", onchange: () => to.series(this.series.value) });
    this.series.ariaLabel = t("images.series");
    this.preset = el("select", { "data-t-label": "images.window", onchange: () => to.preset(this.#presets()[this.preset.value] ?? null) });
    this.preset.ariaLabel = t("images.window");
    this.words = el("input", { type: "text", maxlength: 200, autocomplete: "off", hidden: true, "data-t-label": "images.words" });
    this.words.ariaLabel = t("images.words");
    this.marks = el("input", { type: "checkbox", checked: true, onchange: () => to.marks(this.marks.checked) });
    this.fit = fixed("button", "images.fit", { type: "button", onclick: () => to.fit() });
    this.play = el("button", { type: "button", onclick: () => to.play() });
    this.undo = fixed("button", "images.undo", { type: "button", onclick: () => to.undo() });
    this.save = fixed("button", "images.save", { type: "button", class: "primary", onclick: () => to.save() });
    const marks = el("label", { class: "check" }, this.marks, fixed("span", "images.marks"));
    this.node = el("div", { class: "controls" }, this.series, this.#tools(), this.preset, this.fit, this.play, this.words, marks, this.undo, this.save);
  }

  #tools() {
    const choices = TOOLS.map((tool) => {
      const input = el("input", { type: "radio", name: "image-tool", value: tool, checked: tool === "window" });
      return el("label", {}, input, fixed("span", `images.tool.${tool}`));
    });
    const legend = fixed("legend", "images.tools", { class: "reader" });
    const set = el("fieldset", { class: "ranges", onchange: (event) => this.to.tool(event.target.value) }, legend, ...choices);
    this.choices = choices.map((label) => label.firstChild);
    return set;
  }

  #presets() {
    return PRESETS[this.modality] ?? {};
  }

  /** Another study: its series, of which `chosen` is shown. */
  open(series, chosen) {
    const named = (one) => [one.number, one.modality, one.description].filter((word) => word !== null && word !== "").join(" ");
    this.series.replaceChildren(...series.map((one) => new Option(`${named(one)} (${one.images})`, one.series)));
    this.choose(chosen);
  }

  choose({ series, modality }) {
    this.modality = modality;
    this.series.value = series;
    show(this.series, this.series.length > 1);
    const names = Object.keys(this.#presets());
    const options = names.map((name) => new Option(t(`images.preset.${name}`), name));
    this.preset.replaceChildren(new Option(t("images.preset.own"), ""), ...options);
    show(this.preset, names.length > 0);
  }

  tool(name) {
    for (const input of this.choices) input.checked = input.value === name;
    show(this.words, name === "text");
    if (name === "text") this.words.focus();
  }

  /** The `n`th window of those that the series has; 0: the image's own. */
  presetAt(n) {
    if (n >= this.preset.length) return;
    this.preset.selectedIndex = n;
    this.to.preset(this.#presets()[this.preset.value] ?? null);
  }

  /** `window`: whether there is one to change; `drafts`: marks not saved; `here`: of them on this image. */
  update({ window, drafts, here, may, saving, many, playing }) {
    this.choices[0].disabled = !window;
    this.preset.disabled = !window;
    show(this.play, Boolean(many));
    setText(this.play, t(playing ? "images.stop" : "images.play"));
    this.undo.disabled = here === 0;
    show(this.save, may);
    this.save.disabled = drafts === 0 || saving;
    setText(this.save, drafts === 0 ? t("images.save") : t("images.save-n", { n: drafts }));
  }
}
