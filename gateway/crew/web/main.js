// The page of a crew: one stream in, one state, a tick that ages everything.
import "./words.js";
import { Ahead } from "./ahead.js";
import { AlarmBar } from "./alarm-bar.js";
import { ask } from "./api.js";
import { Box } from "./box.js";
import { Call } from "./call.js";
import { Checklists } from "./checklists.js";
import { Facts } from "./facts.js";
import { Handed, HandOver } from "./handover.js";
import { Instructions } from "./instructions.js";
import { keepAwake, keepPage } from "./offline.js";
import { Lanes } from "/screen/lanes.js";
import { languageButton, onLanguage, t, translate } from "/screen/i18n.js";
import { Limits } from "./limits.js";
import { Login } from "./login.js";
import { Marks } from "./marks.js";
import { Numbers } from "./numbers.js";
import { Patient } from "./patient.js";
import { Pictures } from "./pictures.js";
import { Requests } from "./requests.js";
import { Scores } from "./scores.js";
import { ServerClock } from "/screen/clock.js";
import { setText, show } from "/screen/dom.js";
import { Sheet } from "./sheet.js";
import { Sounder } from "./sounder.js";
import { Stream } from "/screen/stream.js";
import { Sweeps } from "/screen/sweep.js";
import { Teller } from "./teller.js";
import { themeButton } from "/screen/theme.js";
import { Top } from "./top.js";
import { Trends } from "./trends.js";
import { Vigil } from "/screen/vigil.js";

const TICK_MS = 250;
const LOST_MS = 3_000;
/** A connection that is lost while nobody looks is an alarm of this page itself. */
const LOST_PRIORITY = "medium";

const byId = (id) => document.getElementById(id);

const clock = new ServerClock();
const box = new Box();
const sounder = new Sounder();
const teller = new Teller(byId("said"));
const vigil = new Vigil(clock, LOST_MS);
const waves = new Lanes(byId("waves"), new Sweeps(clock));
const sheet = new Sheet(byId("sheet"), byId("stage"), document.querySelectorAll("[data-sheet]"));
const marks = new Marks(byId("marks"), box, teller, clock);
sheet.panels = {
  patient: new Patient(box, teller, () => sheet.close()),
  marks,
  checklists: new Checklists(box, teller),
  trends: new Trends(box),
  scores: new Scores(box, teller),
  requests: new Requests(box, teller),
  pictures: new Pictures(box, teller),
  handover: new HandOver(box, teller, () => sheet.close()),
  limits: new Limits(box, teller),
};
const parts = [
  new Top(byId("top"), box),
  new AlarmBar(byId("alarms"), box, teller, sounder),
  new Ahead(byId("ahead"), box),
  new Call(document.querySelectorAll(".call"), box, teller),
  new Instructions(byId("instructions"), box, teller),
  new Handed(byId("hand-over"), byId("handed"), box),
  new Numbers(byId("numbers"), box),
  new Facts(byId("facts"), box, (name) => sheet.toggle(name)),
  waves,
  sheet,
];
const stream = new Stream("/api/live", receive, refused);
const login = new Login(byId("login"), () => stream.run());
let silenced = false;

function receive(kind, data, at) {
  if (kind === "snapshot") {
    clock.forget(); // the box may have started anew since, and counts from there
    waves.clear();
    if (!box.known) meet();
  }
  clock.heard(data.now_ms, at);
  box.take(kind, data);
  if (data.waves) waves.push(data.waves, clock.now());
  if (kind !== "waves" && kind !== "values") tick();
}

async function meet() {
  const { ok, data } = await ask("GET", "/api/me");
  if (ok) setText(byId("who"), data.name);
}

function tick() {
  if (!byId("login").hidden) {
    sounder.sound(null);
    return vigil.beat();
  }
  vigil.look();
  show(byId("waiting"), !box.known);
  const now = clock.known ? clock.now() : 0;
  for (const part of parts) part.update(now);
  if (clock.known) sounder.sound(toHear(now));
}

/** The box's alarms, and that the page has lost the box, until somebody touches the screen. */
function toHear(now) {
  const lost = clock.quietFor() > LOST_MS;
  if (!lost) silenced = false;
  if (!lost) return box.heard(now);
  return silenced ? null : LOST_PRIORITY;
}

function refused() {
  box.forget();
  clock.forget();
  waves.clear();
  sheet.close();
  for (const banner of document.querySelectorAll(".lost")) show(banner, false);
  login.open();
}

async function leave() {
  await ask("POST", "/api/logout", {});
  location.reload();
}

function touched() {
  sounder.touched();
  silenced = true;
}

function titled() {
  document.title = `${t("crew.title")} – ${t("app.name")}`;
}

function start() {
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, touched, { capture: true, passive: true });
  languageButton(byId("language"));
  themeButton(byId("theme"));
  byId("logout").addEventListener("click", leave);
  for (const redraw of [titled, tick]) onLanguage(redraw);
  translate();
  titled();
  show(byId("waiting"), true);
  setInterval(tick, TICK_MS);
  keepAwake();
  keepPage();
  stream.run();
}

start();
