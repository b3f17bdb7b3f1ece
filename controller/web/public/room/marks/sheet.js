// What lies over the picture of one seat: a canvas on which marks are drawn, and a button that chooses the picture.
import { el, setText, show } from "/screen/dom.js";
import { Lens } from "./geometry.js";
import { paint } from "./paint.js";
import { ROOM } from "/public/room/signal.js";
import { t } from "./words.js";

export class Sheet {
  still = null;

  /** `choose()`: a person wants to draw on it. */
  constructor(tile, seat, choose) {
    Object.assign(this, { tile, seat });
    this.canvas = el("canvas", { class: "sheet", tabindex: "-1", role: "img" });
    this.opener = el("button", { type: "button", class: "draw-on", onclick: choose });
    this.badge = el("p", { class: "frozen", hidden: true });
    tile.querySelector("figcaption").before(this.canvas, this.badge, this.opener);
    this.resized = new ResizeObserver(() => this.onresize?.());
    this.resized.observe(tile);
  }

  get video() {
    return this.tile.querySelector("video:not([hidden])");
  }

  /** The size of what is shown, in its own pixels; null: nothing is yet. */
  get size() {
    if (this.still?.size) return this.still.size;
    if (this.still?.bitmap) return { width: this.still.bitmap.width, height: this.still.bitmap.height };
    const { videoWidth: width = 0, videoHeight: height = 0 } = this.video ?? {};
    return width > 0 ? { width, height } : null;
  }

  /** One sees oneself as in a mirror, but not what a camera at the back of a tablet shows. */
  get mirrored() {
    return this.tile.classList.contains("me") && !this.tile.classList.contains("outward");
  }

  lens() {
    const box = { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
    return new Lens(box, this.size ?? { width: 16, height: 9 }, this.mirrored);
  }

  draw(name, isChosen, words) {
    setText(this.opener, isChosen ? t("marks.done") : t("marks.draw"));
    this.opener.ariaLabel = t(isChosen ? "marks.done-on" : "marks.draw-on", { name });
    this.opener.ariaPressed = String(isChosen);
    this.canvas.ariaLabel = words;
    this.canvas.tabIndex = isChosen ? 0 : -1;
    this.tile.classList.toggle("chosen", isChosen);
    const isFrozen = this.still !== null && this.seat !== ROOM;
    show(this.badge, isFrozen);
    setText(this.badge, isFrozen ? t("marks.frozen", { name: this.still.name }) : "");
  }

  paint(scene) {
    const { canvas } = this;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = canvas.getContext("2d");
    const lens = this.lens();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    if (this.still) this.#frozen(pen, lens);
    paint(pen, lens, scene);
  }

  #frozen(pen, lens) {
    pen.fillStyle = "#000";
    pen.fillRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    if (!this.still.bitmap) return;
    pen.save();
    if (lens.mirrored) {
      pen.translate(2 * lens.left + lens.width, 0);
      pen.scale(-1, 1);
    }
    pen.drawImage(this.still.bitmap, lens.left, lens.top, lens.width, lens.height);
    pen.restore();
  }

  close() {
    this.resized.disconnect();
    this.canvas.remove();
    this.badge.remove();
    this.opener.remove();
  }
}
