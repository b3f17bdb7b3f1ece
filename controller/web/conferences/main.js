// Conferences of experts: what one has to know, one's own conferences, one of them with its agenda, and its room.
import { age } from "/screen/format.js";
import { ask } from "/public/ask.js";
import { Asking } from "./asking.js";
import { CaseFile } from "./file.js";
import { done, follow, page, told } from "/people/page.js";
import { el, setText, show } from "/screen/dom.js";
import { groups, noticeRow } from "./list.js";
import { languageTag, t } from "./words.js";
import { Me } from "./me.js";
import { Meeting } from "./meeting.js";
import { One } from "./one.js";
import { Shelf } from "/public/room/recording/shelf.js";

const EVERY_MS = 4000;
const LOST_MS = 15_000;

const byId = (id) => document.getElementById(id);
let seen = { conferences: [], notices: [] };
let heardAt = null;
let person = null;
let isFirst = true;
let looked = null;

const file = new CaseFile(byId("case"), { changed: (answer) => one.take(answer), look: again, show: showImage });
const meeting = new Meeting(byId("meeting"), { look: again, problem: (words) => setText(byId("problem"), words) });
const one = new One(byId("one"), {
  drawn: (told) => {
    file.follow(told);
    meeting.follow(told);
  },
  open: (number) => file.open(number),
  enter: () => meeting.enter(one.told),
  over: () => meeting.leave(),
  changed: read,
});
const asking = new Asking(byId("asking"), async (answer) => {
  one.take(answer);
  await read();
  byId("one-title").focus();
});
const me = new Me(byId("me"));
const shelf = new Shelf(byId("recordings"));

/** The chair's word that an image is shown is that its case is spoken about, too. */
async function showImage(of, image) {
  if (!meeting.isOpen) return setText(byId("problem"), t("mc.show-image-first"));
  setText(byId("problem"), "");
  if (of.state !== "now" && one.told.conference.is_chair) await one.change("PUT", "/now", { case: of.id }, null);
  return meeting.show(image);
}

async function read() {
  try {
    const answer = await ask("GET", "/api/conferences");
    follow(answer);
    if (answer.ok) {
      seen = answer.data;
      heardAt = performance.now();
    } else setText(byId("problem"), told(answer));
    await lookIfChanged();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // no answer came: how old it is stands there
  }
  draw();
}

/** Each look at patients is in the trail: one looks again when there is something else to see. */
async function lookIfChanged() {
  const mark = seen.conferences.find((conference) => conference.number === one.number)?.mark;
  if (mark === looked) return;
  looked = mark;
  await again();
}

async function again() {
  await one.look();
  await file.again();
}

function draw() {
  const focused = document.activeElement?.closest?.("[data-number]")?.dataset.number;
  const made = groups(seen.conferences, one.number).map(([key, rows]) => [el("h2", {}, t(`mc.group-${key}`)), el("ul", { class: "lines-of" }, ...rows.map(row))]);
  byId("groups").replaceChildren(...made.flat());
  if (focused) byId("groups").querySelector(`[data-number="${focused}"] button`)?.focus();
  show(byId("none"), heardAt !== null && seen.conferences.length === 0);
  show(byId("notices"), seen.notices.length > 0);
  byId("notices").querySelector("ul").replaceChildren(...seen.notices.map((notice) => noticeRow(notice, choose, readNotice)));
  shelf.show(one.number !== null && one.mine?.answer === "accepted" ? `/api/conferences/${one.number}` : null, person);
  fresh();
}

function row(conference) {
  const { number, title, state } = conference;
  const when = new Date(conference.start_ms).toLocaleString(languageTag(), { dateStyle: "medium", timeStyle: "short" });
  const open = el("button", { type: "button", "aria-label": t("mc.open-of", { title }), onclick: () => choose(number) }, t("mc.open"));
  const words = [el("span", { class: "time" }, when), el("span", { class: "grow" }, title), el("span", {}, t(`mc.state-${state}`)), el("span", { class: "soft" }, t("mc.line", conference))];
  if (conference.to_sign > 0) words.push(el("span", { class: "waits" }, t("mc.signs", { n: conference.to_sign })));
  return el("li", { "data-number": number, "data-state": state, "aria-current": number === one.number && "true" }, ...words, open);
}

async function choose(number) {
  if (number !== one.number) {
    meeting.leave();
    file.close();
  }
  await one.open(number);
  draw();
  byId("one-title")?.focus();
}

async function readNotice(notice) {
  await done("PUT", `/api/conferences/notices/${notice.id}/read`);
  await read();
}

function fresh() {
  if (heardAt === null) return;
  const quiet = performance.now() - heardAt;
  setText(byId("fresh"), t(quiet > LOST_MS ? "mc.lost" : "mc.fresh", { apart: age(quiet) }));
}

function redraw() {
  draw();
  one.draw();
  file.draw();
  meeting.redraw();
  asking.draw();
  me.draw();
  shelf.draw();
}

setInterval(() => person === null || document.hidden || read(), EVERY_MS);
setInterval(fresh, 1000);
page((who) => {
  person = who;
  meeting.keepsImages = who.permissions.includes("imaging:write");
  show(byId("asking"), who.permissions.includes("conferences:request"));
  show(byId("me"), who.permissions.includes("conferences:hold"));
  if (isFirst) asking.draw();
  isFirst = false;
  return read();
}, redraw);
