// The map by floor with robots on it: an arrow for each, hollow with its age when nobody knows where it is now.
import { set, svg } from "/arrivals/plane.js";
import { age } from "/screen/format.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { floorsOf, frameOf, makeGround, markBlocked } from "./ground.js";

const ARROW = "M25 0L-17 17L-8 0L-17-17Z";

export class Plan {
  /** `hooks`: onEdge(id), onSpot({x, y, map}), either where it can be pointed at. */
  constructor(node, hooks = {}) {
    Object.assign(this, { node, hooks, map: null, floor: null, sheets: new Map() });
    this.choice = el("div", { class: "floors", role: "group" });
    this.space = el("div", { class: "sheets" });
    node.replaceChildren(this.choice, this.space);
    this.space.addEventListener("click", (event) => this.#pointed(event));
  }

  /** `map`: of /api/robots/map. Made anew only when it is another one. `blocks`: whether it shows what is blocked now. */
  ground(map, { blocks = true } = {}) {
    if (this.map?.revision !== map.revision) this.#make(map);
    this.map = map;
    if (blocks) for (const sheet of this.sheets.values()) markBlocked(sheet, map.edges);
  }

  #make(map) {
    this.map = map;
    this.frame = frameOf(map);
    this.sheets.clear();
    for (const floor of floorsOf(map)) this.sheets.set(floor, this.#sheet(map, floor));
    this.space.replaceChildren(...[...this.sheets].map(([floor, sheet]) => el("figure", { tabindex: 0, "data-floor": floor }, el("figcaption", {}, floor), sheet)));
    this.choose(this.sheets.has(this.floor) ? this.floor : null);
  }

  /** In another language. */
  redraw() {
    if (this.map) this.#make(this.map);
    if (this.map) this.ground(this.map);
  }

  #sheet(map, floor) {
    const layers = ["ways", "robots"].map((name) => svg("g", { class: name }));
    const { width, height } = this.frame;
    return svg("svg", { class: "plan", role: "img", viewBox: `0 0 ${width} ${height}`, "data-floor": floor }, makeGround(map, floor, this.frame), ...layers);
  }

  /** Shows one floor; null: all of them. */
  choose(floor) {
    this.floor = floor;
    for (const [name, sheet] of this.sheets) show(sheet.parentNode, floor === null || floor === name);
    const names = this.sheets.size > 1 ? [null, ...this.sheets.keys()] : [];
    this.choice.ariaLabel = t("robots.floors");
    this.choice.replaceChildren(...names.map((name) => this.#chooser(name)));
  }

  #chooser(name) {
    const pick = () => {
      this.choose(name);
      this.choice.querySelector("[aria-pressed=true]").focus();
    };
    return el("button", { type: "button", "aria-pressed": String(name === this.floor), onclick: pick }, name ?? t("robots.all-floors"));
  }

  /** `marks`: {robot, x, y, theta, map, age_ms, stale, loaded (null: not known), base, horizon: [{x, y, map}]}. */
  draw(marks) {
    for (const [floor, sheet] of this.sheets) {
      const here = marks.filter((one) => one.map === floor);
      keep(sheet.querySelector(".robots"), here, (one) => one.robot, makeRobot, (node, one) => this.#placed(node, one));
      keep(sheet.querySelector(".ways"), marks, (one) => one.robot, makeWay, (node, one) => this.#way(node, one, floor));
      const said = here.map(spoken).join("; ") || t("robots.nobody-here");
      set(sheet, { "aria-label": t("robots.plan", { floor, robots: said }) });
    }
  }

  #placed(node, one) {
    const [x, y] = this.frame.place(one);
    set(node, { transform: `translate(${x} ${y})`, "data-state": one.stale ? "stale" : "fresh", "data-loaded": String(one.loaded) });
    set(node.querySelector(".arrow"), { transform: `rotate(${((-one.theta * 180) / Math.PI).toFixed(0)})` });
    const [, , name, old] = node.children;
    setText(name, one.robot);
    setText(old, one.stale ? t("age.ago", { age: age(one.age_ms) }) : "");
  }

  #way(node, one, floor) {
    for (const [kind, points] of [["base", one.base], ["horizon", one.horizon]]) {
      set(node.querySelector(`.${kind}`), { d: this.#line(points, floor) });
    }
  }

  /** Only between points that are both on this floor: nobody drives through the ceiling. */
  #line(points, floor) {
    const pieces = points.slice(1).map((to, n) => [points[n], to]).filter((pair) => pair.every((one) => one.map === floor));
    return pieces.map(([from, to]) => `M${this.frame.place(from).join(" ")}L${this.frame.place(to).join(" ")}`).join("");
  }

  #pointed(event) {
    const edge = event.target.closest(".edge");
    if (edge && this.hooks.onEdge) return this.hooks.onEdge(edge.dataset.edge);
    const sheet = event.target.closest("svg");
    if (!sheet || !this.hooks.onSpot) return;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(sheet.getScreenCTM().inverse());
    this.hooks.onSpot({ ...this.frame.back([at.x, at.y]), map: sheet.dataset.floor });
  }
}

function makeRobot() {
  return svg("g", { class: "robot" }, svg("path", { class: "arrow", d: ARROW }), svg("rect", { class: "load", x: -7, y: -6, width: 12, height: 12, rx: 2 }), svg("text", { y: -25, class: "name" }), svg("text", { y: 38, class: "old" }));
}

function makeWay() {
  return svg("g", { class: "ahead" }, svg("path", { class: "base" }), svg("path", { class: "horizon" }));
}

function spoken(one) {
  const load = one.loaded === null ? "" : t(one.loaded ? "robots.loaded" : "robots.empty");
  return [one.robot, load, one.stale && t("robots.position-old", { age: age(one.age_ms) })].filter(Boolean).join(", ");
}
