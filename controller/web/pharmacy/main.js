// Starts the pharmacy's page: the queue with its bench, notices, what is on the way, products. It asks again every few seconds.
import { Bench } from "./bench.js";
import { Boxes } from "./boxes.js";
import { Deliveries } from "./deliveries.js";
import { Facts } from "/board/facts.js";
import { Notices } from "./notices.js";
import { got } from "/prescriptions/asking.js";
import { page } from "/people/page.js";
import { Poll } from "/board/poll.js";
import { Products } from "./products.js";
import { Queue } from "./queue.js";
import { ServerClock } from "/screen/clock.js";
import { setText, show } from "/screen/dom.js";
import { Vigil } from "/screen/vigil.js";

const ASK_MS = 10_000;
const LOST_MS = 30_000;
const TICK_MS = 250;
const TABS = ["queue", "notices", "deliveries", "products"];
const byId = (id) => document.getElementById(id);

const clock = new ServerClock();
const poll = new Poll(ask, ASK_MS, (message) => setText(byId("problem"), message));
const vigil = new Vigil(poll, LOST_MS);
const facts = new Facts(clock);
const bench = new Bench(byId("bench"), facts, () => poll.soon());
const queue = new Queue(byId("queue"), clock, (item) => bench.open(item));
const boxes = new Boxes(byId("boxes"), () => deliveries.offer(boxes.inUse));
const deliveries = new Deliveries(byId("deliveries"), () => clock.now(), () => poll.soon());
const notices = new Notices(byId("notices"), () => clock.now(), () => poll.soon());
const products = new Products();
let me = null;

async function ask() {
  if (me === null || document.hidden) return;
  const [who, asked] = [me, notices.path];
  const [work, way, told] = await Promise.all([got("/api/pharmacy/queue"), got("/api/deliveries"), got(asked)]);
  if (who !== me) return;
  clock.heard(work.server_ms);
  queue.show(work.queue);
  bench.update(work.queue);
  deliveries.show(way.deliveries, way.server_ms);
  notices.show(told, asked);
  await boxes.read();
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

async function begin(who) {
  if (me?.user !== who.user) bench.close(); // nothing of whoever was here before
  me = who.state === "open" ? who : null;
  if (me === null) return;
  for (const one of [facts, queue, bench, deliveries, boxes, notices]) one.person(me);
  poll.soon();
  await Promise.all([products.read(), deliveries.read(), boxes.read()]);
}

function draw() {
  for (const one of [queue, bench, deliveries, boxes, notices, products]) one.draw();
}

function tick() {
  vigil.look();
  if (!clock.known) return;
  queue.tick();
  bench.tick();
  deliveries.tick();
  notices.tick();
}

for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => choose(name));
byId("tabs").addEventListener("keydown", step);
document.addEventListener("visibilitychange", () => document.hidden || poll.soon());
choose("queue");
setInterval(tick, TICK_MS);
poll.run();
page(begin, draw);
