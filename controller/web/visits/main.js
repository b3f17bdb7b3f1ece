// Visits by video, for staff: the day, one of them, and its room.
import { age } from "/screen/format.js";
import { ask } from "/public/ask.js";
import { Book } from "./book.js";
import { Desk } from "./desk.js";
import { follow, page, told } from "/people/page.js";
import { languageTag, t } from "./words.js";
import { el, setText, show } from "/screen/dom.js";
import { One } from "./one.js";
import { Pictures } from "./pictures.js";
import { Room } from "/public/room/room.js";
import { Shelf } from "/public/room/recording/shelf.js";

const DAY_MS = 86_400_000;
const EVERY_MS = 3000;
const LOST_MS = 15_000;

const byId = (id) => document.getElementById(id);
let day = midnight(new Date());
let seen = [];
let heardAt = null;
let room = null;
let inside = null; // the number of the visit in whose room one is
let person = null;

const one = new One(byId("one"), { enter: enterRoom, left: leaveRoom, changed: read, entered: () => inside, back });
const desk = new Desk(byId("desk"));
const shelf = new Shelf(byId("recordings"));
const pictures = new Pictures(byId("pictures"));
byId("room").addEventListener("wardlink-told", ({ detail }) => desk.took(detail));
new Book(async (answer, isNow) => {
  one.take(answer);
  day = midnight(new Date(answer.visit.start_ms));
  await read();
  byId("one-title").focus();
  if (isNow) enterRoom(answer.visit);
});

function midnight(at) {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate());
}

async function read() {
  const to = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1);
  try {
    const answer = await ask("GET", `/api/visits?from_ms=${day.getTime()}&to_ms=${to.getTime()}`);
    follow(answer);
    if (answer.ok) {
      seen = answer.data.visits;
      heardAt = performance.now();
    } else setText(byId("problem"), told(answer));
    await one.look();
    await desk.look();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // no answer came: how old it is stands there
  }
  draw();
}

function draw() {
  setText(byId("day-title"), day.toLocaleDateString(languageTag(), { weekday: "long", year: "numeric", month: "long", day: "numeric" }));
  show(byId("none"), heardAt !== null && seen.length === 0);
  const focused = document.activeElement?.closest?.("[data-visit]")?.dataset.visit;
  byId("list").replaceChildren(...seen.map(row));
  desk.show(one.visit, person);
  shelf.show(one.visit && `/api/visits/${one.visit.number}`, person);
  pictures.show(one.visit && `/api/visits/${one.visit.number}`);
  if (focused) byId("list").querySelector(`[data-visit="${focused}"] button`)?.focus();
  fresh();
}

function redraw() {
  draw();
  one.draw();
  desk.draw();
  shelf.draw();
  pictures.draw();
  room?.draw();
}

function fresh() {
  if (heardAt === null) return;
  const quiet = performance.now() - heardAt;
  setText(byId("fresh"), t(quiet > LOST_MS ? "visits.lost" : "visits.fresh", { apart: age(quiet) }));
}

function row(visit) {
  const time = new Date(visit.start_ms).toLocaleTimeString(languageTag(), { hour: "2-digit", minute: "2-digit" });
  const who = `${visit.patient.name} · ${visit.patient.identifier}`;
  const open = el("button", { type: "button", "aria-label": t("visits.open-of", { who }), onclick: () => choose(visit.number) }, t("visits.open"));
  const words = [el("span", { class: "time" }, time), el("span", { class: "who" }, who), el("span", {}, t(`visits.state-${visit.state}`)), el("span", { class: "soft" }, t("visits.line", visit))];
  return el("li", { "data-visit": visit.number, "data-state": visit.state }, ...words, open);
}

async function choose(number) {
  await one.open(number);
  draw();
  byId("one-title")?.focus();
}

function enterRoom(visit) {
  leaveRoom();
  room = new Room(`/api/visits/${visit.number}/room`, byId("room"), (answer) => {
    setText(byId("problem"), t("visits.room-refused", { why: answer.message }));
    left();
  });
  inside = visit.number;
  one.draw();
  showRoom();
  room.enter();
}

function showRoom() {
  show(byId("room"), true);
  byId("room").scrollIntoView({ block: "start" });
}

function back() {
  showRoom();
  document.querySelector("#room .leave").focus({ preventScroll: true });
}

function leaveRoom() {
  room?.leave();
  left();
}

function left() {
  room = inside = null;
  show(byId("room"), false);
  one.draw();
}

function turn(days) {
  day = midnight(new Date(day.getTime() + days * DAY_MS + DAY_MS / 2));
  seen = [];
  read();
}

byId("before").addEventListener("click", () => turn(-1));
byId("after").addEventListener("click", () => turn(1));
document.querySelector("#room .leave").addEventListener("click", leaveRoom);
setInterval(() => person === null || document.hidden || read(), EVERY_MS);
setInterval(fresh, 1000);
page(async (who) => {
  person = who;
  await read();
  if (who.state === "open") await called();
}, redraw);

/** From the arrivals' page: the crew of a vehicle waits. */
async function called() {
  const number = new URLSearchParams(location.hash.slice(1)).get("visit");
  if (number === null) return;
  history.replaceState(null, "", location.pathname);
  await choose(number);
  if (one.visit?.number === number && one.visit.state === "in-progress") enterRoom(one.visit);
}
