// The auditor's page: asks who did what, page by page, and tells whether the trail is whole and as of when.
import { done, page } from "/people/page.js";
import { el, setState, setText, show } from "/screen/dom.js";
import { has, named, t } from "/public/i18n.js";
import { ACTIONS, draw as drawEntries } from "./entries.js";
import { Verdict } from "./verdict.js";

const DAY_MS = 86_400_000;
const SOON_MS = 1_000;
const ASK_MS = 60_000;
const TICK_MS = 1_000;

const byId = (id) => document.getElementById(id);
const verdict = new Verdict(byId("verdict"), byId("heads"), byId("faults"));
let answer = null;
let before = null;

/** What a `datetime-local` field says, in the zone of this screen; null when it is empty. */
const chosen = (id) => (byId(id).value ? new Date(byId(id).value).getTime() : null);

function local(ms) {
  const at = new Date(ms);
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function question() {
  const to = chosen("to") ?? Math.ceil(verdict.now()) + DAY_MS;
  const asked = new URLSearchParams({ from_ms: chosen("from") ?? 0, to_ms: to + 999 });
  for (const id of ["patient", "actor", "action"]) if (byId(id).value.trim()) asked.set(id, byId(id).value.trim());
  return asked;
}

async function search() {
  const asked = question();
  byId("csv").href = `/api/audit/export?${asked}`;
  if (before !== null) asked.set("before", before);
  const found = await done("GET", `/api/audit?${asked}`);
  if (found === undefined) return;
  answer = found;
  draw();
}

function draw() {
  verdict.draw();
  for (const option of byId("action").options) if (option.value) setText(option, named("audit.did", option.value));
  if (answer === null) return;
  const n = answer.entries.length;
  setText(byId("found"), t(n === 0 ? "audit.none" : answer.next === null ? "audit.some" : "audit.more", { n }));
  drawEntries(byId("entries"), answer.entries);
  show(byId("entries"), n > 0);
  byId("newer").disabled = before === null;
  byId("older").disabled = answer.next === null;
}

function turn(number) {
  before = number;
  return search();
}

async function check() {
  const told = await done("GET", "/api/audit/verification");
  if (told !== undefined) verdict.told(told);
}

/** Again and again, sooner until the first verification has ended. */
function checkLater() {
  setTimeout(() => check().finally(checkLater), verdict.known ? ASK_MS : SOON_MS);
}

async function begin(me) {
  if (me.state !== "open") return;
  await check();
  if (!byId("from").value) byId("from").value = local(verdict.now() - DAY_MS);
  await turn(null);
}

function start() {
  for (const action of ACTIONS) if (has(`audit.did.${action}`)) byId("action").append(el("option", { value: action }, action));
  byId("question").addEventListener("submit", (event) => {
    event.preventDefault();
    turn(null);
  });
  byId("newer").addEventListener("click", () => turn(null));
  byId("older").addEventListener("click", () => turn(answer.next));
  setInterval(() => verdict.draw(), TICK_MS);
  checkLater();
  setState(byId("verdict"), "waiting");
  page(begin, draw);
}

start();
