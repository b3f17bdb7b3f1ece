// A patient's own page: the way in by code and birth date, what is next, all medicines, what is on its way, what to pay.
import { languageButton, onLanguage, t, translate } from "./words.js";
import { amount, when } from "./plain.js";
import { asked, reason } from "./wire.js";
import { age } from "/screen/format.js";
import { el, setText, show } from "/screen/dom.js";
import { forgetCodes, wayCard } from "./coming.js";
import { isShown, paymentCard } from "./paying.js";
import { ENDED, medicineCard } from "./medicine.js";
import { themeButton } from "/screen/theme.js";

const EVERY_MS = 60_000;
const LOST_MS = 90_000;

const byId = (id) => document.getElementById(id);
let mine = null;
let heardAt = 0;

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
  } else if (mine === null) setText(byId("problem"), reason(answer));
  return fresh();
}

function out() {
  mine = null;
  forgetCodes();
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
  const at = now();
  setText(byId("problem"), "");
  setText(byId("greeting"), mine.patient.name);
  byId("next-list").replaceChildren(...next(at));
  fill("coming", "way-list", mine.deliveries.map((one) => wayCard(one, at, read)));
  fill("paying", "payment-list", mine.payments.filter(isShown).map((one) => paymentCard(one, read)));
  const held = mine.medicines.toSorted((a, b) => ENDED.has(a.state) - ENDED.has(b.state));
  byId("medicine-list").replaceChildren(...held.map((one) => medicineCard(one, at, act)));
  show(byId("no-medicines"), mine.medicines.length === 0);
  for (const one of document.querySelectorAll("details")) one.open = open.has(one.dataset.more);
  if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  show(byId("enter"), false);
  show(byId("mine"), true);
  show(byId("leave"), true);
  fresh();
}

function fill(section, list, items) {
  show(byId(section), items.length > 0);
  byId(list).replaceChildren(...items);
}

/** The reminders: what is to be taken now, and the next times, by time. */
function next(at) {
  const all = mine.medicines.flatMap((one) => one.doses.filter((dose) => dose.said === null).map((dose) => ({ one, dose })));
  const soon = all.filter(({ dose }) => dose.due_ms > at.utc - 2 * 3_600_000).sort((a, b) => a.dose.due_ms - b.dose.due_ms);
  if (soon.length === 0) return [el("p", { class: "soft" }, t("my.nothing-next"))];
  const line = ({ one, dose }) => el("li", {}, el("b", {}, when(dose.due_ms, at.utc)), el("span", {}, `${one.medicine}: ${amount(one.dose)}`));
  return [el("ul", { class: "times" }, ...soon.slice(0, 8).map(line))];
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
    return draw();
  }
  return setText(document.querySelector(`[data-rx="${medicine.number}"] .problem`) ?? problem, reason(answer, words));
}

async function enter(event) {
  event.preventDefault();
  const answer = await asked("POST", "/api/my/session", { code: byId("code").value.trim(), birth_date: byId("born").value });
  setText(byId("problem"), answer.ok ? "" : reason(answer));
  if (!answer.ok) return;
  byId("enter").reset();
  await read();
  byId("next-title").focus();
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
document.addEventListener("visibilitychange", () => document.hidden || mine === null || read());
for (const event of ["online", "offline"]) addEventListener(event, fresh);
setInterval(fresh, 5000);
setInterval(() => document.hidden || mine === null || isTyping() || read(), EVERY_MS);
document.title = t("my.title");
read();
