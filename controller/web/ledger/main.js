// Starts the engineers' page: asks every two seconds, draws, and lets every age grow in between.
import { ago, count } from "./told.js";
import { clockTime } from "/screen/format.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { Failed } from "/imaging/failed.js";
import { get } from "/board/api.js";
import { Journals, weight } from "./journals.js";
import { header } from "/public/header.js";
import { t } from "/public/i18n.js";
import { Poll } from "/board/poll.js";
import { Refused } from "./refused.js";
import { ServerClock } from "/screen/clock.js";
import { Vigil } from "/screen/vigil.js";

const ASK_MS = 2_000;
const LOST_MS = 6_000;
const TICK_MS = 250;
const PAGE = 100;
const REFUSED_EVERY = 5;
const TOTALS = ["gateways", "journals", "produced", "committed", "missing", "duplicated", "quarantined", "shed", "resent", "waiting"];

const byId = (id) => document.getElementById(id);

const clock = new ServerClock();
const poll = new Poll(ask, ASK_MS, (message) => setText(byId("problem"), message));
const vigil = new Vigil(poll, LOST_MS);
const journals = new Journals(byId("journals"), again);
const refused = new Refused(byId("refused"));
const failed = new Failed(byId("failed"), byId("failed-title"));
let proof = null;
let refusedCount = null;
let offset = 0;
let asked = 0;

async function ask(signal) {
  const part = encodeURIComponent(byId("gateway").value.trim());
  const opened = journals.opened;
  const parts = [
    get(`/api/ledger?gateway=${part}&offset=${offset}&limit=${PAGE}`, { signal }),
    opened === null ? null : get(`/api/ledger/${opened}`, { signal }),
    asked++ % REFUSED_EVERY ? null : get(`/api/quarantine?gateway=${part}`, { signal }),
  ];
  const [answer, detail, messages] = await Promise.all(parts);
  proof = answer;
  clock.heard(answer.server_ms);
  journals.show(answer.journals, journals.opened === opened ? detail : null, clock.now());
  if (messages !== null) {
    refusedCount = messages.count;
    refused.show(messages.messages, clock.now());
  }
  draw();
}

/** Something else is asked for: show at once what is known of it, and ask. */
function again() {
  asked = 0;
  if (clock.known) journals.update(clock.now());
  poll.soon();
}

function verdict({ totals }) {
  const n = (name) => count(totals[name]);
  if (totals.duplicated) return ["defect", t("ledger.twice", { n: n("duplicated") })];
  if (totals.missing) {
    const parts = { n: n("missing"), produced: n("produced"), journals: n("unsettled"), waiting: n("waiting") };
    return ["missing", t("ledger.missing", parts)];
  }
  return ["whole", t("ledger.whole", { produced: n("produced") })];
}

function draw() {
  if (proof === null) return;
  const now = clock.now();
  const [state, words] = verdict(proof);
  setText(byId("verdict"), words);
  setState(byId("verdict"), state);
  const counted = proof.duplicated_as_of_ms;
  const twice = counted === null ? t("ledger.not-counted") : t("ledger.counted", { ago: ago(counted, now) });
  setText(byId("as-of"), `${t("ledger.as-of", { ago: ago(proof.as_of_ms, now) })} · ${twice}`);
  setText(byId("time"), clockTime(now));
  totals(proof.totals);
  paging(proof);
  setText(byId("refused-count"), refusedCount === null ? "" : t("refused.count", { n: count(refusedCount) }));
}

function totals(sums) {
  const make = (name) => el("div", {}, el("dt", { "data-t": `count.${name}` }, t(`count.${name}`)), el("dd"));
  keep(byId("totals"), TOTALS, (name) => name, make, (node, name) => {
    setText(node.lastChild, count(sums[name]));
    setState(node, weight(name, sums[name]));
  });
}

function paging({ totals: sums, offset: before, journals: shown }) {
  const last = before + shown.length;
  setText(byId("shown"), t("ledger.shown", { first: count(Math.min(before + 1, last)), last: count(last), n: count(sums.journals) }));
  byId("back").disabled = before === 0;
  byId("more").disabled = last >= sums.journals;
}

function turn(pages) {
  offset = Math.max(0, offset + pages * PAGE);
  again();
}

function tick() {
  vigil.look();
  if (proof === null) return;
  journals.update(clock.now());
  refused.update(clock.now());
  draw();
}

function start() {
  byId("back").addEventListener("click", () => turn(-1));
  byId("more").addEventListener("click", () => turn(1));
  byId("gateway").addEventListener("input", () => turn(-Infinity));
  document.querySelector(".tools").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("visibilitychange", tick);
  setInterval(tick, TICK_MS);
  poll.run();
  header(begin, () => {
    tick();
    failed.draw();
  });
}

/** Somebody (else) is there. */
function begin(me) {
  poll.soon();
  const may = me.state === "open" && me.permissions.includes("plugins:run");
  show(byId("failed"), may);
  return may ? failed.read() : null;
}

start();
