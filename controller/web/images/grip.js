// What a pointer on the canvas does, by the tool that was chosen.

/** A drag over so many CSS pixels changes the window by its width, the zoom by `e`, the image by one. */
const [WINDOW_PX, ZOOM_PX, SCROLL_PX] = [250, 200, 12];

export class Grip {
  constructor(viewer) {
    Object.assign(this, { viewer, pulled: 0 });
  }

  begin(at) {
    this.pulled = 0;
    if (this.viewer.draws) this.viewer.pen.begin(at);
  }

  drag(at, dx, dy) {
    const { viewer } = this;
    if (viewer.draws) viewer.pen.drag(at);
    else if (viewer.chosen === "window") viewer.changeWindow(dy / WINDOW_PX, dx / WINDOW_PX);
    else if (viewer.chosen === "pan") viewer.pan(dx, dy);
    else if (viewer.chosen === "zoom") viewer.magnify(Math.exp(-dy / ZOOM_PX));
    else if (viewer.chosen === "scroll") this.#pull(dy);
  }

  #pull(dy) {
    this.pulled += dy;
    const steps = Math.trunc(this.pulled / SCROLL_PX);
    this.pulled -= steps * SCROLL_PX;
    if (steps) this.viewer.scroll(steps);
  }

  end(at) {
    if (this.viewer.draws) this.viewer.pen.end(at);
  }

  cancel() {
    this.viewer.pen.drop();
  }

  magnify(factor, at) {
    this.viewer.magnify(factor, at);
  }

  pan(dx, dy) {
    this.viewer.pan(dx, dy);
  }

  scroll(steps) {
    this.viewer.scroll(steps);
  }
}
