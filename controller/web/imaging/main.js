// Starts the page of images: the worklist for all, and for those who look after the archive what waits for them.
import { page } from "/people/page.js";
import { show } from "/screen/dom.js";
import { Doubts, Quarantine } from "./waiting.js";
import { Studies } from "./studies.js";

const TABS = ["studies", "doubts", "quarantine"];

const byId = (id) => document.getElementById(id);
const studies = new Studies();
const doubts = new Doubts(byId("doubts"), byId("tab-doubts"), "/api/imaging/doubts", () => studies.read());
const quarantine = new Quarantine(byId("quarantine"), byId("tab-quarantine"), "/api/imaging/quarantine", () => studies.read());
let manages = false;

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

async function read() {
  await studies.read();
  doubts.port = studies.answer?.port ?? null;
  if (manages) await Promise.all([doubts.read(), quarantine.read()]);
}

async function begin(me) {
  if (me.state !== "open") return;
  manages = me.permissions.includes("imaging:manage");
  show(byId("tabs"), manages);
  if (!manages) choose("studies");
  studies.person(me);
  studies.draw();
  await read();
}

function draw() {
  for (const one of [studies, doubts, quarantine]) one.draw();
}

for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => choose(name));
byId("tabs").addEventListener("keydown", step);
// Whoever comes back from the viewer sees what is new; nothing is asked again and again, for each look is recorded.
document.addEventListener("visibilitychange", () => document.hidden || read());
choose("studies");
page(begin, draw);
