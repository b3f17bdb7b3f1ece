// Where an image lies on the canvas. Points of the image are in its pixels, those of the canvas in CSS pixels.

const [LEAST, MOST] = [0.2, 32];

export class Lens {
  constructor() {
    Object.assign(this, { width: 1, height: 1, columns: 1, rows: 1, aspect: 1 });
    this.fit();
  }

  /** The whole image, in the middle. */
  fit() {
    Object.assign(this, { zoom: 1, x: 0, y: 0 });
  }

  /** CSS pixels of the canvas for the width of one of the image. */
  get scale() {
    return Math.min(this.width / this.columns, this.height / (this.rows * this.aspect)) * this.zoom;
  }

  /** The same for its height: `aspect` is its height by its width. */
  get scaleY() {
    return this.scale * this.aspect;
  }

  get left() {
    return (this.width - this.columns * this.scale) / 2 + this.x;
  }

  get top() {
    return (this.height - this.rows * this.scaleY) / 2 + this.y;
  }

  toCanvas([x, y]) {
    return [this.left + x * this.scale, this.top + y * this.scaleY];
  }

  toImage([x, y]) {
    return [(x - this.left) / this.scale, (y - this.top) / this.scaleY];
  }

  /** A point that is in the image: the nearest. */
  within([x, y]) {
    return [Math.min(Math.max(x, 0), this.columns), Math.min(Math.max(y, 0), this.rows)];
  }

  move(dx, dy) {
    this.x += dx;
    this.y += dy;
  }

  /** `factor` times as large, with what is under `at` staying there. */
  magnify(factor, at = [this.width / 2, this.height / 2]) {
    const held = this.toImage(at);
    this.zoom = Math.min(Math.max(this.zoom * factor, LEAST), MOST);
    const [x, y] = this.toCanvas(held);
    this.move(at[0] - x, at[1] - y);
  }
}
