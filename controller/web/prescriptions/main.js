// Starts the page of prescriptions: whose, what holds, a new one. It asks again every few seconds while somebody looks.
import { asked, got } from "./asking.js";
import { setText, show } from "/screen/dom.js";
import { Facts } from "/board/facts.js";
import { Medicines } from "./list.js";
import { Notices } from "./notices.js";
import { page } from "/people/page.js";
import { Patients } from "./patients.js";
import { PatientSaid } from "./patient-said.js";
import { Poll } from "/board/poll.js";
import { ServerClock } from "/screen/clock.js";
import { Vigil } from "/screen/vigil.js";
import { Writing } from "./writing.js";

const ASK_MS = 15_000;
const LOST_MS = 40_000;
const TICK_MS = 250;
const byId = (id) => document.getElementById(id);

const clock = new ServerClock();
const poll = new Poll(ask, ASK_MS, (message) => setText(byId("problem"), message));
const vigil = new Vigil(poll, LOST_MS);
const facts = new Facts(clock);
const patients = new Patients(open);
const saidAtHome = new PatientSaid(byId("patient-said"));
const notices = new Notices(byId("notices"), openByIdentifier);
const writing = new Writing(told);
const medicines = new Medicines((draft, before) => writing.open(patient, draft, before), told);
let patient = null;
let me = null;

async function ask() {
  if (me === null || document.hidden) return;
  const whose = patient;
  const [of, list] = await Promise.all([got("/api/prescriptions/notices"), whose && got(`/api/prescriptions?${new URLSearchParams({ patient: whose.identifier })}`)]);
  clock.heard(of.server_ms);
  notices.show(of.notices, of.server_ms);
  if (whose !== null && whose === patient) medicines.show(list.prescriptions);
}

/** Something was done: what it was, and what is there now. */
function told(words) {
  setText(byId("said"), words);
  byId("medicines-title").focus();
  poll.soon();
}

function open(one) {
  close();
  patient = one;
  setText(byId("whose"), `${one.name} · ${one.identifier}`);
  setText(byId("said"), "");
  show(byId("opened"), true);
  show(byId("patients"), false);
  facts.open({ patient: one });
  saidAtHome.open(one.identifier);
  byId("whose").focus();
  poll.soon();
}

function close() {
  patient = null;
  writing.close();
  medicines.clear();
  facts.close();
  saidAtHome.close();
  show(byId("opened"), false);
  show(byId("patients"), true);
}

async function openByIdentifier(identifier) {
  const answer = await asked("GET", `/api/patients/${encodeURIComponent(identifier)}`);
  if (answer.ok) open(answer.data.patient);
}

/** From a bed's panel: who lies there now. The address names the bed, not the patient. */
async function openBed() {
  const bed = new URLSearchParams(location.hash.slice(1)).get("bed");
  if (bed === null) return;
  history.replaceState(null, "", location.pathname);
  const answer = await asked("GET", `/api/beds/${encodeURIComponent(bed)}`);
  if (answer.ok && answer.data.bed.patient !== null) await openByIdentifier(answer.data.bed.patient.identifier);
}

async function begin(who) {
  if (me?.user !== who.user) close(); // nothing of whoever was here before
  me = who.state === "open" ? who : null;
  if (me === null) return;
  const may = new Set(me.permissions);
  facts.person(me);
  medicines.person(me);
  show(byId("new"), may.has("rx:prescribe"));
  await Promise.all([patients.read(), hasKey(may)]);
  poll.soon();
  await openBed();
}

async function hasKey(may) {
  if (!may.has("rx:prescribe")) return show(byId("no-key"), false);
  const answer = await asked("GET", "/api/signing/keys");
  if (answer.ok) show(byId("no-key"), !answer.data.keys.some((one) => one.state === "active"));
}

function draw() {
  for (const one of [medicines, notices, writing, saidAtHome]) one.draw();
}

function tick() {
  vigil.look();
  if (clock.known) notices.tick(clock.now());
  if (patient !== null && clock.known) facts.update({ patient });
}

byId("facts").append(facts.node);
byId("new").addEventListener("click", () => writing.open(patient));
byId("another").addEventListener("click", () => {
  close();
  byId("patient").focus();
});
document.addEventListener("visibilitychange", () => document.hidden || poll.soon());
setInterval(tick, TICK_MS);
poll.run();
page(begin, draw);
