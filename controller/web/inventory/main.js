// Starts the page of devices: asks every few seconds, draws, and opens a record for whatever is scanned or chosen.
import { get } from "/board/api.js";
import { setText } from "/screen/dom.js";
import { header } from "/public/header.js";
import { Poll } from "/board/poll.js";
import { ServerClock } from "/screen/clock.js";
import { Vigil } from "/screen/vigil.js";
import { Batch } from "./batch.js";
import { Devices } from "./devices.js";
import { Form } from "./form.js";
import { Found } from "./found.js";
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
const found = new Found(byId("found"), (candidate) => form.found(candidate), () => poll.soon());
const scanner = new Scanner(byId("scan"), (scanned) => form.scanned(scanned));
const batch = new Batch(byId("batch"), () => poll.soon());

async function ask(signal) {
  const answer = await get("/api/inventory", { signal });
  clock.heard(answer.server_ms);
  form.choices(answer);
  devices.show(answer.devices, clock.now());
  found.show(answer, clock.now());
}

function draw() {
  if (clock.known) tick();
  form.draw();
  batch.draw();
}

function tick() {
  devices.update(clock.now());
  found.update(clock.now());
}

function start() {
  setInterval(() => vigil.look(), TICK_MS);
  setInterval(() => clock.known && tick(), 1_000);
  scanner.ready();
  poll.run();
  header(() => poll.soon(), draw);
}

start();
