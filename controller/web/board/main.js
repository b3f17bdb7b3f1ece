// Starts the board: one stream in, one state, a tick that ages everything, turns that draw tiles, one animation frame.
import { Bed } from "./bed.js";
import { Beds } from "./beds.js";
import { ListPanel } from "./lists.js";
import { Glass } from "./glass.js";
import { Painted } from "./painted.js";
import { Reports } from "./reports.js";
import { ServerClock } from "/screen/clock.js";
import { Stream } from "/screen/stream.js";
import { Strip } from "./strip.js";
import { Sweeps } from "/screen/sweep.js";
import { header } from "/public/header.js";
import { Vigil } from "/screen/vigil.js";
import { Ward } from "/public/ward.js";

const TICK_MS = 250;
const TURN_MS = 25;

const byId = (id) => document.getElementById(id);
const toLogin = () => location.replace("/login");

const clock = new ServerClock();
const ward = new Ward();
const stream = new Stream("/api/events", receive, toLogin);
const vigil = new Vigil(clock);
const sweeps = new Sweeps(clock);
const bed = new Bed(byId("bed"), ward, clock, sweeps);
const painted = new Painted(clock);
const beds = new Beds(ward, sweeps, (id) => bed.open(id));
const lists = new ListPanel(byId("list"), ward, clock);
const strip = new Strip(ward, lists);
const reports = new Reports();
const glass = new Glass({ banner: byId("glass"), dialog: byId("glass-dialog"), button: byId("glass-open") }, ward);

function receive(kind, data, at) {
  const whole = kind === "snapshot" || kind === "registry";
  if (whole && data.session !== ward.session) clock.forget();
  clock.heard(data.server_ms, at);
  if (whole) {
    ward.snapshot(data);
    bed.live.restart();
  }
  if (kind === "registry") beds.restart();
  else if (kind === "values") ward.value(data.items);
  else if (kind === "device") ward.device(data.items);
  else if (kind === "gateway") ward.gateway(data.items);
  else if (kind === "alert") ward.alert(data.items);
  else if (kind === "break-glass") ward.brokenGlass(data.items);
  else if (kind === "scores") ward.score(data.items);
  else if (kind === "crew") bed.crew.news(data.items);
  else if (kind === "radiology") reports.news();
  else if (kind === "prescriptions") bed.medicines.news(data.items);
  else if (kind === "traced") painted.news(data.items);
  else if (kind === "wave") wave(data.items, clock.now());
  if (["values", "alert", "scores"].includes(kind)) beds.news(data.items);
  if (whole) redraw();
}

function wave(items, now) {
  beds.wave(items, now);
  bed.live.wave(items, now);
}

function tick() {
  vigil.look();
  if (!clock.known) return;
  const now = clock.now();
  strip.update(now);
  glass.update(now);
  beds.place();
  bed.update(now);
  lists.update(now);
}

function turn() {
  if (!clock.known) return;
  beds.draw(clock.now());
  painted.drawn();
}

function redraw() {
  tick();
  if (clock.known) beds.redraw(clock.now());
}

function start() {
  document.addEventListener("visibilitychange", redraw);
  setInterval(tick, TICK_MS);
  setInterval(turn, TURN_MS);
  stream.run();
  header((me) => {
    bed.person(me);
    lists.person(me);
    reports.person(me);
    return glass.person(me);
  }, redraw);
}

start();
