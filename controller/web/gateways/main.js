// Starts the page of gateways: asks every two seconds, draws, and shows a claim until its gateway has come in.
import { get } from "/board/api.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { header } from "/public/header.js";
import { t } from "/public/i18n.js";
import { Poll } from "/board/poll.js";
import { ServerClock } from "/screen/clock.js";
import { Vigil } from "/screen/vigil.js";
import { Boxes } from "./boxes.js";
import { ClaimCard } from "./claim.js";
import { Detail } from "./detail.js";
import { Form } from "./form.js";
import { List } from "./list.js";
import { Orders } from "./orders.js";
import { Places } from "./places.js";
import { moment } from "./state.js";

const ASK_MS = 2_000;
const LOST_MS = 8_000;
const TICK_MS = 250;

const byId = (id) => document.getElementById(id);

const clock = new ServerClock();
const poll = new Poll(ask, ASK_MS, (message) => setText(byId("problem"), message));
const vigil = new Vigil(poll, LOST_MS);
const claim = new ClaimCard(byId("claim"), () => form.ready());
const form = new Form(byId("record"), (made) => {
  claim.open(made);
  poll.soon();
});
const detail = new Detail(byId("gateway"), () => poll.soon(), (one) => form.again(one));
const orders = new Orders({ commands: byId("orders"), configuration: byId("configuration") }, again);
const list = new List({ table: byId("gateways"), tools: byId("tools") }, (one) => detail.open(one));
const boxes = new Boxes(byId("boxes"), (box) => form.propose(box));
const places = new Places(byId("places"), () => poll.soon());
let held = null;

async function ask(signal) {
  const asked = performance.now();
  held = await get("/api/provisioning", { signal });
  clock.heard(held.server_ms);
  claim.heard(held.gateways, asked);
  form.choices(held);
  places.choices(held);
  detail.heard(held.gateways);
  await orders.ask(detail.one, signal);
  draw();
}

function draw() {
  if (held === null) return;
  const now = { server: clock.now(), utc: clock.now() + held.utc_ms - held.server_ms };
  list.show(held, now);
  boxes.show(held.waiting);
  claim.draw(now);
  detail.draw(now);
  orders.draw(detail.one, now);
  twice(held.alerts);
  endings(held.endings, now.utc);
}

/** Something was done or typed: show at once what is known, and ask. */
function again() {
  draw();
  poll.soon();
}

/** Claims that were used with two keys, and what to do about each. */
function twice(alerts) {
  const node = byId("twice");
  keep(node.firstElementChild, alerts, (one) => one.gateway, () => el("li"), (item, one) => setText(item, t("claim.twice", one)));
  show(node, alerts.length > 0);
}

/** Certificates of the authority that somebody has to replace: `utcNow` is UTC in milliseconds. */
function endings(items, utcNow) {
  const node = byId("endings");
  keep(node.firstElementChild, items, (one) => one.certificate, () => el("li"), (item, one) => {
    const days = Math.max(Math.floor((one.ends_utc_s - utcNow / 1000) / 86_400), 0);
    setText(item, t(`authority.${one.certificate}`, { until: moment(one.ends_utc_s), days }));
  });
  show(node, items.length > 0);
}

function start() {
  setInterval(() => vigil.look(), TICK_MS);
  setInterval(draw, 1_000);
  form.ready();
  poll.run();
  header(() => poll.soon(), draw);
}

start();
