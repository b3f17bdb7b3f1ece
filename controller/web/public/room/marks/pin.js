// A label pinned to the scene. Points about it are followed from picture to picture, those that do not come back
// are dropped (forward-backward check, Kalal 2010), and it moves, turns and grows as the others do. Against drift place
// and turn are put right by how alike they are to the patch that the label was pinned with, which travels with the
// label: who comes late looks for the same patch.
import { COMPARED, alike, alikeWithin, corners, follow, pyramid } from "./flow.js";

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
/** An edge looks the same further along it: a square of half that side, shifted so far, may be so much like itself. */
const [EDGE_HALF, EDGE_PX, EDGE] = [15, 9, 0.8];
/** By so much turn and scale are put right at a time, and between these it is still the same view. */
const [NUDGE, SMALLEST, LARGEST] = [0.015, 0.6, 1.7];
/** When it is lost, by how much it may have turned meanwhile, radians. */
const TURNS = [0, 0.2, -0.2].map((angle) => [Math.cos(angle), Math.sin(angle)]);
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

/** Whether there is too little in it to be found again: the grey values hardly differ, or it is one long edge. */
export function isPlain(patch) {
  const { data } = patch;
  const mean = data.reduce((sum, one) => sum + one, 0) / data.length;
  const spread = Math.sqrt(data.reduce((sum, one) => sum + (one - mean) ** 2, 0) / data.length);
  return spread < PLAIN || likenessAlong(patch) > EDGE;
}

/** How alike its middle is to what lies EDGE_PX from there, in the direction in which it is most. */
function likenessAlong(patch) {
  const ways = Array.from({ length: 8 }, (_, n) => (n * Math.PI) / 8).map((angle) => [Math.cos(angle), Math.sin(angle)]);
  return Math.max(...ways.map(([x, y]) => alikeWithin(patch, Math.round(EDGE_PX * x), Math.round(EDGE_PX * y), EDGE_HALF)));
}

const times = ([a, b], [c, d]) => [a * c - b * d, a * d + b * c];

/** By how much pairs of points turned and grew together, as times() takes it: least squares (Umeyama 1991). */
function turned(pairs) {
  const mean = (of) => pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length;
  const [fx, fy, tx, ty] = [mean(({ point }) => point.x), mean(({ point }) => point.y), mean(({ to }) => to.x), mean(({ to }) => to.y)];
  let [cos, sin, far] = [0, 0, 1e-9];
  for (const { point, to } of pairs) {
    const [px, py, qx, qy] = [point.x - fx, point.y - fy, to.x - tx, to.y - ty];
    cos += px * qx + py * qy;
    sin += px * qy - py * qx;
    far += px * px + py * py;
  }
  return [cos / far, sin / far];
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

export class Pin {
  #before = null; #points = []; #good; #pose = [1, 0]; #missed = 0; #unsure = 0;
  lost = true;

  /** `x`, `y`: where it was pinned, in pixels of the pictures that it will be shown. */
  constructor(patch, x, y) {
    Object.assign(this, { patch, x, y });
    this.#good = { x, y, pose: this.#pose };
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
    const pairs = this.#points.flatMap((point) => {
      const to = follow(before, this.#before, point.x, point.y);
      const back = to && follow(this.#before, before, to.x, to.y);
      return !back || Math.hypot(back.x - point.x, back.y - point.y) > BACK_PX ? [] : [{ point, to }];
    });
    this.#points = pairs.map(({ to }) => to);
    if (pairs.length >= LEAST_POINTS) this.#move(pairs);
    const best = this.#best(3, 1);
    if (best.alike > SURE) this.#hold(this.x + best.u / 2, this.y + best.v / 2);
    else if (best.alike < LOST || (this.#unsure += 1) > MOST_UNSURE) this.#lose();
  }

  /** As the points do: turned about themselves, and by the median of where each of them puts the label. */
  #move(pairs) {
    const turn = turned(pairs);
    const places = pairs.map(({ point, to }) => {
      const [u, v] = times(turn, [this.x - point.x, this.y - point.y]);
      return { x: to.x + u, y: to.y + v };
    });
    this.#to(median(places.map(({ x }) => x)), median(places.map(({ y }) => y)));
    this.#pose = times(turn, this.#pose);
  }

  #to(x, y) {
    Object.assign(this, { x, y });
  }

  #lose() {
    this.lost = true;
    this.#missed = 0;
    return this.#back();
  }

  #back() {
    this.#to(this.#good.x, this.#good.y);
    this.#pose = this.#good.pose;
  }

  /** New points only while it is sure: else it would follow the arm that is before it. */
  #hold(x, y) {
    this.#to(x, y);
    this.#upright();
    this.#good = { x, y, pose: this.#pose };
    this.#unsure = 0;
    if (this.#points.length < POINTS / 2) this.#points = corners(this.#before[0], x, y, AROUND, POINTS);
  }

  /** Turn and scale, put right by a little. */
  #upright() {
    const near = [[1, 0], [1, NUDGE], [1, -NUDGE], [1 + NUDGE, 0], [1 - NUDGE, 0]].map((by) => times(by, this.#pose));
    const worth = near.map((pose) => alike(this.patch, this.#before[0], this.x, this.y, pose));
    this.#pose = near[worth.indexOf(Math.max(...worth))];
    if (!(Math.hypot(...this.#pose) > SMALLEST && Math.hypot(...this.#pose) < LARGEST)) this.#lose();
  }

  /** Around where it was last; in all of the picture now and then. */
  #search() {
    const near = this.#turned(() => this.#best(NEAR, 3));
    const isFar = near.alike < FOUND && this.#missed++ % WHOLE_EVERY === 0;
    const coarse = isFar ? this.#turned(() => this.#anywhere()) : near;
    if (coarse.alike < FOUND || !coarse.isAlone) return this.#back();
    this.#to(this.x + coarse.u, this.y + coarse.v);
    this.#pose = coarse.pose;
    this.#upright();
    const fine = this.#best(3, 1);
    if (fine.alike < FOUND_AGAIN) return this.#back();
    this.lost = false;
    this.#points = [];
    return this.#hold(this.x + fine.u, this.y + fine.v);
  }

  /** What `look()` finds by the turn by which it finds the most alike. */
  #turned(look) {
    const found = TURNS.map((turn) => {
      this.#pose = times(turn, this.#good.pose);
      return { ...look(), pose: this.#pose };
    });
    return found.reduce((a, b) => (b.alike > a.alike ? b : a));
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
      for (let x = left; x <= right; x += step) seen.push({ alike: alike(this.patch, this.#before[0], x, y, this.#pose), u: x - this.x, v: y - this.y });
    }
    const best = seen.reduce((a, b) => (b.alike > a.alike ? b : a), { alike: -1, u: 0, v: 0 });
    const isRival = (one) => one.alike > best.alike - ALONE && Math.hypot(one.u - best.u, one.v - best.v) > APART;
    return { ...best, isAlone: !seen.some(isRival) };
  }
}
