// A label pinned to the scene. Points about it are followed from picture to picture, those that do not come back
// are dropped (forward-backward check, Kalal 2010), and it moves by the median of the others. Against drift the place
// is put right by how alike it is to the patch that the label was pinned with, which travels with the label: who
// comes late looks for the same patch.
import { COMPARED, alike, corners, follow, pyramid } from "./flow.js";

/** Half the side of a patch; one pixel more than is compared on each side, and some. */
export const RADIUS = 24;
export const SIDE = 2 * RADIUS + 1;
const AROUND = 32;
const POINTS = 24;
const LEAST_POINTS = 6;
const BACK_PX = 0.8;
const SURE = 0.7;
const LOST = 0.4;
const FOUND = 0.55;
/** What is found again has to be more like it than what is followed, and no other place nearly as much: stripes are. */
const FOUND_AGAIN = 0.78;
const ALONE = 0.12;
const APART = 12;
const NEAR = 48;
const WHOLE_EVERY = 10;
const PLAIN = 4;
/** So many pictures in a row it may look half like its patch. */
const MOST_UNSURE = 8;

/** The square of `picture` about a point: {width, height, data}; beyond the edge, the edge. */
export function patchOf({ width, height, data }, x, y) {
  const out = new Uint8Array(SIDE * SIDE);
  for (let v = 0; v < SIDE; v += 1) {
    for (let u = 0; u < SIDE; u += 1) {
      const px = Math.max(0, Math.min(width - 1, Math.round(x) + u - RADIUS));
      const py = Math.max(0, Math.min(height - 1, Math.round(y) + v - RADIUS));
      out[v * SIDE + u] = data[py * width + px];
    }
  }
  return { width: SIDE, height: SIDE, data: out };
}

/** Whether there is too little in it to be found again: the grey values hardly differ. */
export function isPlain({ data }) {
  const mean = data.reduce((sum, one) => sum + one, 0) / data.length;
  return Math.sqrt(data.reduce((sum, one) => sum + (one - mean) ** 2, 0) / data.length) < PLAIN;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

export class Pin {
  #before = null; #points = []; #good; #missed = 0; #unsure = 0;
  lost = true;

  /** `x`, `y`: where it was pinned, in pixels of the pictures that it will be shown. */
  constructor(patch, x, y) {
    Object.assign(this, { patch, x, y });
    this.#good = { x, y };
  }

  /** The next picture. While `lost`, x and y are where it was last sure of. */
  step(picture) {
    const before = this.#before;
    this.#before = pyramid(picture);
    if (this.lost) this.#search();
    else this.#flow(before);
    return this;
  }

  #flow(before) {
    const moved = { x: [], y: [] };
    this.#points = this.#points.flatMap((point) => {
      const to = follow(before, this.#before, point.x, point.y);
      const back = to && follow(this.#before, before, to.x, to.y);
      if (!back || Math.hypot(back.x - point.x, back.y - point.y) > BACK_PX) return [];
      moved.x.push(to.x - point.x);
      moved.y.push(to.y - point.y);
      return [to];
    });
    if (this.#points.length >= LEAST_POINTS) this.#to(this.x + median(moved.x), this.y + median(moved.y));
    const best = this.#best(3, 1);
    if (best.alike > SURE) this.#hold(this.x + best.u / 2, this.y + best.v / 2);
    else if (best.alike < LOST || (this.#unsure += 1) > MOST_UNSURE) this.#lose();
  }

  #to(x, y) {
    Object.assign(this, { x, y });
  }

  #lose() {
    this.lost = true;
    this.#missed = 0;
    this.#to(this.#good.x, this.#good.y);
  }

  /** New points only while it is sure: else it would follow the arm that is before it. */
  #hold(x, y) {
    this.#to(x, y);
    this.#good = { x, y };
    this.#unsure = 0;
    if (this.#points.length < POINTS / 2) this.#points = corners(this.#before[0], x, y, AROUND, POINTS);
  }

  /** Around where it was last; in all of the picture now and then. */
  #search() {
    const near = this.#best(NEAR, 3);
    const coarse = near.alike < FOUND && this.#missed++ % WHOLE_EVERY === 0 ? this.#anywhere() : near;
    if (coarse.alike < FOUND || !coarse.isAlone) return;
    this.#to(this.x + coarse.u, this.y + coarse.v);
    const fine = this.#best(3, 1);
    if (fine.alike < FOUND_AGAIN) return this.#to(this.#good.x, this.#good.y);
    this.lost = false;
    this.#points = [];
    this.#hold(this.x + fine.u, this.y + fine.v);
  }

  #best(reach, step) {
    return this.#among(this.x - reach, this.x + reach, this.y - reach, this.y + reach, step);
  }

  #anywhere() {
    const { width, height } = this.#before[0];
    return this.#among(COMPARED, width - COMPARED, COMPARED, height - COMPARED, 4);
  }

  /** How far, and how alike, the place is that is most like the patch; `isAlone`: no other place is nearly as much. */
  #among(left, right, top, bottom, step) {
    const seen = [];
    for (let y = top; y <= bottom; y += step) {
      for (let x = left; x <= right; x += step) seen.push({ alike: alike(this.patch, this.#before[0], x, y), u: x - this.x, v: y - this.y });
    }
    const best = seen.reduce((a, b) => (b.alike > a.alike ? b : a), { alike: -1, u: 0, v: 0 });
    const isRival = (one) => one.alike > best.alike - ALONE && Math.hypot(one.u - best.u, one.v - best.v) > APART;
    return { ...best, isAlone: !seen.some(isRival) };
  }
}
