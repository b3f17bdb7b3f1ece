// Plays a series or a cine, no faster than pictures come: each frame that is due and cannot be had is left out.

/** Without a time of the image's own, and the least, ms. */
const [USUAL_MS, LEAST_MS] = [100, 50];

export class Cine {
  /** `viewer` has now, pictures, stack, scroll(steps), controls. */
  constructor(viewer) {
    Object.assign(this, { viewer, timer: null });
  }

  get playing() {
    return this.timer !== null;
  }

  toggle() {
    if (this.playing) return this.stop();
    const { now, stack } = this.viewer;
    if (!now || stack.length < 2) return;
    this.timer = setInterval(() => this.#step(), Math.max(now.image.frame_ms ?? USUAL_MS, LEAST_MS));
    this.viewer.draw();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.viewer.draw();
  }

  #step() {
    const { stack, pictures } = this.viewer;
    if (!stack) return this.stop();
    if (!pictures.busy) this.viewer.scroll(stack.at === stack.length - 1 ? -stack.at : 1);
  }
}
