// A visit for who came in by a link: the code, the patient's consent, the waiting room, the room, and that it is over.
import { languageButton, languageTag, onLanguage, t, translate } from "./words.js";
import { age } from "/screen/format.js";
import { ask } from "/public/ask.js";
import { setText, show } from "/screen/dom.js";
import { Room } from "/public/room/room.js";
import { themeButton } from "/screen/theme.js";
import { Told } from "./told.js";

const EVERY_MS = 2000;
const LOST_MS = 10_000;
const PARTS = ["enter", "consent", "waiting", "room", "over"];

const byId = (id) => document.getElementById(id);
const [link, given = ""] = takeLink();
const patientTold = new Told(byId("room"));
let mine = null;
let room = null;
let ended = null;
let heardAt = performance.now();

/** What opens the visit stands after the #, which no server is sent; it is taken out of the address at once. A crew,
 * whose box was told both, has the code behind it. */
function takeLink() {
  const told = location.hash.slice(1);
  if (told !== "") history.replaceState(null, "", location.pathname);
  return told.split("/");
}

async function asked(method, path, body) {
  try {
    return await ask(method, path, body);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ok: false, status: 0 };
  }
}

async function read() {
  if (room !== null || ended !== null) return undefined;
  const answer = await asked("GET", "/api/visit");
  if (answer.ok) {
    mine = answer.data;
    heardAt = performance.now();
  } else if (answer.status === 401) {
    if (mine !== null) ended = "out";
    mine = null;
  }
  return draw();
}

const video = () => mine.consents.find((one) => one.scope === "video");

/** What is to be done next: agree, wait, or be in the room. */
function next() {
  if (ended !== null) return "over";
  if (mine === null) return "enter";
  if (["fulfilled", "cancelled", "entered-in-error"].includes(mine.state)) return "over";
  if (mine.guest === "patient" && !video()?.holds) return "consent";
  return mine.state === "in-progress" ? "room" : "waiting";
}

function draw() {
  const part = next();
  for (const one of PARTS) show(byId(one), one === part);
  show(byId("leave"), mine !== null && part !== "over");
  show(byId("no-link"), part === "enter" && link === "");
  const agreed = mine?.guest === "patient" && video()?.holds ? video() : null;
  show(byId("agreed"), agreed !== null && part !== "over");
  setText(byId("agreed-words"), agreed?.text ?? "");
  if (part === "consent") setText(byId("words"), mine.words.find((one) => one.scope === "video")[languageTag().slice(0, 2)]);
  if (part === "waiting") drawWaiting();
  if (part === "over") setText(byId("over-title"), t(`visit.over-${ended ?? (mine.state === "fulfilled" ? "fulfilled" : "cancelled")}`));
  if (part === "over" && mine?.guest === "patient") patientTold.look();
  if (part === "room" && room === null) enterRoom();
  room?.draw();
}

function drawWaiting() {
  const time = new Date(mine.start_ms).toLocaleTimeString(languageTag(), { hour: "2-digit", minute: "2-digit" });
  setText(byId("when"), t("visit.when", { host: mine.host, time }));
  const quiet = performance.now() - heardAt;
  setText(byId("fresh"), t(quiet > LOST_MS ? "visit.lost" : "visit.fresh", { apart: age(quiet) }));
}

function enterRoom() {
  room = new Room("/api/visit/room", byId("room"), () => {
    room = null;
    read();
  });
  room.enter();
}

async function enter(event) {
  event?.preventDefault();
  const answer = await asked("POST", "/api/visit/session", { link, code: byId("code").value });
  setText(byId("problem"), answer.ok ? "" : reason(answer));
  if (answer.ok) {
    byId("enter").reset();
    await read();
  }
}

function reason({ status, code, message, retryAfter }) {
  if (status === 0) return t("visit.not-sent");
  if (status === 429) return t("visit.slow", { s: retryAfter });
  return code === "wrong-code" ? t("visit.wrong-code") : message;
}

/** What the patient says of being seen and heard. */
async function say(said) {
  const answer = await asked("POST", "/api/visit/consents", { scope: "video", said, language: languageTag().slice(0, 2) });
  setText(byId("problem"), answer.ok ? "" : reason(answer));
  if (!answer.ok) return;
  mine = answer.data;
  if (said !== "permit") {
    room?.leave();
    room = null;
  }
  setText(byId("problem"), said === "permit" ? "" : t("visit.refused"));
  draw();
}

async function leave() {
  room?.leave();
  const answer = await asked("DELETE", "/api/visit/session");
  if (!answer.ok && answer.status !== 401) return setText(byId("problem"), reason(answer));
  ended = "out";
  mine = null;
  patientTold.forget();
  return draw();
}

languageButton(byId("language"));
themeButton(byId("theme"));
onLanguage(draw);
translate();
byId("enter").addEventListener("submit", enter);
byId("agree").addEventListener("click", () => say("permit"));
byId("refuse").addEventListener("click", () => say("deny"));
byId("withdraw").addEventListener("click", () => say("withdrawn"));
for (const one of [byId("leave"), document.querySelector("#room .leave")]) one.addEventListener("click", leave);
setInterval(() => (mine === null ? undefined : read()), EVERY_MS);
document.title = t("room.title");
if (given === "") read();
else {
  byId("code").value = given;
  enter();
}
