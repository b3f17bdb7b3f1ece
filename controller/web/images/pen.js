// Draws a mark: by a pointer from one end to the other, or by the keyboard with a crosshair and Enter twice.
import { t } from "/public/i18n.js";

const KINDS = ["length", "arrow", "text"];
/** A line shorter than this, in CSS pixels, was a slip. */
const SHORTEST = 4;

export class Pen {
  /** `viewer` has lens, shown, controls, add(mark), say(words), draw(). */
  constructor(viewer) {
    Object.assign(this, { viewer, kind: null, line: null, cross: null });
  }

  choose(tool) {
    this.kind = KINDS.includes(tool) ? tool : null;
    this.drop();
  }

  /** Forgets what was begun. */
  drop() {
    Object.assign(this, { line: null, cross: null, here: null });
    this.viewer.draw();
  }

  /** The line that is being drawn, if it is on `here`. */
  pending(here) {
    return this.line && this.here === here ? [this.line] : [];
  }

  #point(at) {
    return this.viewer.lens.within(this.viewer.lens.toImage(at));
  }

  begin(at) {
    this.cross = null;
    this.#begin(this.#point(at));
  }

  #begin(point) {
    this.here = this.viewer.shown?.now ?? null;
    this.line = this.here && this.kind !== "text" ? { kind: this.kind, begin: point, end: point } : null;
    this.viewer.draw();
  }

  drag(at) {
    if (this.line) this.line.end = this.#point(at);
    this.viewer.draw();
  }

  end(at) {
    if (this.kind === "text") this.#write(this.#point(at));
    else this.#end();
  }

  #end() {
    const { line, here, viewer } = this;
    this.line = null;
    if (!line || here !== viewer.shown?.now) return viewer.draw();
    const [begin, end] = [viewer.lens.toCanvas(line.begin), viewer.lens.toCanvas(line.end)];
    if (Math.hypot(end[0] - begin[0], end[1] - begin[1]) < SHORTEST) return viewer.draw();
    viewer.add(line);
  }

  #write(point) {
    const { words } = this.viewer.controls;
    const text = words.value.trim();
    if (!this.viewer.shown?.now) return;
    if (!text) {
      this.viewer.say(t("images.write-first"));
      words.focus();
      return;
    }
    this.viewer.say("");
    this.viewer.add({ kind: "text", at: point, text });
  }

  /** By pixels of the image; it begins in the middle. */
  moveCross(dx, dy) {
    const { lens } = this.viewer;
    const [x, y] = this.cross ?? [Math.floor(lens.columns / 2), Math.floor(lens.rows / 2)];
    this.cross = lens.within(this.cross ? [x + dx, y + dy] : [x, y]);
    if (this.line) this.line.end = this.cross;
    this.viewer.draw();
  }

  placeCross() {
    if (!this.cross) return this.moveCross(0, 0);
    if (this.kind === "text") return this.#write(this.cross);
    if (this.line) this.#end();
    else this.#begin(this.cross);
  }
}
