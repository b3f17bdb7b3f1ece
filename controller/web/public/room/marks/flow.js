// How a small part of a picture moves to the next one: pyramidal Lucas–Kanade (Bouguet 2000), corners worth
// following (Shi and Tomasi 1994), and how alike two places are (normalised cross-correlation, −1 to 1).
// A picture is {width, height, data}: grey, a number 0 to 255 a pixel.

const LEVELS = 3;
const HALF = 5;
const SIDE = 2 * HALF + 1;
const AREA = SIDE * SIDE;
const TURNS = 8;
const STILL = 1e-3;
/** Every second pixel is compared: half the side of the square, in pixels. */
export const COMPARED = 20;

/** `rgba`: as ImageData.data has it. ITU-R BT.601's weights. */
export function grey(rgba, width, height) {
  const data = new Float32Array(width * height);
  for (let i = 0, j = 0; i < data.length; i += 1, j += 4) data[i] = 0.299 * rgba[j] + 0.587 * rgba[j + 1] + 0.114 * rgba[j + 2];
  return { width, height, data };
}

function halved({ width, height, data }) {
  const half = { width: width >> 1, height: height >> 1 };
  const out = new Float32Array(half.width * half.height);
  for (let y = 0; y < half.height; y += 1) {
    for (let x = 0; x < half.width; x += 1) {
      const at = 2 * y * width + 2 * x;
      out[y * half.width + x] = (data[at] + data[at + 1] + data[at + width] + data[at + width + 1]) / 4;
    }
  }
  return { ...half, data: out };
}

/** The picture, its half, its quarter. */
export function pyramid(picture) {
  const levels = [picture];
  while (levels.length < LEVELS) levels.push(halved(levels.at(-1)));
  return levels;
}

/** Between pixels; beyond the edge, the edge. */
function valueAt({ width, height, data }, x, y) {
  const cx = Math.max(0, Math.min(width - 1.001, x));
  const cy = Math.max(0, Math.min(height - 1.001, y));
  const [ix, iy] = [cx | 0, cy | 0];
  const [fx, fy, at] = [cx - ix, cy - iy, iy * width + ix];
  return (data[at] * (1 - fx) + data[at + 1] * fx) * (1 - fy) + (data[at + width] * (1 - fx) + data[at + width + 1] * fx) * fy;
}

const window_ = { grey: new Float32Array(AREA), gx: new Float32Array(AREA), gy: new Float32Array(AREA) };

/** The square about a point, its slopes, and their products' sums; null: nothing there to hold on to. */
function slopes(picture, x, y) {
  const { grey: values, gx, gy } = window_;
  let [xx, xy, yy, n] = [0, 0, 0, 0];
  for (let v = -HALF; v <= HALF; v += 1) {
    for (let u = -HALF; u <= HALF; u += 1, n += 1) {
      values[n] = valueAt(picture, x + u, y + v);
      gx[n] = (valueAt(picture, x + u + 1, y + v) - valueAt(picture, x + u - 1, y + v)) / 2;
      gy[n] = (valueAt(picture, x + u, y + v + 1) - valueAt(picture, x + u, y + v - 1)) / 2;
      xx += gx[n] * gx[n];
      xy += gx[n] * gy[n];
      yy += gy[n] * gy[n];
    }
  }
  const det = xx * yy - xy * xy;
  return det < STILL * AREA * AREA ? null : { xx, xy, yy, det };
}

/** One level: from the guess `moved` to where the square is. */
function refined(picture, x, y, moved, { xx, xy, yy, det }) {
  const { grey: values, gx, gy } = window_;
  for (let turn = 0; turn < TURNS; turn += 1) {
    let [bx, by, n] = [0, 0, 0];
    for (let v = -HALF; v <= HALF; v += 1) {
      for (let u = -HALF; u <= HALF; u += 1, n += 1) {
        const apart = values[n] - valueAt(picture, x + u + moved.x, y + v + moved.y);
        bx += apart * gx[n];
        by += apart * gy[n];
      }
    }
    const [sx, sy] = [(yy * bx - xy * by) / det, (xx * by - xy * bx) / det];
    moved.x += sx;
    moved.y += sy;
    if (sx * sx + sy * sy < STILL) return;
  }
}

/** Where the point of pyramid `from` is in `to`; null: nothing there to hold on to. */
export function follow(from, to, x, y) {
  const moved = { x: 0, y: 0 };
  for (let level = LEVELS - 1; level >= 0; level -= 1) {
    const [px, py] = [x / 2 ** level, y / 2 ** level];
    const sums = slopes(from[level], px, py);
    if (sums === null) return null;
    refined(to[level], px, py, moved, sums);
    if (level > 0) {
      moved.x *= 2;
      moved.y *= 2;
    }
  }
  return { x: x + moved.x, y: y + moved.y };
}

/** The `count` points within `radius` that are followed best: by the smaller eigenvalue of their slopes. */
export function corners(picture, x, y, radius, count) {
  const found = [];
  for (let v = -radius; v <= radius; v += 4) {
    for (let u = -radius; u <= radius; u += 4) found.push({ x: x + u, y: y + v, worth: worth(picture, x + u, y + v) });
  }
  return found.toSorted((a, b) => b.worth - a.worth).slice(0, count);
}

function worth(picture, x, y) {
  let [xx, xy, yy] = [0, 0, 0];
  for (let q = -2; q <= 2; q += 1) {
    for (let p = -2; p <= 2; p += 1) {
      const gx = valueAt(picture, x + p + 1, y + q) - valueAt(picture, x + p - 1, y + q);
      const gy = valueAt(picture, x + p, y + q + 1) - valueAt(picture, x + p, y + q - 1);
      xx += gx * gx;
      xy += gx * gy;
      yy += gy * gy;
    }
  }
  return (xx + yy) / 2 - Math.sqrt(((xx - yy) / 2) ** 2 + xy * xy);
}

/** How alike the middle of `patch` and the place in `picture` are, which is turned and larger by `pose`: the cosine and
 * the sine of the angle, each times the scale. */
export function alike(patch, picture, x, y, [cos, sin] = [1, 0]) {
  const middle = patch.width >> 1;
  let [sa, sb, aa, bb, ab, n] = [0, 0, 0, 0, 0, 0];
  for (let v = -COMPARED; v <= COMPARED; v += 2) {
    for (let u = -COMPARED; u <= COMPARED; u += 2, n += 1) {
      const p = patch.data[(middle + v) * patch.width + middle + u];
      const q = valueAt(picture, x + cos * u - sin * v, y + sin * u + cos * v);
      sa += p;
      sb += q;
      aa += p * p;
      bb += q * q;
      ab += p * q;
    }
  }
  return (ab - (sa * sb) / n) / Math.sqrt((aa - (sa * sa) / n) * (bb - (sb * sb) / n) + 1e-9);
}

/** How alike the middle of a patch, of half that side, is to the place (u, v) pixels from it. */
export function alikeWithin({ width, data }, u, v, half) {
  const at = (width >> 1) * width + (width >> 1);
  let [sa, sb, aa, bb, ab, n] = [0, 0, 0, 0, 0, 0];
  for (let y = -half; y <= half; y += 1) {
    for (let x = -half; x <= half; x += 1, n += 1) {
      const [p, q] = [data[at + y * width + x], data[at + (y + v) * width + x + u]];
      sa += p;
      sb += q;
      aa += p * p;
      bb += q * q;
      ab += p * q;
    }
  }
  return (ab - (sa * sb) / n) / Math.sqrt((aa - (sa * sa) / n) * (bb - (sb * sb) / n) + 1e-9);
}
