// A small map without tiles: streets, hospital, vehicle, its way of the last minutes, scale, north, circle of error.
import { t } from "/public/i18n.js";
import { distance } from "./card.js";
import { metresEast, metresFrom, set, svg } from "./plane.js";
import { fillStreets, makeStreets, placeStreets } from "./streets.js";

const [WIDTH, HEIGHT, MARGIN, FOOT] = [400, 300, 36, 26];
/** The map never shows less than this, in metres across, and takes a circle into account up to this. */
const [LEAST_M, LARGEST_CIRCLE_M] = [400, 3_000];
const BAR_PX = 110;
/** The way has a point in ten to twenty seconds; where it has none for longer there was no fix: a tunnel. */
const GAP_MS = 25_000;

export function makeMap() {
  const parts = [
    makeStreets(),
    svg("path", { class: "gap" }),
    svg("path", { class: "trail" }),
    svg("circle", { class: "error" }),
    svg("g", { class: "hospital" }, svg("rect", { x: -11, y: -11, width: 22, height: 22, rx: 4 }), svg("path", { d: "M0-7V7M-7 0H7" })),
    svg("g", { class: "vehicle" }, svg("path", { class: "heading", d: "M0-22L8-10H-8Z" }), svg("circle", { r: 9 })),
    svg("g", { class: "north", transform: "translate(376 30)" }, svg("path", { d: "M0-16L7 8L0 3L-7 8Z" }), svg("text", { y: 26 }, "N")),
    svg("g", { class: "bar", transform: `translate(14 ${HEIGHT - 14})` }, svg("path"), svg("text", { x: 2, y: -9 })),
    svg("text", { class: "place" }),
  ];
  return svg("svg", { class: "map", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" }, ...parts);
}

/** `streets`: lines of /api/arrivals/map. */
export function drawMap(map, { position, trail, eta }, { hospital, streets }, name) {
  const find = (selector) => map.querySelector(selector);
  for (const [selector, there] of [[".vehicle", position], [".trail", position], [".gap", position], [".streets", position ?? hospital], [".bar", position ?? hospital], [".hospital", hospital], [".place", hospital]]) {
    find(selector).classList.toggle("gone", !there);
  }
  set(map, { "aria-label": label(position, hospital, eta, name), "data-state": position?.state ?? "lost" });
  if (!position && !hospital) return;
  const at = frame(position, trail, hospital);
  fillStreets(find(".streets"), streets);
  placeStreets(find(".streets"), at);
  drawWay(find, position, trail, at);
  if (hospital) put(find(".hospital"), find(".place"), at.place(hospital), hospital.name);
  drawVehicle(find, position, at);
  const bar = niceLength(BAR_PX / at.scale);
  set(find(".bar path"), { d: `M0-5V0H${(bar * at.scale).toFixed(1)}V-5` });
  find(".bar text").textContent = bar < 1000 ? t("arrivals.m", { n: bar }) : t("arrivals.km", { n: bar / 1000 });
}

/** Driven: drawn through. Where there was no fix, and from the last one to where it is reckoned to be: dashed. */
function drawWay(find, position, trail, at) {
  const ways = { trail: "", gap: "" };
  const points = position?.state === "reckoned" ? [...trail, { ...position, at_ms: Infinity }] : trail;
  points.forEach((one, n) => {
    const before = points[n - 1];
    if (!before) return;
    const kind = one.at_ms - before.at_ms > GAP_MS ? "gap" : "trail";
    ways[kind] += `M${at.place(before).join(" ")}L${at.place(one).join(" ")}`;
  });
  set(find(".trail"), { d: ways.trail });
  set(find(".gap"), { d: ways.gap });
}

function put(mark, words, [x, y], name) {
  set(mark, { transform: `translate(${x} ${y})` });
  const anchor = x < WIDTH / 4 ? "start" : x > (WIDTH * 3) / 4 ? "end" : "middle";
  set(words, { x, y: y < 110 ? y + 30 : y - 18, "text-anchor": anchor });
  words.textContent = name;
}

function drawVehicle(find, position, at) {
  const circle = find(".error");
  circle.classList.toggle("gone", !position || position.radius_m === null);
  if (!position) return;
  const [x, y] = at.place(position);
  set(find(".vehicle"), { transform: `translate(${x} ${y})` });
  set(circle, { cx: x, cy: y, r: ((position.radius_m ?? 0) * at.scale).toFixed(1) });
  const heading = find(".heading");
  heading.classList.toggle("gone", position.course === null);
  if (position.course !== null) set(heading, { transform: `rotate(${position.course.toFixed(0)})` });
}

/** A plane around everything that is shown, north up: {place: point → [x, y], scale: pixels a metre, east}. */
function frame(position, trail, hospital) {
  const points = [hospital, position, ...trail].filter(Boolean);
  const middle = points[0];
  const metres = metresFrom(middle);
  const spread = points.map(metres);
  if (position?.radius_m) {
    const [x, y] = metres(position);
    const r = Math.min(position.radius_m, LARGEST_CIRCLE_M);
    spread.push([x - r, y - r], [x + r, y + r]);
  }
  const [left, top] = [0, 1].map((axis) => Math.min(...spread.map((one) => one[axis])));
  const [right, bottom] = [0, 1].map((axis) => Math.max(...spread.map((one) => one[axis])));
  const scale = Math.min((WIDTH - 2 * MARGIN) / Math.max(right - left, LEAST_M), (HEIGHT - 2 * MARGIN - FOOT) / Math.max(bottom - top, LEAST_M));
  const put = (value, from, to, size) => Number((size / 2 + (value - (from + to) / 2) * scale).toFixed(1));
  const place = (one) => {
    const [x, y] = metres(one);
    return [put(x, left, right, WIDTH), put(y, top, bottom, HEIGHT - FOOT)];
  };
  return { place, scale, east: metresEast(middle) };
}

/** 1, 2 or 5 times a power of ten, at most `metres`. */
export function niceLength(metres) {
  const power = 10 ** Math.floor(Math.log10(metres));
  return ([5, 2].find((one) => one * power <= metres) ?? 1) * power;
}

function label(position, hospital, eta, name) {
  if (!position) return t("map.none", { name });
  const state = t(`map.${position.state}`);
  if (!hospital || eta.distance_m === null) return t("map.alone", { name, state });
  return t("map.far", { name, state, distance: distance(eta.distance_m), hospital: hospital.name });
}
