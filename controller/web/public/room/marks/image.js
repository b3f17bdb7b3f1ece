// The image of a case that is shown to all, as a still of the room itself. Each page asks for the picture by its
// person's own right; from page to page, and by the controller, goes only which image it is, and what is drawn on it.
import { ask } from "/public/ask.js";
import { el, setText, show } from "/screen/dom.js";
import { measuredOn } from "./geometry.js";
import { ROOM } from "/public/room/signal.js";
import { t } from "./words.js";

const LARGEST = "1600,1600";

/** What is drawn on, so that it is all of it, whatever the size of the window: {id, bitmap, size, pixels, scale, measure(mark)}. */
function stillOf({ id, by }, about, bitmap) {
  const { rows, columns, aspect, scale } = about;
  return { id, seat: ROOM, from: ROOM, name: by, bitmap, size: { width: columns, height: rows * aspect }, pixels: [columns, rows], scale, measure: (mark) => measuredOn(about, mark) };
}

export class Image {
  #told = null; #had = null; #why = ""; #series = { path: "", images: [] };

  constructor(marks) {
    this.marks = marks;
    this.words = el("p", { class: "words", role: "status" });
    this.before = button("before", () => this.#step(-1), "‹");
    this.where = el("span", { class: "soft" });
    this.after = button("after", () => this.#step(1), "›");
    this.again = button("again", () => this.#load(this.#told));
    this.away = button("away", () => marks.say({ k: "image-away" }));
    this.row = el("div", { class: "row" }, this.before, this.where, this.after, this.again, this.away);
    this.caption = el("figcaption", { class: "unseen" });
    this.tile = el("figure", { class: "tile shown", "data-seat": ROOM }, this.caption);
    this.node = el("section", { class: "shown-image", hidden: true }, this.words, this.row);
    marks.room.node.querySelector(".tiles").before(this.node);
  }

  /** null: there is none. While another one comes it is blank, and nothing is drawn on it. */
  get still() {
    if (!this.#told?.id || this.#had === null || this.#why !== "") return null;
    return this.#had.id === this.#told.id ? this.#had : { ...this.#had, id: "", bitmap: null };
  }

  /** The place of its case on the agenda. */
  get n() {
    return this.#told?.n ?? 0;
  }

  /** Which is shown, as the controller says: null: none is; without an id: one that this person may not see. */
  told(image) {
    this.#told = image;
    if (!image || image.id === "") this.#forget();
    else if (this.#had?.id !== image.id) this.#load(image);
  }

  #forget() {
    this.#had?.bitmap.close();
    this.#had = null;
    this.#series = { path: "", images: [] };
  }

  async #load(image) {
    this.#why = "";
    const series = `${this.marks.room.base.replace(/\/room$/, "")}/cases/${image.case}/items/${image.item}/series/${image.series}`;
    const why = await this.#have(image, series);
    if (this.#told?.id !== image.id) return;
    this.#why = why;
    this.marks.draw();
  }

  /** Why it cannot be had, "": it is. */
  async #have(image, series) {
    const listed = this.#series.path === series ? "" : await this.#list(series);
    const about = this.#series.images.find((one) => one.instance === image.instance);
    if (listed !== "" || !about) return listed || t("marks.image-none");
    const { jpeg, why } = await picture(`${series}/instances/${image.instance}/frames/${image.frame}/rendered?viewport=${LARGEST}`);
    if (!jpeg) return why;
    const bitmap = await createImageBitmap(jpeg);
    if (this.#told?.id !== image.id) bitmap.close();
    else {
      this.#had?.bitmap.close();
      this.#had = stillOf(image, about, bitmap);
    }
    return "";
  }

  async #list(series) {
    try {
      const answer = await ask("GET", series);
      if (!answer.ok) return answer.message;
      this.#series = { path: series, images: answer.data.images };
      return "";
    } catch (error) {
      if (error instanceof TypeError) return t("marks.offline");
      throw error;
    }
  }

  /** All frames of the series, and which of them is shown. */
  get #frames() {
    const frames = this.#series.images.flatMap((one) => Array.from({ length: one.frames }, (_, frame) => ({ instance: one.instance, frame: frame + 1 })));
    return { frames, at: frames.findIndex((one) => one.instance === this.#told.instance && one.frame === this.#told.frame) };
  }

  #step(by) {
    const { frames, at } = this.#frames;
    const { case: number, item, series } = this.#told;
    if (frames[at + by]) this.marks.say({ k: "image", case: number, item, series, ...frames[at + by] });
  }

  /** Before the sheets are looked for: the picture's tile is there as long as there is a picture. */
  draw() {
    show(this.node, this.#told !== null);
    if (this.#told === null) return this.tile.remove();
    const { n, by = "", leads = false } = this.#told;
    const { still } = this;
    const key = this.#told.id === "" ? "hidden" : still?.bitmap ? "shown" : this.#why ? "fails" : "loading";
    setText(this.words, t(`marks.image-${key}`, { n, by, why: this.#why }));
    const { frames, at } = this.#frames;
    for (const [node, isShown] of [[this.before, leads && at > 0], [this.after, leads && at >= 0 && at < frames.length - 1], [this.where, at >= 0], [this.again, key === "fails"], [this.away, leads]]) show(node, isShown);
    setText(this.where, t("marks.image-at", { n: at + 1, of: frames.length }));
    setText(this.again, t("marks.image-again"));
    setText(this.away, t("marks.image-away"));
    this.before.ariaLabel = t("marks.image-before");
    this.after.ariaLabel = t("marks.image-after");
    setText(this.caption, t("marks.case", { n }));
    if (!still) return this.tile.remove();
    return this.tile.parentNode === this.node || this.node.append(this.tile);
  }

  close() {
    this.#told = null;
    this.#forget();
    this.node.remove();
  }
}

function button(name, act, text = "") {
  return el("button", { type: "button", "data-do": `image-${name}`, onclick: act }, text);
}

/** {jpeg}, or {why} there is none. */
async function picture(address) {
  try {
    const response = await fetch(address, { cache: "no-store" });
    return response.ok ? { jpeg: await response.blob() } : { why: (await response.json()).error.message };
  } catch (error) {
    if (error instanceof TypeError) return { why: t("marks.offline") };
    throw error;
  }
}
