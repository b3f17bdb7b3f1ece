// Starts the page of robots: deliveries, the fleet, the past. It asks again every second or two, and ages all it shows.
import { Fleet } from "./fleet.js";
import { Halt } from "./halt.js";
import { Lately } from "./lately.js";
import { Past } from "./past.js";
import { Plan } from "./plan.js";
import { Poll } from "/board/poll.js";
import { Questions } from "./questions.js";
import { ServerClock } from "/screen/clock.js";
import { Transports } from "./transports.js";
import { Vigil } from "/screen/vigil.js";
import { Wanting } from "./wanting.js";
import { Ways } from "./ways.js";
import { clockTime } from "/screen/format.js";
import { got } from "/prescriptions/asking.js";
import { isOpen } from "./said.js";
import { liveMarks } from "./marks.js";
import { page } from "/people/page.js";
import { placing } from "./placing.js";
import { setText, show } from "/screen/dom.js";
import { whyOf } from "./why.js";

const [ASK_MS, LOST_MS, TICK_MS] = [1_500, 6_000, 250];
const TABS = ["deliveries", "fleet", "past"];
const byId = (id) => document.getElementById(id);
const [clock, now, soon] = [new ServerClock(), () => clock.now(), () => poll.soon()];
const poll = new Poll(ask, ASK_MS, (message) => setText(byId("problem"), message));
const vigil = new Vigil(poll, LOST_MS);
const ways = new Ways(soon);
const plan = new Plan(byId("plan"), { onEdge: (edge) => ways.choose(edge) });
const halt = new Halt(soon);
const questions = new Questions(byId("questions"), soon);
const transports = new Transports(byId("deliveries"), soon);
const wanting = new Wanting(now, soon);
const fleet = new Fleet(byId("fleet"), { onChanged: soon, onPlace: (robot) => placing(robot, held.map, marks, soon) });
const lately = new Lately(byId("lately"), now);
const past = new Past(now);
const parts = [halt, questions, transports, wanting, ways, fleet, past];
let [me, held, all] = [null, null, null];

async function ask() {
  if (me === null || document.hidden) return;
  const who = me;
  const [live, map, open] = await Promise.all([got("/api/robots"), got("/api/robots/map"), got("/api/robots/transports?open=1")]);
  const list = await withOver(open);
  if (who !== me) return;
  clock.heard(live.server_ms);
  held = { live, map, nodes: new Map(map.nodes.map((one) => [one.id, one])) };
  for (const one of [plan, wanting, ways, past]) one.ground(map);
  transports.show(list, open.server_ms);
  draw();
}

/** With those that are over, which are asked for again only when one that was open is so no more. */
async function withOver(open) {
  const ids = new Set(open.transports.map((one) => one.id));
  const isNew = all === null || all.some((one) => isOpen(one) && !ids.has(one.id));
  if (isNew) all = (await got("/api/robots/transports")).transports;
  all = [...open.transports, ...all.filter((one) => !ids.has(one.id) && !isOpen(one))];
  return all;
}

const marks = () => liveMarks(held.live.robots, held.nodes, now());

function draw() {
  if (held === null) return;
  const { robots, stopped, stopped_reason: reason, questions: open } = held.live;
  setText(byId("time"), clockTime(now(), true));
  halt.draw(whyOf({ why: stopped, reason }));
  questions.draw(open, now());
  plan.draw(marks());
  transports.draw(new Map(robots.map((one) => [one.robot, one])), now());
  fleet.draw(robots, new Map(all.filter((one) => one.waits_here).map((one) => [one.robot, one])), now());
}

function choose(name) {
  for (const one of TABS) {
    byId(`tab-${one}`).setAttribute("aria-selected", String(one === name));
    byId(`tab-${one}`).tabIndex = one === name ? 0 : -1;
    show(byId(one), one === name);
  }
  show(byId("live"), name !== "past");
  document.body.classList.toggle("past", name === "past");
}

function step(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const at = TABS.findIndex((one) => event.target.id === `tab-${one}`);
  if (!by || at < 0) return;
  const name = TABS[(at + by + TABS.length) % TABS.length];
  choose(name);
  byId(`tab-${name}`).focus();
}

function begin(who) {
  if (who.state === "open" && me?.user !== who.user) {
    all = null;
    choose(who.permissions.includes("robots:manage") ? "fleet" : "deliveries");
    for (const one of parts) one.person(who);
  }
  me = who.state === "open" ? who : null;
  soon();
}

function redraw() {
  for (const one of [plan, questions, transports, wanting, ways, fleet, lately, past]) one.redraw();
  draw();
}

function tick() {
  vigil.look();
  if (!clock.known || held === null) return;
  draw();
  lately.tick();
  past.tick();
}

for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => choose(name));
byId("tabs").addEventListener("keydown", step);
document.addEventListener("visibilitychange", () => document.hidden || soon());
choose("deliveries");
setInterval(tick, TICK_MS);
poll.run();
page(begin, redraw);
