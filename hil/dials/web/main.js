// The bench: one stream in, one state, a tick that ages everything.
import "./words.js";
import { age } from "/screen/format.js";
import { Bed } from "./bed.js";
import { languageButton, onLanguage, t, translate } from "/screen/i18n.js";
import { setText, show } from "/screen/dom.js";
import { Stream } from "/screen/stream.js";
import { themeButton } from "/screen/theme.js";
import { updateDelays, updateTurns } from "./tables.js";

const TICK_MS = 250;
const LOST_MS = 3_000;

const byId = (id) => document.getElementById(id);
const beds = [];
let state = null;
let heardAt = performance.now();

function draw() {
  const late = performance.now() - heardAt;
  const away = state !== null && !state.board.connected;
  show(byId("lost"), late > LOST_MS || away);
  setText(byId("lost"), late > LOST_MS ? t("bench.lost", { age: age(late) }) : away ? t("bench.board-away") : "");
  if (state === null) return;
  for (const bed of beds) bed.update(state, late);
  updateDelays(byId("delays").tBodies[0], state.delays);
  updateTurns(byId("turns").tBodies[0], state.turns, state.measured);
}

function heard(kind, data) {
  if (kind !== "state") return;
  state = data;
  heardAt = performance.now();
  draw();
}

async function begin() {
  translate();
  languageButton(byId("language"));
  themeButton(byId("theme"));
  onLanguage(draw);
  const panel = await (await fetch("/api/panel")).json();
  byId("to-board").href = panel.board;
  beds.push(...panel.beds.map((about) => new Bed(about, panel)));
  byId("beds").append(...beds.map(({ node }) => node));
  setInterval(draw, TICK_MS);
  await new Stream("/api/live", heard, () => {}).run();
}

begin();
