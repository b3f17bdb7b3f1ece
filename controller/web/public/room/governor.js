// How much of picture and sound is sent over one connection, by how its network does: pure. Vital signs go first,
// then sound, then pictures.
//
//   let state = begin();
//   state = step(state, { ms: 500, rttMs: 80, sureMs: 75, lost: 0, freezes: 0, availableBps: null, sentBps: 90_000 });
//   RUNGS[state.rung]        // what may be sent now
//
// What is steered by: the round trip over the shortest one seen (what stands in queues), what is lost, freezes of the
// picture at the other end. The page's own round trip (`rttMs`) tells at once, and is long where a page is busy, too: a
// picture is made smaller by it, and given up only if the browser's (`sureMs`) agrees. The browser's estimate (`availableBps`) follows what is sent: it says that too much is
// sent, if as much is sent as it allows, and never that there is no room for more.

/** From the best down: the picture's most `lines`, `fps` and `bps`, and the sound's `audioBps`. 0: none. */
export const RUNGS = [
  { name: "full", lines: 720, fps: 30, bps: 1_500_000, audioBps: 32_000 },
  { name: "half", lines: 360, fps: 20, bps: 500_000, audioBps: 32_000 },
  { name: "small", lines: 180, fps: 12, bps: 150_000, audioBps: 24_000 },
  { name: "least", lines: 180, fps: 5, bps: 40_000, audioBps: 16_000 },
  { name: "sound", lines: 0, fps: 0, bps: 0, audioBps: 16_000 },
  { name: "text", lines: 0, fps: 0, bps: 0, audioBps: 0 },
];
const FIRST = 2;
const LEAST = 3;
const LAST = RUNGS.length - 1;

const QUEUED_MS = { calm: 100, bad: 180, awful: 600, dead: 1500 };
/** What is lost while nothing stands in queues was lost on the air: pictures bear a tenth of it. */
const LOST = { calm: 0.05, bad: 0.15, awful: 0.3, dead: 0.4 };
/** Reports of what was lost are of few packets: taken together over this. */
const LOSS_MS = 2000;
/** Of what a rung asks for, so much has to be there. */
const FITS = 0.6;
/** So long it has to be bad: a step down; the picture given up; the sound given up. */
const PATIENCE_MS = { less: 1000, picture: 4000, sound: 6000 };
/** So long it has to be good before a step up: until it was bad once; then; and into a rung that was tried in vain. */
const WAIT_MS = { first: 2000, least: 10_000, most: 40_000 };
/** A rung was had in vain if it is left again within this. */
const PROVEN_MS = 10_000;
/** A queue that shrinks by this from one look to the next is waited for. */
const SHRINKS = 0.95;
/** The base follows a longer way by so much a second. */
const DRIFT = 0.002;

/** Not with all at once: a network is not known yet. `waits`: for each rung, how long is waited before it is tried. */
export function begin() {
  return { rung: FIRST, baseMs: null, queued: 0, lost: 0, bad: 0, good: 0, waits: RUNGS.map(() => WAIT_MS.first), wasBad: false, sinceUp: null };
}

/** The next state, after `ms`. `rttMs`, `sureMs`, `availableBps`, `sentBps`: null if not known; `lost`: 0 to 1. */
export function step(state, seen) {
  const rttMs = roundTrip(state.rung, seen);
  const baseMs = base(state.baseMs, rttMs, seen.ms);
  const queued = rttMs === null ? state.queued : rttMs - baseMs;
  const lost = state.lost + (seen.lost - state.lost) * Math.min(seen.ms / LOSS_MS, 1);
  // What stands in a queue stands there twice: one late answer alone may be the page's own.
  const how = judge(state.rung, Math.min(queued, state.queued), { ...seen, rttMs, lost });
  const isShrinking = lost <= LOST.bad && queued < SHRINKS * state.queued;
  const isBad = (how === "bad" || how === "awful") && !isShrinking;
  const next = {
    ...proven(state, seen.ms),
    baseMs,
    queued,
    lost,
    bad: isBad ? state.bad + seen.ms : 0,
    good: how === "calm" ? state.good + seen.ms : how === "so-so" ? state.good : 0,
  };
  if (isBad && isDue(next, how)) return down(next, how);
  return next.rung > 0 && next.good >= next.waits[next.rung - 1] ? up(next) : next;
}

/** A rung that has held for long is no longer one that was tried in vain. */
function proven(state, ms) {
  const sinceUp = state.sinceUp === null ? null : state.sinceUp + ms;
  if (sinceUp === null || sinceUp < PROVEN_MS) return { ...state, sinceUp };
  return { ...state, sinceUp: null, waits: state.waits.with(state.rung, Math.min(state.waits[state.rung], WAIT_MS.least)) };
}

function roundTrip(rung, { rttMs, sureMs }) {
  if (rttMs === null || sureMs === null) return rttMs ?? sureMs;
  return rung < LEAST ? rttMs : Math.min(rttMs, sureMs);
}

function base(before, rttMs, ms) {
  if (rttMs === null) return before;
  return before === null ? rttMs : Math.min(before * (1 + (DRIFT * ms) / 1000), rttMs);
}

function judge(rung, queued, { rttMs, lost, freezes, availableBps, sentBps }) {
  if (queued > QUEUED_MS.awful || lost > LOST.awful) return "awful";
  const isFull = availableBps !== null && sentBps > 0.7 * availableBps && availableBps < FITS * RUNGS[rung].bps;
  if (queued > QUEUED_MS.bad || lost > LOST.bad || isFull) return "bad";
  if (rttMs !== null && queued < QUEUED_MS.calm && lost <= LOST.calm) return "calm";
  return freezes > 0 ? "bad" : "so-so";
}

function isDue({ rung, bad, queued, lost }, how) {
  if (rung < LEAST) return how === "awful" || bad >= PATIENCE_MS.less;
  if (rung === LEAST) return bad >= PATIENCE_MS.picture;
  return rung < LAST && (queued > QUEUED_MS.dead || lost > LOST.dead) && bad >= PATIENCE_MS.sound;
}

/** Two at once if it is awful, but never past the least picture; back, if the step up was in vain. */
function down(state, how) {
  const isInVain = state.sinceUp !== null;
  const by = how === "awful" && !isInVain && state.rung < LEAST - 1 ? 2 : 1;
  const waits = state.waits.map((wait) => Math.max(wait, WAIT_MS.least));
  if (isInVain && state.wasBad) waits[state.rung] = Math.min(2 * waits[state.rung], WAIT_MS.most);
  return { ...state, rung: state.rung + by, bad: 0, good: 0, waits, wasBad: true, sinceUp: null };
}

function up(state) {
  return { ...state, rung: state.rung - 1, bad: 0, good: 0, sinceUp: 0 };
}

/** In one word for people: null, "less" (a small picture), "sound" (no picture), "text" (neither). */
export function reduced({ rung, wasBad }) {
  const { name } = RUNGS[rung];
  if (name === "sound" || name === "text") return name;
  return rung >= FIRST && wasBad ? "less" : null;
}
