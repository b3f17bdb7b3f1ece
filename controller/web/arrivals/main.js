// Starts the arrivals board: vital signs and alerts by the board's stream, positions and requests asked for.
import { belongTo } from "/images/pictures.js";
import { get } from "/board/api.js";
import { clockTime } from "/screen/format.js";
import { keep, setText, show } from "/screen/dom.js";
import { header } from "/public/header.js";
import { t } from "/public/i18n.js";
import { Poll } from "/board/poll.js";
import { ServerClock } from "/screen/clock.js";
import { Stream } from "/screen/stream.js";
import { Vigil } from "/screen/vigil.js";
import { Ward } from "/public/ward.js";
import { makeCard, updateCard } from "./card.js";
import { Offers } from "/board/offers.js";

const ASK_MS = 2_000;
const TICK_MS = 250;
const DRAW_MS = 500;
const CHANGES = { values: "value", device: "device", gateway: "gateway", alert: "alert", scores: "score" };

const byId = (id) => document.getElementById(id);
const toLogin = () => location.replace("/login");

const clock = new ServerClock();
const ward = new Ward();
const stream = new Stream("/api/events", receive, toLogin);
const poll = new Poll(ask, ASK_MS, (message) => setText(byId("problem"), message));
const vigil = new Vigil({ quietFor });
const offers = new Offers(() => poll.soon(), "h2");
let held = null;
let streets = null;
let may = [];

/** How old the news are of whichever is behind: the stream, or the answers that come every ASK_MS. */
function quietFor() {
  const [told, asked] = [clock.quietFor(), poll.quietFor()];
  return told === null || asked === null ? null : Math.max(told, asked - ASK_MS);
}

function receive(kind, data, at) {
  const whole = kind === "snapshot" || kind === "registry";
  if (whole && data.session !== ward.session) clock.forget();
  clock.heard(data.server_ms, at);
  if (whole) ward.snapshot(data);
  else if (kind in CHANGES) ward[CHANGES[kind]](data.items);
  if (whole) poll.soon();
}

async function ask(signal) {
  streets ??= (await get("/api/arrivals/map", { signal })).lines;
  held = await get("/api/arrivals", { signal });
  offers.take(await get("/api/offers", { signal }));
  draw();
}

/** Only what both the stream and the last answer know of is shown: nobody's numbers stand on another's card. */
function draw() {
  if (held === null || !clock.known) return;
  const now = clock.now();
  setText(byId("time"), clockTime(now));
  const beds = new Map(ward.beds.filter((bed) => bed.patient).map((bed) => [bed.id, bed]));
  const coming = held.arrivals.filter((one) => beds.has(one.vehicle));
  const shared = { ward, now, may, hospital: held.hospital, streets, again: () => poll.soon() };
  offers.update(now, (vehicle) => beds.get(vehicle)?.patient);
  show(byId("nobody"), coming.length === 0);
  setText(byId("nobody"), t("arrivals.nobody"));
  keep(byId("arrivals"), coming, (one) => one.vehicle, makeCard, (card, one) => updateCard(card, one, beds.get(one.vehicle), shared));
}

function start() {
  byId("nobody").before(offers.node);
  setInterval(() => vigil.look(), TICK_MS);
  setInterval(draw, DRAW_MS);
  stream.run();
  poll.run();
  header((me) => {
    may = me.permissions;
    belongTo(me.user);
    offers.person(me);
    poll.soon();
  }, draw);
}

start();
