// What the tests of pinned labels show: a scene that moves before a camera, made up or a photograph, in light that
// changes, and an arm that covers it.
import { readFileSync } from "node:fs";
import { Pin, isPlain, patchOf } from "../../../../../controller/web/public/room/marks/pin.js";

const [WIDTH, HEIGHT] = [320, 180];

/** The same numbers each time. */
function dice(seed) {
  let state = seed;
  return () => ((state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32);
}

const [WIDE, HIGH, MARGIN] = [480, 340, 80];

/** Blobs of different size and brightness: a wound, a machine's front, whatever has detail. */
function scene(seed) {
  const draw = dice(seed);
  const data = new Float32Array(WIDE * HIGH).fill(128);
  for (let n = 0; n < 900; n += 1) {
    const [bx, by, r, g] = [draw() * WIDE, draw() * HIGH, 1.5 + draw() * 8, draw() * 140 - 70];
    for (let y = Math.max(0, Math.ceil(by - 3 * r)); y < Math.min(HIGH, by + 3 * r); y += 1) {
      for (let x = Math.max(0, Math.ceil(bx - 3 * r)); x < Math.min(WIDE, bx + 3 * r); x += 1) data[y * WIDE + x] += g * Math.exp(-((x - bx) ** 2 + (y - by) ** 2) / (r * r));
    }
  }
  return valueIn(data);
}

/** A photograph: WIDE by HIGH grey bytes of a file. */
const photograph = (path) => valueIn(readFileSync(path));

/** Its value anywhere. */
function valueIn(data) {
  return (x, y) => {
    const [cx, cy] = [Math.max(0, Math.min(WIDE - 1.01, x + MARGIN)), Math.max(0, Math.min(HIGH - 1.01, y + MARGIN))];
    const [ix, iy] = [cx | 0, cy | 0];
    const [fx, fy, at] = [cx - ix, cy - iy, iy * WIDE + ix];
    return (data[at] * (1 - fx) + data[at + 1] * fx) * (1 - fy) + (data[at + WIDE] * (1 - fx) + data[at + WIDE + 1] * fx) * fy;
  };
}

/** How the camera has moved by picture `n`: [dx, dy, turn]. */
function path(n, { reach, turn }) {
  return [reach * Math.sin(n / 17), reach * 0.6 * Math.sin(n / 23), turn * Math.sin(n / 31)];
}

function shot(value, n, motion, draw, isCovered) {
  const [dx, dy, turn] = path(n, motion);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const data = new Float32Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const [cx, cy] = [x - WIDTH / 2 - dx, y - HEIGHT / 2 - dy];
      const seen = isCovered && x > 90 ? 90 + 60 * Math.sin((x + 3 * n) / 9) : value(cos * cx + sin * cy + WIDTH / 2, -sin * cx + cos * cy + HEIGHT / 2);
      data[y * WIDTH + x] = clip(lit(seen, n, x, motion.light) + motion.noise * (draw() - 0.5));
    }
  }
  return { width: WIDTH, height: HEIGHT, data };
}

const clip = (value) => Math.max(0, Math.min(255, value));

/** A lamp that is turned up and down, and a window on one side: `light` 0.3 is 30 % more and less. */
function lit(value, n, x, light) {
  return value * (1 + light * Math.sin(n / 13) + light * (x / WIDTH - 0.5) * Math.sin(n / 29)) + 40 * light * Math.sin(n / 41);
}

/** Where the point that is in the middle of the first picture is now. */
function truth(n, motion, [px, py]) {
  const [dx, dy, turn] = path(n, motion);
  const [x, y] = [px - WIDTH / 2, py - HEIGHT / 2];
  return [Math.cos(turn) * x - Math.sin(turn) * y + WIDTH / 2 + dx, Math.sin(turn) * x + Math.cos(turn) * y + HEIGHT / 2 + dy];
}

/** Follows one label through `count` pictures, of which `covered` are hidden; errors in px, and when it was lost. */
export function film({ count = 120, seed = 7, reach = 30, turn = 0, noise = 6, covered = [0, 0], late = 0, light = 0, picture = "", at = [170, 95] }) {
  const [value, draw, motion] = [picture ? photograph(picture) : scene(seed), dice(seed + 1), { reach, turn, noise, light }];
  const first = shot(value, 0, motion, draw, false);
  const pin = new Pin(patchOf(first, ...at), ...at);
  const [errors, lost] = [[], []];
  for (let n = late; n < count; n += 1) {
    pin.step(shot(value, n, motion, draw, n >= covered[0] && n < covered[1]));
    const [x, y] = truth(n, motion, at);
    if (pin.lost) lost.push(n);
    else errors.push(Math.hypot(pin.x - x, pin.y - y));
  }
  errors.sort((a, b) => a - b);
  return { median: errors[errors.length >> 1], worst: errors.at(-1), lost, followed: errors.length };
}

export function plain(level, noise) {
  const draw = dice(3);
  const data = Float32Array.from({ length: WIDTH * HEIGHT }, () => level + noise * (draw() - 0.5));
  return isPlain(patchOf({ width: WIDTH, height: HEIGHT, data }, 100, 100));
}

/** Whether a label may be pinned there. */
export function holds(picture, at, noise) {
  const motion = { reach: 0, turn: 0, noise, light: 0 };
  return !isPlain(patchOf(shot(photograph(picture), 0, motion, dice(3), false), ...at));
}
