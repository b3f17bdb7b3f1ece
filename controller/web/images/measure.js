// How long a line is, by what the controller says of the image (controller/imaging/annotate/scale.py).
import { t } from "/public/i18n.js";

const holds = ([left, top, right, bottom], [x, y]) => left <= x && x <= right && top <= y && y <= bottom;

/** Millimetres, or null where they are not known: no area of the image has both ends. */
export function lengthMm({ areas }, begin, end) {
  const area = areas.find((one) => holds(one, begin) && holds(one, end));
  return area ? Math.hypot((end[0] - begin[0]) * area[4], (end[1] - begin[1]) * area[5]) : null;
}

export function lengthWords(scale, begin, end) {
  const mm = lengthMm(scale, begin, end);
  if (mm === null) return t("images.pixels", { n: Math.hypot(end[0] - begin[0], end[1] - begin[1]).toFixed(0) });
  return t(scale.basis === "detector" ? "images.mm-detector" : "images.mm", { n: mm.toFixed(1) });
}
