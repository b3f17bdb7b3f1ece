// A patient's own page: the way in by code and birth date, visits, what is next, all medicines, what is on its way, what
// to pay, measurements, consents, and who looked.
import { languageButton, onLanguage, t, translate } from "./words.js";
import { asked, reason } from "./wire.js";
import { age } from "/screen/format.js";
import { el, setText, show } from "/screen/dom.js";
import { forgetCodes, wayCard } from "./coming.js";
import { awaiting, look, paymentCard, sorted } from "./paying.js";
import { lately, later, reminders, today } from "./today.js";
import { ENDED, medicineCard } from "./medicine.js";
import { partsOf, Record } from "./record.js";
import { themeButton } from "/screen/theme.js";

const EVERY_MS = 60_000;
const SOON_MS = 4_000;
const LOST_MS = 90_000;

const byId = (id) => document.getElementById(id);
let mine = null;
let heardAt = 0;
const record = new Record(() => draw());

/** The controller's time now: `server` in its own scale, `utc`. */
function now() {
  const passed = performance.now() - heardAt;
  return { server: mine.server_ms + passed, utc: mine.utc_ms + passed };
}

async function read() {
  const answer = await asked("GET", "/api/my");
  if (answer.status === 401) return out();
  if (answer.ok) {
    mine = answer.data;
    heardAt = performance.now();
    draw();
    record.read();
  } else if (mine === null) setText(byId("problem"), reason(answer));
  return fresh();
}

function out() {
  mine = null;
  forgetCodes();
  record.forget();
  show(byId("mine"), false);
  show(byId("leave"), false);
  show(byId("enter"), true);
}

/** How old what is shown is; loudly when no answer comes. */
function fresh() {
  if (mine === null) return;
  const quiet = performance.now() - heardAt;
  show(byId("lost"), quiet > LOST_MS || !navigator.onLine);
  setText(byId("lost"), t("my.lost", { apart: age(quiet) }));
  setText(byId("fresh"), t("my.fresh", { apart: age(quiet) }));
}

function draw() {
  document.title = t("my.title");
  if (mine === null) return;
  const open = new Set([...document.querySelectorAll("details[open]")].map((one) => one.dataset.more));
  const focused = document.activeElement?.dataset.key;
  const typed = [...byId("mine").querySelectorAll("input[id]")].filter((one) => one.type === "text" && one.value !== "");
  const writing = document.activeElement?.id;
  const at = now();
  setText(byId("problem"), "");
  setText(byId("greeting"), mine.patient.name);
  byId("today-list").replaceChildren(...today(mine, at, act, byId("today-problem")));
  fill("next", "next-list", later(mine, at));
  fill("reminders", "reminders-list", reminders(mine, at, record.times(at), record.upcoming(at)));
  fill("history", "history-list", lately(mine));
  fill("coming", "way-list", mine.deliveries.map((one) => wayCard(one, at, read)));
  drawPayments(at);
  const held = mine.medicines.toSorted((a, b) => ENDED.has(a.state) - ENDED.has(b.state));
  byId("medicine-list").replaceChildren(...held.map((one) => medicineCard(one, at, act)));
  show(byId("no-medicines"), mine.medicines.length === 0);
  record.draw(at);
  for (const one of document.querySelectorAll("details")) one.open = open.has(one.dataset.more);
  for (const one of typed) retype(one, writing);
  if (focused) refocus(focused);
  show(byId("enter"), false);
  show(byId("mine"), true);
  show(byId("leave"), true);
  partsOf(byId("parts"));
  fresh();
}

/** What was being typed is not wiped because something else on the page is news. */
function retype(before, writing) {
  const after = byId(before.id);
  if (after === null || after === before) return;
  after.value = before.value;
  if (before.id !== writing) return;
  after.focus();
  after.setSelectionRange(before.selectionStart, before.selectionEnd);
}

/** What was pressed, or what took its place: of the same dose, of the same payment. */
function refocus(key) {
  const place = key.slice(0, key.lastIndexOf("/") + 1);
  const node = document.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? document.querySelector(`[data-key^="${CSS.escape(place)}"]`);
  node?.focus();
}

function fill(section, list, items) {
  show(byId(section), items.length > 0);
  byId(list).replaceChildren(...items);
}

/** What is to be paid stands open, what was paid is folded. */
function drawPayments(at) {
  const { open, past } = sorted(mine.payments);
  byId("payment-list").replaceChildren(...open.map((one) => paymentCard(one, at, read)));
  byId("paid-list").replaceChildren(...past.map((one) => paymentCard(one, at, read)));
  setText(byId("paid-title"), t("my.paid-before", { n: past.length }));
  show(byId("paid"), past.length > 0);
  show(byId("no-payments"), open.length === 0);
  show(byId("sandbox"), mine.sandbox);
  show(byId("paying"), mine.payments.length > 0);
}

/** Back from the provider's page, or after a lost answer: what became of it. */
async function lookUp() {
  if (mine === null) return;
  for (const one of awaiting(mine.payments)) await look(one, () => {}, byId("problem"));
}

async function back() {
  await read();
  if (mine === null || awaiting(mine.payments).length === 0) return;
  await lookUp();
  await read();
}

const REVISED = /^prescriptions\//;

async function act(what, body, medicine, problem) {
  const method = what.endsWith("/delivery") ? "PUT" : "POST";
  const revision = REVISED.test(what) ? medicine.revision : undefined;
  const answer = await asked(method, `/api/my/${what}`, body, revision);
  if (answer.status === 401) return out();
  if (answer.status === 412) await read();
  const words = what.endsWith("/repeats") ? t("my.repeat-refused") : null;
  if (answer.ok) {
    const place = mine.medicines.findIndex((one) => one.number === medicine.number);
    mine.medicines[place] = answer.data.medicine;
    draw();
    return what === "taken" ? read() : undefined; // how the days went is counted anew
  }
  const told = reason(answer, words);
  return setText(problem.isConnected ? problem : byId("problem"), told);
}

async function enter(event) {
  event.preventDefault();
  const answer = await asked("POST", "/api/my/session", { code: byId("code").value.trim(), birth_date: byId("born").value });
  setText(byId("problem"), answer.ok ? "" : reason(answer));
  if (!answer.ok) return;
  byId("enter").reset();
  await read();
  byId("today-title").focus();
}

async function leave() {
  const answer = await asked("DELETE", "/api/my/session");
  if (answer.ok || answer.status === 401) out();
  else setText(byId("problem"), reason(answer));
}

/** The code of a scanned picture stands after the #, which no server is sent; it is taken out of the address at once. */
function codeOfAddress() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (code === "") return;
  byId("code").value = code;
  history.replaceState(null, "", location.pathname);
}

const isTyping = () => document.activeElement?.tagName === "INPUT";

codeOfAddress();
languageButton(byId("language"));
themeButton(byId("theme"));
onLanguage(draw);
translate();
byId("enter").addEventListener("submit", enter);
byId("leave").addEventListener("click", leave);
document.addEventListener("visibilitychange", () => document.hidden || mine === null || back());
addEventListener("pageshow", (event) => event.persisted && back());
for (const event of ["online", "offline"]) addEventListener(event, fresh);
setInterval(fresh, 5000);
setInterval(() => document.hidden || mine === null || isTyping() || read(), EVERY_MS);
setInterval(() => document.hidden || mine === null || isTyping() || awaiting(mine.payments).length === 0 || read(), SOON_MS);
document.title = t("my.title");
back();
