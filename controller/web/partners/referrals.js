// Referrals to and from partner hospitals, one of them, and their conferences.
import { age } from "/screen/format.js";
import { ask } from "/public/ask.js";
import { Asking } from "./asking.js";
import { Concluded } from "./concluded.js";
import { done, follow, page, told } from "/people/page.js";
import { el, setText, show } from "/screen/dom.js";
import { Meetings } from "./meetings.js";
import { moment } from "/screen/dates.js";
import { Notices } from "./notices.js";
import { One } from "./one.js";
import { t } from "./words.js";

const EVERY_MS = 10_000; // each look at patients is a line of the trail
const LOST_MS = 30_000;

const byId = (id) => document.getElementById(id);
let seen = null;
let drawn = "";
let heardAt = null;

const one = new One(byId("one"), read);
const concluded = new Concluded(byId("concluded"));
const meetings = new Meetings(byId("meetings"), byId("no-meetings"), { changed: read, concluded: (each) => concluded.open(each) });
const notices = new Notices(byId("notices"), { open: choose, changed: read });
const asking = new Asking((answer) => {
  one.take(answer);
  return read();
});

async function read() {
  try {
    const answer = await ask("GET", "/api/referrals");
    follow(answer);
    if (answer.ok) {
      seen = answer.data;
      heardAt = performance.now();
    } else setText(byId("problem"), told(answer));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // no answer came: how old it is stands there
  }
  draw();
}

function draw(isAnew = false) {
  fresh();
  if (seen === null) return;
  const now = JSON.stringify([seen.referrals, seen.meetings, seen.partners, seen.notices]);
  if (now === drawn && !isAnew) return;
  drawn = now;
  asking.partners(seen.partners);
  notices.draw(seen.notices);
  meetings.draw(seen.meetings);
  show(byId("none"), seen.referrals.length === 0);
  const focused = document.activeElement?.closest?.("[data-id]")?.dataset.id;
  byId("list").replaceChildren(...seen.referrals.map(row));
  if (focused) byId("list").querySelector(`[data-id="${focused}"] button`)?.focus();
  if (isAnew) one.draw();
}

function fresh() {
  if (heardAt === null) return;
  const quiet = performance.now() - heardAt;
  setText(byId("fresh"), t(quiet > LOST_MS ? "partners.lost" : "partners.fresh", { apart: age(quiet) }));
}

function row(each) {
  const who = each.shown ? `${each.name} · ${each.patient}` : t("referrals.hidden");
  const head = el("h3", {}, `${t(`referrals.way-${each.way}`, { site: each.site_name })} · ${who}`);
  const line = el("p", {}, `${each.number} · ${t(`referrals.state-${each.state}`)} · ${moment(each.at_ms)}${each.reason ? ` · ${each.reason}` : ""}`);
  const open = el("button", { type: "button", "aria-label": t("referrals.open-of", each), onclick: () => choose(each.id) }, t("referrals.open"));
  return el("li", { "data-id": String(each.id), "data-state": each.state }, head, line, el("div", { class: "row" }, open));
}

async function choose(id) {
  const answer = await done("GET", `/api/referrals/${id}`);
  if (answer === undefined) return;
  one.take(answer);
  byId("one-title")?.focus();
}

setInterval(() => seen === null || document.hidden || read(), EVERY_MS);
setInterval(fresh, 1000);
page((person) => {
  concluded.me = person.user;
  show(byId("asking"), person.permissions.includes("partners:refer"));
  return read();
}, () => {
  draw(true);
  concluded.draw();
  asking.draw();
});
