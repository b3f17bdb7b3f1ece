// A conference here, for who comes by the word of a partner hospital: in by the address, the room, the cases.
import { languageButton, onLanguage, t, translate } from "./words.js";
import { ask } from "/public/ask.js";
import { Cases } from "./cases.js";
import { Room } from "/public/room/room.js";
import { ROOM } from "/public/room/signal.js";
import { setText, show } from "/screen/dom.js";
import { themeButton } from "/screen/theme.js";

const EVERY_MS = 3000;
const OPEN = ["booked", "in-progress"];

const byId = (id) => document.getElementById(id);
const token = takeToken();
let mine = null;
let room = null;
let ended = "";
let word = "guest.opening";
const cases = new Cases(byId("cases"), (problem) => setText(byId("problem"), problem), (image) => room?.signal.say(ROOM, { k: "image", ...image }));

/** What opens the conference stands after the #, which no server is sent; it is taken out of the address at once. */
function takeToken() {
  const found = location.hash.slice(1);
  if (found !== "") history.replaceState(null, "", location.pathname);
  return found;
}

async function asked(method, path, body) {
  try {
    return await ask(method, path, body);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ok: false, status: 0 };
  }
}

async function enter() {
  if (token !== "") {
    const answer = await asked("POST", "/api/partner-room/session", { token });
    if (!answer.ok && answer.status !== 401) setText(byId("problem"), answer.message ?? t("guest.unreachable"));
  }
  await read();
}

async function read() {
  if (ended !== "") return;
  const answer = await asked("GET", mine === null ? "/api/partner-room" : `/api/partner-room/${mine.number}`);
  if (answer.status === 401 || answer.status === 404) return end("guest.over");
  word = answer.ok ? "" : "guest.unreachable";
  if (answer.ok && mine === null) {
    mine = answer.data;
    return read();
  }
  if (answer.ok) follow(answer.data);
  draw();
}

function follow({ conference }) {
  cases.take(`/api/partner-room/${mine.number}`, conference);
  const isOpen = OPEN.includes(conference.state);
  if (isOpen && room === null) {
    room = new Room(`/api/partner-room/${mine.number}/room`, byId("room"), () => {
      room = null;
    });
    show(byId("room"), true);
    room.enter();
  }
  if (!isOpen && room !== null) closeRoom();
}

function closeRoom() {
  room?.leave();
  room = null;
  show(byId("room"), false);
}

function end(key) {
  ended = key;
  closeRoom();
  draw();
}

function draw() {
  show(byId("agenda"), mine !== null && ended === "");
  show(byId("leave"), mine !== null && ended === "");
  const key = ended || word;
  setText(byId("who"), key !== "" ? t(key) : t("guest.as", mine));
  cases.draw();
  room?.draw();
}

async function leave() {
  await asked("DELETE", "/api/partner-room/session");
  end("guest.left");
}

byId("leave").addEventListener("click", leave);
byId("room").addEventListener("wardlink-told", ({ detail }) => detail.kind === "conference" && read().then(() => cases.again()));
document.querySelector("#room .leave").addEventListener("click", leave);
languageButton(byId("language"));
themeButton(byId("theme"));
onLanguage(draw);
translate();
draw();
enter();
setInterval(() => document.hidden || read(), EVERY_MS);
