// Draws on a chosen picture: by a pointer from one end to the other, or by the keyboard: arrow keys move a cross
// (with Shift by less), Enter begins and ends, Escape drops what was begun. The laser points wherever the pointer is.
import { simpler } from "./geometry.js";

const SHORTEST = 5;
const STEP = 0.02;
const FINE = 0.004;
const LASER_MS = 40;
const MOST_POINTS = 400;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LINES = ["pen", "arrow", "measure"];

export class Hand {
  tool = "laser";
  line = null;
  cross = null;
  #sheet = null; #at = null; #pointing = null; #listening = null;

  /** `began(kind, points)` while it is drawn, `drew(kind, points)`, `points(at)` the laser, `moved()`: draw again. */
  constructor({ began, drew, points, moved }) {
    Object.assign(this, { began, drew, points, moved });
  }

  /** Draws on this sheet from now on; null: on none. */
  on(sheet) {
    this.#listening?.abort();
    this.drop();
    this.#stop();
    this.#sheet = sheet;
    if (sheet === null) return;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const { canvas } = sheet;
    canvas.addEventListener("pointerdown", (event) => this.#down(event), { signal });
    canvas.addEventListener("pointermove", (event) => this.#move(event), { signal });
    canvas.addEventListener("pointerup", (event) => this.#up(event), { signal });
    canvas.addEventListener("pointercancel", () => this.drop(), { signal });
    canvas.addEventListener("pointerleave", () => this.#stop(), { signal });
    canvas.addEventListener("keydown", (event) => this.#key(event), { signal });
  }

  choose(tool) {
    this.tool = tool;
    this.drop();
    this.#stop();
  }

  /** Forgets what was begun. */
  drop() {
    Object.assign(this, { line: null, cross: null });
    this.moved();
  }

  #place({ offsetX, offsetY }) {
    return this.#sheet.lens().toPicture([offsetX, offsetY]);
  }

  #down(event) {
    if (event.button !== 0) return;
    this.#sheet.canvas.setPointerCapture(event.pointerId);
    this.cross = null;
    const at = this.#place(event);
    if (this.tool === "laser") this.#point(at);
    else if (LINES.includes(this.tool)) this.line = { kind: this.tool, points: [at, at], px: [event.offsetX, event.offsetY], far: 0 };
    this.moved();
  }

  #move(event) {
    const at = this.#place(event);
    if (this.tool === "laser") return this.#point(at);
    if (this.line === null) return undefined;
    this.line.far = Math.max(this.line.far, Math.hypot(event.offsetX - this.line.px[0], event.offsetY - this.line.px[1]));
    this.#to(at);
    return this.moved();
  }

  #to(at) {
    const { line } = this;
    line.points = line.kind === "pen" ? [...line.points, at] : [line.points[0], at];
    this.began(line.kind, short(line));
  }

  #up(event) {
    if (this.tool === "laser") return event.pointerType === "mouse" ? undefined : this.#stop();
    if (!LINES.includes(this.tool)) return this.drew(this.tool, [this.#place(event)]);
    const { line } = this;
    this.line = null;
    if (line && line.far >= SHORTEST) this.drew(line.kind, short(line));
    return this.moved();
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (MOVES[event.key]) this.#step(MOVES[event.key], event.shiftKey ? FINE : STEP);
    else if (event.key === "Enter") this.#enter();
    else if (event.key === "Escape" && (this.line || this.cross)) this.drop();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #step([dx, dy], far) {
    const [x, y] = this.cross ?? [0.5, 0.5];
    const turned = this.#sheet.mirrored ? -dx : dx;
    this.cross = [Math.max(0, Math.min(1, x + turned * far)), Math.max(0, Math.min(1, y + dy * far))];
    if (this.tool === "laser") this.#point(this.cross);
    else if (this.line) this.#to(this.cross);
    this.moved();
  }

  #enter() {
    const at = this.cross ?? [0.5, 0.5];
    this.cross = at;
    if (this.tool === "laser") return this.#stop();
    if (!LINES.includes(this.tool)) return this.drew(this.tool, [at]);
    if (this.line === null) this.line = { kind: this.tool, points: [at], px: [0, 0], far: SHORTEST };
    else if (this.line.points.length > 1) {
      const { line } = this;
      this.line = null;
      this.drew(line.kind, short(line));
    }
    return this.moved();
  }

  /** Again and again while it is there: a pointer that rests is seen, too. */
  #point(at) {
    this.#at = at;
    if (this.#pointing !== null) return;
    this.points(at);
    this.#pointing = setInterval(() => this.points(this.#at), LASER_MS);
  }

  #stop() {
    clearInterval(this.#pointing);
    this.#pointing = null;
  }

  close() {
    this.#listening?.abort();
    this.#stop();
  }
}

/** As few points as show the same line, and never more than are taken. */
function short({ kind, points }) {
  if (kind !== "pen") return points;
  const fewer = simpler(points);
  return fewer.length <= MOST_POINTS ? fewer : simpler(points, 0.01).slice(0, MOST_POINTS);
}
