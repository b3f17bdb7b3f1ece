// Starts the page of images: the worklist, orders and reports for all, for those who may the way to add a file, and for
// those who look after the archive what waits for them.
import { page } from "/people/page.js";
import { show } from "/screen/dom.js";
import { Adding } from "./adding.js";
import { Doubts, Quarantine } from "./waiting.js";
import { Failed } from "./failed.js";
import { Orders } from "./orders.js";
import { Report } from "./report.js";
import { Studies } from "./studies.js";

const TABS = ["studies", "orders", "report", "doubts", "quarantine", "failed", "add"];

const byId = (id) => document.getElementById(id);
const studies = new Studies(addTo, openReport);
const adding = new Adding(() => studies.read());
const doubts = new Doubts(byId("doubts"), byId("tab-doubts"), "/api/imaging/doubts", () => studies.read());
const quarantine = new Quarantine(byId("quarantine"), byId("tab-quarantine"), "/api/imaging/quarantine", () => studies.read());
const failed = new Failed(byId("failed"), byId("tab-failed"));
const report = new Report(byId("report"), () => orders.read());
const orders = new Orders(openReport);
let manages = false;
let runs = false;

function choose(name) {
  for (const one of TABS) {
    byId(`tab-${one}`).setAttribute("aria-selected", String(one === name));
    byId(`tab-${one}`).tabIndex = one === name ? 0 : -1;
    show(byId(one), one === name);
  }
}

/** The report of an order, in its tab, which is there from the first one on. */
async function openReport(accession) {
  if (!(await report.open(accession))) return;
  show(byId("tab-report"), true);
  choose("report");
  byId("tab-report").focus();
}

/** A file for the patient of a study. */
function addTo(study) {
  adding.patient(study);
  choose("add");
  byId("add-file").focus();
}

function step(event) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const shown = TABS.filter((one) => !byId(`tab-${one}`).hidden);
  const at = shown.findIndex((one) => event.target.id === `tab-${one}`);
  if (!by || at < 0) return;
  const name = shown[(at + by + shown.length) % shown.length];
  choose(name);
  byId(`tab-${name}`).focus();
}

async function read() {
  await studies.read();
  if (studies.answer === null) return; // the page says why
  doubts.port = report.port = adding.port = studies.answer.port;
  await Promise.all([orders.read(), adding.read()]);
  if (manages) await Promise.all([doubts.read(), quarantine.read()]);
  if (runs) await failed.read();
}

async function begin(me) {
  if (me.state !== "open") return;
  manages = me.permissions.includes("imaging:manage");
  for (const name of ["doubts", "quarantine"]) show(byId(`tab-${name}`), manages);
  runs = me.permissions.includes("plugins:run");
  show(byId("tab-failed"), runs);
  show(byId("tab-add"), me.permissions.includes("imaging:write"));
  show(byId("tabs"), true);
  if (TABS.some((name) => !byId(name).hidden && byId(`tab-${name}`).hidden)) choose("studies");
  for (const one of [studies, orders, report, adding]) one.person(me);
  studies.draw();
  await read();
}

function draw() {
  for (const one of [studies, orders, report, doubts, quarantine, failed, adding]) one.draw();
}

for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => choose(name));
byId("tabs").addEventListener("keydown", step);
// Whoever comes back from the viewer sees what is new; nothing is asked again and again, for each look is recorded.
document.addEventListener("visibilitychange", () => document.hidden || read());
choose("studies");
page(begin, draw);
