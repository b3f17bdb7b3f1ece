// Starts the medication round: the beds of a ward by what is due, the bedside, and what is on its way to the ward.
import { Poll } from "/board/poll.js";
import { got } from "/prescriptions/asking.js";
import { page } from "/people/page.js";
import { age } from "/screen/format.js";
import { el, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { Bedside } from "./bedside.js";
import { BedList } from "./bed-list.js";
import { Notices } from "/prescriptions/notices.js";
import { Ways } from "./ways.js";

const EVERY_MS = 15_000;
const LOST_MS = 20_000;
const TABS = ["beds", "ways"];

const byId = (id) => document.getElementById(id);
const hooks = { now, me: () => me.user, done: () => read(), back, again: () => read() };
const bedside = new Bedside(byId("bedside"), hooks);
const list = new BedList(byId("bed-list"), byId("nothing"), open, now);
const ways = new Ways(hooks);
const poll = new Poll(ask, EVERY_MS, (message) => setText(byId("problem"), message));
const notices = new Notices(byId("notices"), null);
const names = new Map();
let me = null;
let beds = [];
let heard = null;

/** The controller's time now: `server` in its own scale, `utc`. */
function now() {
  if (heard === null) return { server: Date.now(), utc: Date.now() };
  const passed = performance.now() - heard.at;
  return { server: heard.server + passed, utc: heard.utc + passed };
}

async function ask() {
  if (names.size === 0) await readWards();
  const ward = byId("ward").value;
  if (ward === "") return;
  const [round, { deliveries, server_ms: told }, mine] = await Promise.all([got(`/api/rounds?ward=${encodeURIComponent(ward)}`), got("/api/deliveries"), got("/api/prescriptions/notices")]);
  if (ward !== byId("ward").value) return;
  heard = { server: round.server_ms, utc: round.utc_ms, at: performance.now() };
  beds = round.beds.map((one) => ({ ...one, name: names.get(one.bed) ?? one.bed }));
  notices.show(mine.notices, mine.server_ms);
  ways.update(deliveries, me, told);
  if (bedside.isOpen) bedside.update(beds.find((one) => one.bed === bedside.bed.bed));
  list.update(beds);
  fresh();
}

async function readWards() {
  const { wards, beds: all } = await got("/api/snapshot");
  for (const one of all) names.set(one.id, one.name);
  byId("ward").replaceChildren(...wards.map((one) => el("option", { value: one.id }, one.name)));
  const lived = wards.find((one) => all.some((bed) => bed.ward === one.id && bed.patient));
  if (lived) byId("ward").value = lived.id;
  show(byId("choose-ward"), wards.length > 1);
}

async function read() {
  await poll.once();
  fresh();
}

function open(bed) {
  bedside.open(bed);
  show(byId("bed-list"), false);
}

function back() {
  const { bed } = bedside.bed;
  bedside.close();
  show(byId("bed-list"), true);
  document.querySelector(`[data-bed="${CSS.escape(bed)}"] button`)?.focus();
}

/** How old what is shown is: said always, and loudly when the controller does not answer. */
function fresh() {
  const quiet = poll.quietFor();
  const isLost = quiet === null ? performance.now() > LOST_MS : quiet > LOST_MS;
  show(byId("lost"), isLost || !navigator.onLine);
  setText(byId("lost"), t("round.lost", { apart: age(quiet ?? 0) }));
  ways.tick();
  if (heard !== null) notices.tick(now().server);
  setText(byId("fresh"), quiet === null ? "" : t("round.fresh", { apart: age(quiet) }));
}

function choose(name) {
  for (const one of TABS) {
    byId(`tab-${one}`).setAttribute("aria-selected", String(one === name));
    byId(`tab-${one}`).tabIndex = one === name ? 0 : -1;
    show(byId(one), one === name);
  }
}

function step(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const at = TABS.findIndex((one) => event.target.id === `tab-${one}`);
  if (!by || at < 0) return;
  const name = TABS[(at + by + TABS.length) % TABS.length];
  choose(name);
  byId(`tab-${name}`).focus();
}

function begin(who) {
  const isFirst = me === null;
  me = who;
  if (who.state !== "open" || !isFirst) return;
  poll.run();
  setInterval(fresh, 1000);
}

function draw() {
  if (heard === null) return;
  notices.draw();
  list.draw();
  ways.draw();
  bedside.draw();
  fresh();
}

for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => choose(name));
byId("tabs").addEventListener("keydown", step);
byId("ward").addEventListener("change", () => {
  if (bedside.isOpen) back();
  poll.soon();
});
for (const event of ["online", "offline"]) addEventListener(event, () => (fresh(), poll.soon()));
choose("beds");
page(begin, draw);
