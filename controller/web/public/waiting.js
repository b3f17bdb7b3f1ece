// How much a person has not read of conferences and of partner hospitals, beside the links of the header.
import { ask } from "./ask.js";
import { t } from "./i18n.js";

const EVERY_MS = 15_000;
const ASKS = ["conferences:read", "conferences:hold"];
let timer = null;
let counts = {};

/** For whoever is there now; a page that is hidden or covered asks nothing. */
export function waiting(me) {
  clearInterval(timer);
  counts = {};
  draw();
  if (me.state !== "open" || !ASKS.some((one) => me.permissions.includes(one))) return;
  timer = setInterval(look, EVERY_MS);
  look();
}

async function look() {
  if (document.hidden || document.querySelector("dialog.cover[open]")) return;
  try {
    const answer = await ask("GET", "/api/waiting");
    if (answer.ok) counts = answer.data;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // no answer came: what was known last stands there
  }
  draw();
}

function draw() {
  for (const name of ["conferences", "referrals"]) {
    const link = document.getElementById(`to-${name}`);
    if (link === null) continue;
    const count = counts[name] ?? 0;
    if (count > 0) link.dataset.count = String(count);
    else delete link.dataset.count;
    link.title = count > 0 ? t("header.waiting", { count }) : "";
  }
}
