// A small map without tiles: hospital, vehicle, its way of the last minutes, scale, north, circle of error.
import { t } from "/public/i18n.js";
import { distance } from "./card.js";

const NS = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, MARGIN, FOOT] = [400, 300, 36, 26];
const M_A_DEGREE = 111_195;
/** The map never shows less than this, in metres across, and takes a circle into account up to this. */
const [LEAST_M, LARGEST_CIRCLE_M] = [400, 3_000];
const BAR_PX = 110;

export function makeMap() {
  const parts = [
    svg("polyline", { class: "trail" }),
    svg("circle", { class: "error" }),
    svg("g", { class: "hospital" }, svg("rect", { x: -11, y: -11, width: 22, height: 22, rx: 4 }), svg("path", { d: "M0-7V7M-7 0H7" })),
    svg("g", { class: "vehicle" }, svg("path", { class: "heading", d: "M0-22L8-10H-8Z" }), svg("circle", { r: 9 })),
    svg("g", { class: "north", transform: "translate(376 30)" }, svg("path", { d: "M0-16L7 8L0 3L-7 8Z" }), svg("text", { y: 26 }, "N")),
    svg("g", { class: "bar", transform: `translate(14 ${HEIGHT - 14})` }, svg("path"), svg("text", { x: 2, y: -9 })),
    svg("text", { class: "place" }),
  ];
  return svg("svg", { class: "map", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" }, ...parts);
}

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(NS, tag);
  set(node, attributes);
  node.append(...children);
  return node;
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
  }
}

export function drawMap(map, { position, trail, eta }, hospital, name) {
  const find = (selector) => map.querySelector(selector);
  for (const [selector, there] of [[".vehicle", position], [".trail", position], [".bar", position ?? hospital], [".hospital", hospital], [".place", hospital]]) {
    find(selector).classList.toggle("gone", !there);
  }
  set(map, { "aria-label": label(position, hospital, eta, name), "data-state": position?.state ?? "lost" });
  if (!position && !hospital) return;
  const at = frame(position, trail, hospital);
  set(find(".trail"), { points: trail.map((one) => at.place(one).join(",")).join(" ") });
  if (hospital) put(find(".hospital"), find(".place"), at.place(hospital), hospital.name);
  drawVehicle(find, position, at);
  const bar = niceLength(BAR_PX / at.scale);
  set(find(".bar path"), { d: `M0-5V0H${(bar * at.scale).toFixed(1)}V-5` });
  find(".bar text").textContent = bar < 1000 ? t("arrivals.m", { n: bar }) : t("arrivals.km", { n: bar / 1000 });
}

function put(mark, words, [x, y], name) {
  set(mark, { transform: `translate(${x} ${y})` });
  const anchor = x < WIDTH / 4 ? "start" : x > (WIDTH * 3) / 4 ? "end" : "middle";
  set(words, { x, y: y < 60 ? y + 30 : y - 18, "text-anchor": anchor });
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

/** A plane around everything that is shown, north up: {place: point → [x, y], scale: pixels a metre}. */
function frame(position, trail, hospital) {
  const points = [hospital, position, ...trail].filter(Boolean);
  const middle = points[0];
  const east = M_A_DEGREE * Math.cos((middle.latitude * Math.PI) / 180);
  const metres = (one) => [nearest(one.longitude - middle.longitude) * east, (middle.latitude - one.latitude) * M_A_DEGREE];
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
  return { place, scale };
}

/** Degrees of longitude the short way round. */
const nearest = (degrees) => ((degrees + 540) % 360) - 180;

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
