// The fleet: where each robot is, its order, battery, condition, errors, for what it waits and why; taking it over.
import { age } from "/screen/format.js";
import { change } from "/prescriptions/asking.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { named, t } from "/public/i18n.js";
import { confirmed } from "/public/confirm.js";
import { ageOf, isStale } from "./marks.js";
import { standing, stateOf } from "./said.js";
import { whyOf } from "./why.js";

const COLUMNS = ["robot", "condition", "position", "battery", "order", "why", "errors", "actions"];

export class Fleet {
  /** `hooks`: onChanged(), onPlace(robot) to say where it is. */
  constructor(section, hooks) {
    Object.assign(this, { hooks, may: new Set() });
    this.table = section.querySelector("table");
    this.none = section.querySelector(".none");
    this.problem = section.querySelector(".problem");
    this.tab = document.getElementById("tab-fleet");
  }

  person(me) {
    this.may = new Set(me.permissions);
    this.redraw();
  }

  redraw() {
    const head = el("tr", {}, ...COLUMNS.map((name) => el("th", { scope: "col" }, t(`robots.column.${name}`))));
    this.table.replaceChildren(el("thead", {}, head), el("tbody"));
  }

  /** `waiting`: robots that stand where somebody has to load or unload them, with their transports. */
  draw(robots, waiting, now) {
    keep(this.table.tBodies[0], robots, (one) => one.robot, (one) => this.#row(one), (row, one) => this.#fill(row, one, waiting.get(one.robot), now));
    show(this.none, robots.length === 0);
    setText(this.tab, t("robots.fleet-of", { n: robots.length }));
  }

  #row(one) {
    const cells = COLUMNS.slice(1, -1).map((name) => el("td", { class: name, "data-label": t(`robots.column.${name}`) }));
    return el("tr", { "data-robot": one.robot }, el("th", { scope: "row" }), ...cells, el("td", {}, el("div", { class: "actions" }, ...this.#ways(one.robot))));
  }

  #fill(row, one, here, now) {
    const is = { condition: one.condition, stale: String(isStale(one, now)) };
    for (const [name, value] of Object.entries(is)) if (row.dataset[name] !== value) row.dataset[name] = value;
    const texts = [
      [one.robot, [one.manufacturer, one.serial].filter(Boolean).join(" "), one.version && `VDA 5050 ${one.version}`],
      [named("robots.condition", one.condition), one.mode && named("robots.mode", one.mode), one.paused && t("robots.paused"), one.emergency_stop && t("robots.emergency")],
      positionOf(one, now),
      batteryOf(one, now),
      orderOf(one),
      [...standing(one, now), here && stateOf(here)],
      one.errors.map((error) => [error.level, error.type, error.description, error.hint].filter(Boolean).join(" · ")),
    ];
    texts.forEach((lines, n) => fillCell(row.children[n], lines.filter(Boolean)));
    for (const button of row.querySelectorAll("[data-when]")) show(button, (button.dataset.when === "taken") === (one.condition === "taken-over"));
  }

  #ways(robot) {
    const button = (key, when, act) => el("button", { type: "button", ...when, "aria-label": `${t(key)} ${robot}`, onclick: act }, t(key));
    return [
      this.may.has("robots:stop") && button("robots.take-over", { "data-when": "free" }, () => this.#takeOver(robot)),
      this.may.has("robots:manage") && button("robots.hand-back", { "data-when": "taken" }, () => this.#handBack(robot)),
      this.may.has("robots:manage") && button("robots.set-position", {}, () => this.hooks.onPlace(robot)),
    ].filter(Boolean);
  }

  async #takeOver(robot) {
    if (await confirmed(t("robots.take-over-of", { robot }), t("robots.take-over-sure"), t("robots.take-over"))) await this.#send("PUT", robot);
  }

  async #handBack(robot) {
    if (await confirmed(t("robots.hand-back-of", { robot }), t("robots.hand-back-sure"), t("robots.hand-back"))) await this.#send("DELETE", robot);
  }

  async #send(method, robot) {
    await change(this.problem, method, `/api/robots/${robot}/taken-over`);
    this.hooks.onChanged();
  }
}

/** Each line a paragraph, made anew only when one has changed. */
function fillCell(cell, lines) {
  const text = lines.join("\n");
  if (cell.dataset.text === text) return;
  cell.dataset.text = text;
  cell.replaceChildren(...lines.map((line) => el("p", {}, line)));
}

function positionOf(one, now) {
  const old = ageOf(one, now);
  if (one.position === null) return [t("robots.no-position")];
  const { x, y, theta, map, node } = one.position;
  const where = t("robots.at", { map, x: x.toFixed(1), y: y.toFixed(1), degrees: Math.round((theta * 180) / Math.PI) });
  return [node && t("robots.passed", { node }), where, t(isStale(one, now) ? "robots.position-old" : "robots.position-age", { age: age(old) })];
}

function batteryOf(one, now) {
  if (one.battery_percent === null) return [t("robots.no-battery")];
  return [`${one.battery_percent} %`, one.charging && t("robots.charging"), t("age.ago", { age: age(ageOf(one, now)) })];
}

function orderOf(one) {
  const load = one.loaded ? t("robots.loaded") : t("robots.empty");
  const going = one.going;
  if (going === null) return [one.transport, load, t("robots.no-order")];
  const way = t("robots.to", { to: going.to, action: named("robots.action", going.action) });
  return [one.transport, load, way, whyOf(going), going.order_id, !going.confirmed && t("robots.not-confirmed")];
}
