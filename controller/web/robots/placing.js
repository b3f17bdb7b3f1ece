// Saying where a robot is: a point of the map and a heading, and once more whether that is so.
import { change } from "/prescriptions/asking.js";
import { el, setText } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { confirmed } from "/public/confirm.js";
import { floorsOf } from "./ground.js";
import { Plan } from "./plan.js";

const LABELS = { x: "robots.x", y: "robots.y", degrees: "robots.heading" };

/** A dialog; `marks()` are the robots as they say that they are, `onChanged()` is called after it was said. */
export function placing(robot, map, marks, onChanged) {
  const fields = Object.fromEntries(Object.keys(LABELS).map((name) => [name, el("input", { id: `place-${name}`, type: "number", step: "any", required: true })]));
  Object.assign(fields.degrees, { min: -180, max: 180 });
  const floor = el("select", { id: "place-map", required: true }, el("option", { value: "" }, t("robots.choose")), ...floorsOf(map).map((name) => el("option", { value: name }, name)));
  const problem = el("p", { class: "problem", role: "alert" });
  const rows = [[floor, t("robots.floor")], ...Object.entries(LABELS).map(([name, key]) => [fields[name], t(key)])];
  const form = el(
    "form",
    { class: "fields" },
    ...rows.map(([input, words]) => el("div", {}, el("label", { for: input.id }, words), input)),
    el("div", { class: "row wide" }, el("button", { class: "primary" }, t("robots.it-stands-there")), el("button", { type: "button", onclick: () => node.close() }, t("robots.back"))),
    problem,
  );
  const space = el("div", { class: "map-of-place" });
  const title = t("robots.where-is", { robot });
  const node = el("dialog", { class: "placing", "aria-label": title }, el("h2", {}, title), el("p", { class: "soft" }, t("robots.point-at-it")), form, space);
  const plan = new Plan(space, {
    onSpot: (spot) => {
      [fields.x.value, fields.y.value, floor.value] = [spot.x.toFixed(2), spot.y.toFixed(2), spot.map];
      draw();
    },
  });
  const said = () => ({ x: Number(fields.x.value), y: Number(fields.y.value), theta: (Number(fields.degrees.value) * Math.PI) / 180, map: floor.value });
  const draw = () => {
    const other = marks().filter((one) => one.robot !== robot);
    const filled = floor.value !== "" && fields.x.value !== "" && fields.y.value !== "";
    plan.draw(filled ? [...other, { ...said(), robot, age_ms: 0, stale: false, loaded: null, base: [], horizon: [] }] : other);
  };
  form.addEventListener("input", draw);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const where = t("robots.at", { map: floor.value, x: fields.x.value, y: fields.y.value, degrees: fields.degrees.value });
    if (!(await confirmed(title, t("robots.place-sure", { robot, where }), t("robots.it-stands-there")))) return;
    setText(problem, "");
    const answer = await change(problem, "PUT", `/api/robots/${robot}/position`, said());
    if (!answer.ok) return;
    node.close();
    onChanged();
  });
  node.addEventListener("close", () => node.remove());
  document.body.append(node);
  plan.ground(map);
  draw();
  node.showModal();
}
