// Starts the board: one stream in, one state, one tick that ages everything, one animation frame.
import { Bed } from "./bed.js";
import { Beds } from "./beds.js";
import { ListPanel } from "./lists.js";
import { post } from "./api.js";
import { ServerClock } from "./clock.js";
import { Stream } from "./stream.js";
import { Strip } from "./strip.js";
import { Sweeps } from "./sweep.js";
import { languageButton, onLanguage, translate } from "/public/i18n.js";
import { themeButton } from "/public/theme.js";
import { Vigil } from "./vigil.js";
import { Ward } from "./ward.js";

const TICK_MS = 250;

const byId = (id) => document.getElementById(id);
const toLogin = () => location.replace("/login");

const clock = new ServerClock();
const ward = new Ward();
const stream = new Stream("/api/events", receive, toLogin);
const vigil = new Vigil(stream);
const bed = new Bed(byId("bed"), ward, clock);
const beds = new Beds(ward, new Sweeps(clock), (id) => bed.open(id));
const lists = new ListPanel(byId("list"), ward, clock);
const strip = new Strip(ward, lists);

function receive(kind, data) {
  const whole = kind === "snapshot" || kind === "registry";
  if (whole && data.session !== ward.session) clock.forget();
  clock.heard(data.server_ms);
  if (whole) ward.snapshot(data);
  if (kind === "registry") beds.restart();
  else if (kind === "values") ward.value(data.items);
  else if (kind === "device") ward.device(data.items);
  else if (kind === "gateway") ward.gateway(data.items);
  else if (kind === "alert") ward.alert(data.items);
  else if (kind === "wave") beds.wave(data.items, clock.now());
  if (whole) tick();
}

function tick() {
  vigil.look();
  if (!clock.known) return;
  const now = clock.now();
  strip.update(now);
  beds.update(now);
  bed.update(now);
  lists.update(now);
}

function start() {
  languageButton(byId("language"));
  themeButton(byId("theme"));
  byId("logout").addEventListener("click", () => post("/api/logout").then(toLogin));
  document.addEventListener("visibilitychange", tick);
  onLanguage(tick);
  translate();
  setInterval(tick, TICK_MS);
  stream.run();
}

start();
