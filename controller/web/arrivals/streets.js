// The streets under a vehicle: drawn once in metres around a point, then moved and scaled with the map.
import { M_A_DEGREE, metresFrom, svg } from "./plane.js";

/** Drawn in this order: streets cross water. */
const KINDS = ["water", "rail", "street", "tunnel"];

/** A group for the map; `fill` it when the streets are known. */
export const makeStreets = () => svg("g", { class: "streets" }, ...KINDS.map((kind) => svg("path", { class: kind })));

/** `lines`: [{kind, points: [[latitude, longitude], …]}, …]. Nothing is done for those that are drawn already. */
export function fillStreets(group, lines) {
  if (group.lines === lines || lines.length === 0) return;
  const [latitude, longitude] = lines[0].points[0];
  group.lines = lines;
  group.middle = { latitude, longitude };
  const metres = metresFrom(group.middle);
  for (const path of group.children) {
    const drawn = lines.filter((line) => path.classList.contains(line.kind)).map((line) => way(line.points, metres));
    path.setAttribute("d", drawn.join(""));
  }
}

function way(points, metres) {
  return points.map(([latitude, longitude], n) => `${n === 0 ? "M" : "L"}${metres({ latitude, longitude }).map((m) => m.toFixed(1)).join(" ")}`).join("");
}

/** Put the streets under a map: `at` is its frame. East and west shrink with the map's latitude, not the streets'. */
export function placeStreets(group, at) {
  if (!group.lines) return;
  const [x, y] = at.place(group.middle);
  const shrunk = at.east / (M_A_DEGREE * Math.cos((group.middle.latitude * Math.PI) / 180));
  group.setAttribute("transform", `translate(${x} ${y}) scale(${(at.scale * shrunk).toFixed(6)} ${at.scale.toFixed(6)})`);
}
