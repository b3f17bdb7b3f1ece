// Two pictures: admissions by month, and the course around the event. Tables beside them say the same.
import { t } from "/public/i18n.js";

const WIDE = 640, HIGH = 200, LEFT = 44, LOW = 24;

export function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Of each month a frame of all who were admitted, filled from below: matching, and hatched above it unknown. */
export function months(told) {
  const most = Math.max(1, ...told.map((one) => one.admitted ?? 0));
  const step = (WIDE - LEFT) / told.length;
  const y = (count) => HIGH - LOW - ((HIGH - LOW - 12) * count) / most;
  const bars = told.flatMap((one, n) => {
    const box = (name, from, count) => svg("rect", { class: `bar-${name}`, x: LEFT + n * step + step * 0.15, width: step * 0.7, y: y(from + count), height: Math.max(y(from) - y(from + count), 0) });
    const label = svg("text", { x: LEFT + (n + 0.5) * step, y: HIGH - 8, "text-anchor": "middle" }, one.month);
    const known = one.matching === null ? [svg("text", { x: LEFT + (n + 0.5) * step, y: y(0) - 4, "text-anchor": "middle" }, "?")] : [box("matching", 0, one.matching), box("unknown", one.matching, one.unknown)];
    return [...(one.admitted === null ? [] : [box("admitted", 0, one.admitted)]), ...known, label];
  });
  const hatch = svg("defs", {}, svg("pattern", { id: "hatched", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, svg("line", { class: "hatch", x1: 0, y1: 0, x2: 0, y2: 6 })));
  return picture(t("cohorts.chart-months"), hatch, ...bars, axis(y, 0), axis(y, most));
}

/** The median of admissions with its quartiles, by minutes from the event. Null where there is nothing to draw. */
export function course(steps, unit) {
  const told = steps.filter((one) => one.median !== null);
  if (told.length < 2) return null;
  const low = Math.min(...told.map((one) => one.low));
  const high = Math.max(...told.map((one) => one.high));
  const x = (minute) => LEFT + ((WIDE - LEFT) * (minute + 120)) / 240;
  const y = (value) => HIGH - LOW - ((HIGH - LOW - 12) * (value - low)) / (high - low || 1);
  const points = (of, list = told) => list.map((one) => `${x(one.minute + 2.5).toFixed(1)},${y(of(one)).toFixed(1)}`).join(" ");
  const band = `${points((one) => one.high)} ${points((one) => one.low, [...told].reverse())}`;
  const labels = [-120, -60, 0, 60, 120].map((minute) => svg("text", { x: x(minute), y: HIGH - 8, "text-anchor": minute === 120 ? "end" : "middle" }, `${minute > 0 ? "+" : ""}${minute} min`));
  return picture(
    t("cohorts.chart-course", { unit }),
    svg("polygon", { class: "band", points: band }),
    svg("polyline", { class: "middle", points: points((one) => one.median) }),
    svg("line", { class: "event", x1: x(0), x2: x(0), y1: 0, y2: HIGH - LOW }),
    ...labels, axis(y, low), axis(y, high),
  );
}

const axis = (y, value) => svg("text", { x: 0, y: y(value) + 4 }, String(Math.round(value * 10) / 10));
const picture = (label, ...children) => svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label }, ...children);
