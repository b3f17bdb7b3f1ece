// Starts the page of devices: asks every few seconds, draws, and opens a record for whatever is scanned or chosen.
import { get } from "/board/api.js";
import { setText } from "/board/dom.js";
import { languageButton, onLanguage, translate } from "/public/i18n.js";
import { leave } from "/public/leave.js";
import { Lock } from "/public/lock.js";
import { themeButton } from "/public/theme.js";
import { Poll } from "/ledger/poll.js";
import { ServerClock } from "/board/clock.js";
import { Vigil } from "/board/vigil.js";
import { Batch } from "./batch.js";
import { Devices } from "./devices.js";
import { Form } from "./form.js";
import { Scanner } from "./scanner.js";

const ASK_MS = 4_000;
const LOST_MS = 12_000;
const TICK_MS = 250;

const byId = (id) => document.getElementById(id);

const clock = new ServerClock();
const poll = new Poll(ask, ASK_MS, (message) => setText(byId("problem"), message));
const vigil = new Vigil(poll, LOST_MS);
const form = new Form(byId("record"), () => poll.soon(), () => scanner.ready());
const devices = new Devices({ table: byId("devices"), tools: byId("tools"), waiting: byId("waiting") }, (device) => form.open(device));
const scanner = new Scanner(byId("scan"), (scanned) => form.scanned(scanned));
const lock = new Lock(byId("cover"), () => poll.soon());
const batch = new Batch(byId("batch"), () => poll.soon());

async function ask(signal) {
  const answer = await get("/api/inventory", { signal });
  clock.heard(answer.server_ms);
  form.choices(answer);
  devices.show(answer.devices, clock.now());
}

function draw() {
  if (clock.known) devices.update(clock.now());
  form.draw();
  batch.draw();
}

function start() {
  languageButton(byId("language"));
  themeButton(byId("theme"));
  byId("logout").addEventListener("click", leave);
  onLanguage(draw);
  translate();
  setInterval(() => vigil.look(), TICK_MS);
  setInterval(() => clock.known && devices.update(clock.now()), 1_000);
  scanner.ready();
  poll.run();
  lock.start();
}

start();
