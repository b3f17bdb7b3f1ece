// Draws every waveform of the page: one animation frame for all, each frame only what is new.
import { WINDOW_MS } from "./waveform.js";
import { onTheme } from "./theme.js";

const GAP_MS = 260;
const CALM_MS = 1_000;
/** A trace on a canvas narrower than this moves by less than a pixel from one frame (1/60 s) to the next. */
const SLOW_WIDTH = WINDOW_MS * 60 / 1000;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** One canvas with a trace that runs from left to right, wiping the oldest before it. */
class Sweep {
  constructor(canvas, waveform) {
    this.canvas = canvas;
    this.pen = canvas.getContext("2d");
    this.waveform = waveform;
    this.visible = true;
    this.drawn = null;
    this.at = null;
  }

  resize(box) {
    const scale = devicePixelRatio;
    this.canvas.width = Math.max(1, Math.round(box.width * scale));
    this.canvas.height = Math.max(1, Math.round(box.height * scale));
    this.restyle();
  }

  restyle() {
    this.pen.strokeStyle = getComputedStyle(this.canvas).color;
    this.pen.lineWidth = 1.8 * devicePixelRatio;
    this.pen.lineJoin = this.pen.lineCap = "round";
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.at = null;
    if (this.drawn !== null) this.drawn = Math.max(this.drawn - WINDOW_MS + 2 * GAP_MS, 0);
  }

  x(time) {
    return ((time % WINDOW_MS) / WINDOW_MS) * this.canvas.width;
  }

  y(height) {
    const { height: pixels } = this.canvas;
    return pixels * (0.92 - 0.84 * height);
  }

  wipe(from, to) {
    const { width, height } = this.canvas;
    const left = this.x(from);
    const span = Math.min(((to - from) / WINDOW_MS) * width, width);
    this.pen.clearRect(left, 0, span, height);
    if (left + span > width) this.pen.clearRect(0, 0, left + span - width, height);
  }

  draw(now) {
    const head = this.waveform.playhead(now);
    const from = Math.max(this.drawn ?? head, head - WINDOW_MS + GAP_MS);
    if (head <= from) {
      this.drawn ??= head;
      return;
    }
    this.wipe(from + (this.drawn === null ? 0 : 1), head + GAP_MS);
    this.trace(from, head);
    this.drawn = head;
  }

  trace(from, head) {
    let last = this.at;
    this.pen.beginPath();
    this.waveform.between(from, head, (time, height, joined) => {
      const point = { x: this.x(time), y: this.y(height), time };
      const whole = joined && last && last.x <= point.x && time - last.time < WINDOW_MS / 2;
      if (whole) this.pen.moveTo(last.x, last.y);
      else this.pen.moveTo(point.x, point.y);
      this.pen.lineTo(point.x, point.y);
      last = point;
    });
    this.pen.stroke();
    this.at = last;
  }
}

/** All sweeps of the page. */
export class Sweeps {
  /** `clock.now()` is the controller's time. */
  constructor(clock) {
    this.clock = clock;
    this.all = new Map();
    this.last = 0;
    this.odd = false;
    this.sizes = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) this.all.get(target)?.resize(contentRect);
    });
    this.sights = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.#seen(target, isIntersecting);
    });
    onTheme(() => {
      for (const sweep of this.all.values()) sweep.restyle();
    });
    requestAnimationFrame(this.frame);
  }

  add(canvas, waveform) {
    this.all.set(canvas, new Sweep(canvas, waveform));
    this.sizes.observe(canvas);
    this.sights.observe(canvas);
  }

  /** Forgets the canvases that have left the page. */
  prune() {
    for (const canvas of this.all.keys()) {
      if (canvas.isConnected) continue;
      this.all.delete(canvas);
      this.sizes.unobserve(canvas);
      this.sights.unobserve(canvas);
    }
  }

  #seen(canvas, visible) {
    const sweep = this.all.get(canvas);
    if (sweep) sweep.visible = visible;
  }

  frame = (at) => {
    requestAnimationFrame(this.frame);
    if (!this.clock.known || (calm.matches && at - this.last < CALM_MS)) return;
    this.last = at;
    const now = this.clock.now();
    for (const sweep of this.#due()) sweep.draw(now);
  };

  /** Of slow traces the upper and the lower half of the wall in turn: half as much changes in each frame. */
  #due() {
    const seen = [...this.all.values()].filter((sweep) => sweep.visible);
    const slow = seen.filter((sweep) => sweep.canvas.width < SLOW_WIDTH);
    if (calm.matches || slow.length < 2) return seen;
    this.odd = !this.odd;
    const half = Math.ceil(slow.length / 2);
    const quick = seen.filter((sweep) => sweep.canvas.width >= SLOW_WIDTH);
    return [...quick, ...(this.odd ? slow.slice(0, half) : slow.slice(half))];
  }
}
