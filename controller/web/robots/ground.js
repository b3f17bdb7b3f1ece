// The ground that robots drive on, floor by floor, as SVG: ways, doors, lifts, stations, chargers, places to park.
import { set, svg } from "/arrivals/plane.js";
import { t } from "/public/i18n.js";

const [WIDTH, MARGIN, LEAST_HEIGHT, MOST_HEIGHT] = [1000, 80, 200, 760];
const MARKS = { charger: "⚡", lift: "⇅", park: "P" };
/** Metres from the bottom at which a name is written above its place, as a share of the height. */
const ABOVE = 0.5;

/** One plane for all floors of `map`, so that what is above another is drawn above it. x east, y north, in m. */
export function frameOf({ nodes }) {
  const [left, right] = ends(nodes.map((one) => one.x));
  const [bottom, top] = ends(nodes.map((one) => one.y));
  const scale = Math.min((WIDTH - 2 * MARGIN) / Math.max(right - left, 1), (MOST_HEIGHT - 2 * MARGIN) / Math.max(top - bottom, 1));
  const height = Math.max(LEAST_HEIGHT, Math.round((top - bottom) * scale + 2 * MARGIN));
  const [middleX, middleY] = [(left + right) / 2, (bottom + top) / 2];
  return {
    ...{ scale, height, width: WIDTH },
    place: ({ x, y }) => [round(WIDTH / 2 + (x - middleX) * scale), round(height / 2 - (y - middleY) * scale)],
    back: ([px, py]) => ({ x: middleX + (px - WIDTH / 2) / scale, y: middleY - (py - height / 2) / scale }),
    isAbove: ({ y }) => top > bottom && (y - bottom) / (top - bottom) >= ABOVE,
  };
}

const ends = (values) => [Math.min(...values), Math.max(...values)];
const round = (value) => Number(value.toFixed(1));

export const floorsOf = ({ nodes }) => [...new Set(nodes.map((one) => one.map))];

/** The ways and places of one floor. */
export function makeGround(map, floor, frame) {
  const nodes = new Map(map.nodes.map((one) => [one.id, one]));
  const here = map.edges.filter((one) => nodes.get(one.from).map === floor && nodes.get(one.to).map === floor);
  return svg(
    "g",
    { class: "ground" },
    ...here.map((edge) => makeEdge(edge, nodes, frame)),
    ...map.nodes.filter((one) => one.map === floor && one.kind !== "way").map((one) => makePlace(one, frame)),
  );
}

function makeEdge(edge, nodes, frame) {
  const [from, to] = [edge.from, edge.to].map((id) => frame.place(nodes.get(id)));
  const d = `M${from.join(" ")}L${to.join(" ")}`;
  const turn = (Math.atan2(to[1] - from[1], to[0] - from[0]) * 180) / Math.PI;
  const middle = `translate(${(from[0] + to[0]) / 2} ${(from[1] + to[1]) / 2})`;
  return svg(
    "g",
    { class: "edge", "data-edge": edge.id, "data-kind": edge.kind, "data-rests": String(edge.rest !== null) },
    svg("title", {}, edge.rest === null ? edge.id : t("robots.rests", { edge: edge.id, hours: edge.rest })),
    svg("path", { class: "way", d }),
    ...(edge.both ? [] : [svg("path", { class: "one-way", d: "M-5-7L5 0L-5 7", transform: `${middle} rotate(${round(turn)})` })]),
    ...(edge.kind === "door" ? [svg("path", { class: "door", d: "M0-13V13", transform: `${middle} rotate(${round(turn)})` })] : []),
    svg("path", { class: "cross", d: "M-10-10L10 10M-10 10L10-10", transform: middle }),
    svg("path", { class: "touch", d }),
  );
}

function makePlace(node, frame) {
  const [x, y] = frame.place(node);
  const mark = MARKS[node.kind];
  return svg(
    "g",
    { class: "place", "data-kind": node.kind, transform: `translate(${x} ${y})` },
    svg("rect", { x: -13, y: -13, width: 26, height: 26, rx: node.kind === "station" ? 4 : 13 }),
    ...(mark ? [svg("text", { y: 6, class: "mark" }, mark)] : []),
    ...(node.kind === "door-side" ? [] : [svg("text", { y: frame.isAbove(node) ? -20 : 33, class: "name" }, node.lift ? t("robots.lift", { name: node.lift }) : node.id)]),
  );
}

/** Says which ways are blocked; `edges`: as the map has them now. */
export function markBlocked(ground, edges) {
  const blocked = new Set(edges.filter((one) => one.blocked).map((one) => one.id));
  for (const one of ground.querySelectorAll(".edge")) set(one, { "data-blocked": String(blocked.has(one.dataset.edge)) });
}
