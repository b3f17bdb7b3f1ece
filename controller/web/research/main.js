// Research projects: proposed by one person, decided by another, ended by whoever proposes.
import { done, page } from "/people/page.js";
import { el, setText, show } from "/screen/dom.js";
import { metricName, unit as unitName } from "/screen/format.js";
import { t } from "/public/i18n.js";
import { project } from "./project.js";

const byId = (id) => document.getElementById(id);
const boxes = new Map();
let all = null;
let me = null;
let told = () => "";

const words = ([name, unit]) => `${metricName(name)} (${unitName(unit)})`;
const chosen = () => [...boxes].filter(([, { box }]) => box.checked).map(([name]) => name);

async function load() {
  const found = await done("GET", "/api/research");
  if (found === undefined) return;
  all = found;
  if (boxes.size === 0) for (const one of all.metrics) offer(one);
  draw();
}

function offer(one) {
  const box = el("input", { type: "checkbox", value: one[0] });
  const said = el("span", {});
  const label = el("label", {}, box, said);
  boxes.set(one[0], { box, said, label, one });
  byId("metrics").append(label);
}

function draw() {
  if (all === null || me === null) return;
  show(byId("propose"), me.permissions.includes("research:propose"));
  show(byId("none"), all.projects.length === 0);
  setText(byId("done"), told());
  const units = new Map(all.metrics);
  const names = (list) => list.map((name) => (units.has(name) ? words([name, units.get(name)]) : name)).join(", ");
  byId("projects").replaceChildren(...all.projects.map((one) => project(one, { me, now: all.now_utc_ms, names, act })));
  for (const { said, one } of boxes.values()) setText(said, words(one));
  find();
}

/** Those that fit what is typed, and those that are chosen: nothing that is asked for is out of sight. */
function find() {
  const wanted = byId("find").value.trim().toLowerCase();
  for (const [name, { box, said, label }] of boxes) {
    label.hidden = !(box.checked || `${name} ${said.textContent}`.toLowerCase().includes(wanted));
  }
  const list = chosen();
  setText(byId("chosen"), list.length === 0 ? t("research.none-chosen") : t("research.chosen", { n: list.length }));
}

/** Asks for a step of a project; `key` says what was done. Returns whether it was. */
async function act(method, path, body, key, one) {
  const answer = await done(method, path, body);
  if (answer === undefined) return false;
  told = () => t(key, { number: one.number, title: one.title });
  await load();
  byId("list-title").focus();
  return true;
}

async function propose(event) {
  event.preventDefault();
  const value = (id) => byId(id).value.trim();
  const ends = Date.parse(`${value("ends")}T23:59:59.999Z`);
  const body = { title: value("title"), purpose: value("purpose"), basis: value("basis"), metrics: chosen(), from_day: value("from-day"), to_day: value("to-day"), expires_utc_ms: ends };
  if (body.metrics.length === 0) {
    setText(byId("problem"), t("research.none-chosen"));
    return byId("find").focus();
  }
  const made = await done("POST", "/api/research", body);
  if (made === undefined) return;
  told = () => t("research.proposed-now", { number: made.number, title: made.title });
  byId("proposal").reset();
  await load();
  byId("list-title").focus();
}

byId("proposal").addEventListener("submit", propose);
byId("find").addEventListener("input", find);
byId("metrics").addEventListener("change", find);
page((who) => {
  me = who;
  return me.state === "open" ? load() : undefined;
}, draw);
