// Pictures of the patient on board: taken or chosen, looked at, and how far each has come.
import { MOST_PICTURE_BYTES, PICTURE_KINDS } from "./known.js";
import { Choice, field } from "./fields.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { named, onLanguage, t } from "/screen/i18n.js";
import { timeOf } from "./times.js";

/** The longer side of a photograph that goes over the network: a wound is judged by less. */
const LONGEST = 1600;
const QUALITY = 0.85;
const TYPES = "image/jpeg,image/png";

export class Pictures {
  constructor(box, teller) {
    Object.assign(this, { box, teller, blob: null });
    this.kind = new Choice("picture.kind", PICTURE_KINDS, (name) => `picture.kind.${name}`, () => this.#words());
    this.shows = field("picture-shows", "picture.shows", { maxlength: 100 });
    this.file = el("input", { type: "file", id: "picture-file", accept: TYPES, hidden: "" });
    this.file.addEventListener("change", () => this.#chosen(this.file.files[0]));
    this.choose = el("button", { type: "button", class: "pick", onclick: () => this.file.click() });
    this.canvas = el("canvas", { class: "preview", role: "img", "data-t-label": "picture.preview" });
    this.add = el("button", { type: "button", class: "primary", "data-t": "picture.add", onclick: () => this.#add() });
    this.problem = el("p", { class: "problem", role: "alert" });
    this.none = el("p", { "data-t": "picture.none" });
    this.list = el("ol", { class: "entries", id: "pictures" });
    this.chosen = el("div", { class: "chosen" }, this.canvas, el("div", {}, this.shows.node, this.add));
    const form = el("div", { class: "taking" }, el("div", { class: "line" }, this.kind.node, this.file, this.choose), this.problem, this.chosen);
    this.node = el("div", {}, form, this.none, this.list);
    onLanguage(() => this.#words());
  }

  open() {
    this.kind.choose(PICTURE_KINDS.includes(this.kind.value) ? this.kind.value : "camera");
    this.#forget();
  }

  close() {
    this.#forget();
  }

  update(now) {
    const pictures = this.box.case?.pictures ?? [];
    show(this.none, pictures.length === 0);
    keep(this.list, [...pictures].reverse(), (one) => one.digest, makeEntry, (item, one) => {
      setState(item, one.state);
      setText(item.children[0], timeOf(one.at_ms, this.box.clock, now));
      setText(item.children[1], [named("picture.kind", one.kind), one.shows].filter(Boolean).join(": "));
      setText(item.children[2], `${t(`picture.state.${one.state}`, { why: one.why })} · ${one.by}`);
    });
  }

  #words() {
    const camera = this.kind.value === "camera";
    setText(this.choose, t(this.blob ? "picture.again" : camera ? "picture.take" : "picture.choose"));
    if (camera) this.file.setAttribute("capture", "environment");
    else this.file.removeAttribute("capture");
    show(this.chosen, this.blob !== null);
  }

  #forget() {
    this.blob = null;
    this.file.value = "";
    this.shows.input.value = "";
    setText(this.problem, "");
    this.#words();
  }

  async #chosen(file) {
    setText(this.problem, "");
    this.blob = null;
    if (file) {
      try {
        this.blob = await this.#drawn(file);
        if (this.blob.size > MOST_PICTURE_BYTES) this.#refuse("picture.large");
      } catch (error) {
        if (!(error instanceof DOMException)) throw error;
        this.#refuse("picture.bad");
      }
    }
    this.#words();
  }

  #refuse(key) {
    this.blob = null;
    setText(this.problem, t(key));
  }

  /** A photograph is drawn anew, upright, smaller, and without place and name of the camera; an ultrasound still is sent as it is. */
  async #drawn(file) {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
    this.canvas.width = Math.round(image.width * scale);
    this.canvas.height = Math.round(image.height * scale);
    this.canvas.getContext("2d").drawImage(image, 0, 0, this.canvas.width, this.canvas.height);
    image.close();
    if (this.kind.value === "ultrasound" && TYPES.includes(file.type)) return file;
    return new Promise((done) => this.canvas.toBlob(done, "image/jpeg", QUALITY));
  }

  async #add() {
    if (!this.blob) return;
    this.add.disabled = true;
    const query = new URLSearchParams({ kind: this.kind.value, shows: this.shows.input.value.trim() });
    const added = await this.teller.give(`/api/pictures?${query}`, this.blob);
    this.add.disabled = false;
    if (!added) return;
    this.#forget();
    this.teller.say(t("picture.added"));
  }
}

const makeEntry = () => el("li", {}, el("time"), el("span"), el("span", { class: "by" }));
