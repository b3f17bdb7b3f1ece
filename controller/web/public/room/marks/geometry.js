// Where in a picture a point of its tile is. Points of a picture are [x, y] from 0 to 1, whatever its size is.

/** The part of a box that a picture fills which is shown whole (CSS, object-fit: contain). */
export function fitted(box, picture) {
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  return { left: (box.width - width) / 2, top: (box.height - height) / 2, width, height };
}

const clamp = (value) => Math.max(0, Math.min(1, value));

/** Between a box and the picture in it; `mirrored`: left is right, as one sees oneself. */
export class Lens {
  constructor(box, picture, mirrored = false) {
    Object.assign(this, { ...fitted(box, picture), mirrored });
  }

  toTile([x, y]) {
    return [this.left + (this.mirrored ? 1 - x : x) * this.width, this.top + y * this.height];
  }

  /** What is beside the picture is at its edge. */
  toPicture([px, py]) {
    const x = clamp((px - this.left) / this.width);
    return [round(this.mirrored ? 1 - x : x), round(clamp((py - this.top) / this.height))];
  }
}

const round = (value) => Math.round(value * 1e4) / 1e4;

/** A line's length: in pixels of the picture it was drawn in, and as a part of that picture's height. */
export function lengthOf({ points: [[ax, ay], [bx, by]], size: [width, height] }) {
  const px = Math.hypot((bx - ax) * width, (by - ay) * height);
  return { px, part: px / height };
}

/** mm of a part of the height, by the line of known length that was drawn last on this picture; null: none was. */
export function scaleOf(marks) {
  const known = marks.findLast((one) => one.kind === "measure" && one.mm > 0);
  return known ? known.mm / lengthOf(known).part : null;
}

/** What stands at a measured line: px, the length that was said, or an estimate in mm. */
export function measured(mark, scale) {
  const { px, part } = lengthOf(mark);
  if (mark.mm > 0) return { key: "marks.known", n: mark.mm };
  if (scale === null) return { key: "marks.px", n: px.toFixed(0) };
  return { key: "marks.estimate", n: (part * scale).toFixed(1) };
}

const holds = ([left, top, right, bottom], [x, y]) => left <= x && x <= right && top <= y && y <= bottom;

/** The same on an image of a case: mm where the image says them of both ends, at the detector as it is there, else its
 * pixels. `scale`: {basis, areas: [[left, top, right, bottom (pixels), width, height of a pixel (mm)], …]}. */
export function measuredOn({ rows, columns, scale }, { points }) {
  const [[ax, ay], [bx, by]] = points.map(([x, y]) => [x * columns, y * rows]);
  const area = scale.areas.find((one) => holds(one, [ax, ay]) && holds(one, [bx, by]));
  if (!area) return { key: "marks.px-image", n: Math.hypot(bx - ax, by - ay).toFixed(0) };
  const mm = Math.hypot((bx - ax) * area[4], (by - ay) * area[5]);
  return { key: scale.basis === "detector" ? "marks.mm-detector" : "marks.mm", n: mm.toFixed(1) };
}

/** Fewer points, none of which is further than `apart` from the line that is left (Douglas and Peucker 1973). */
export function simpler(points, apart = 0.002) {
  if (points.length < 3) return points;
  const [first, last] = [points[0], points.at(-1)];
  let [far, at] = [0, 0];
  for (let n = 1; n < points.length - 1; n += 1) {
    const away = fromLine(points[n], first, last);
    if (away > far) [far, at] = [away, n];
  }
  if (far <= apart) return [first, last];
  return [...simpler(points.slice(0, at + 1), apart).slice(0, -1), ...simpler(points.slice(at), apart)];
}

function fromLine([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const long = Math.hypot(dx, dy);
  return long === 0 ? Math.hypot(x - ax, y - ay) : Math.abs(dx * (ay - y) - dy * (ax - x)) / long;
}
