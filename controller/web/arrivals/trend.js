// NEWS2 of the last hour as a line of steps. A minute that lacks something has a dot: the score may be higher.
import { t } from "/public/i18n.js";
import { set, svg } from "./plane.js";

const [WIDTH, HEIGHT, PAD] = [150, 36, 4];
const HOUR_MS = 3_600_000;
/** Minutes further apart are not joined: nothing could be scored between them. */
const GAP_MS = 90_000;
/** What asks for an urgent and for an emergency answer (Royal College of Physicians, NEWS2, 2017). */
const [URGENT, EMERGENCY, MOST] = [5, 7, 12];

export function makeTrend() {
  const line = (score, kind) => svg("path", { class: kind, d: `M0 ${y(score)}H${WIDTH}` });
  const parts = [line(URGENT, "urgent-line"), line(EMERGENCY, "emergency-line"), svg("path", { class: "steps" }), svg("path", { class: "lacking" })];
  return svg("svg", { class: "news2-trend", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" }, ...parts);
}

export function updateTrend(node, scores, now) {
  node.classList.toggle("gone", scores.length < 2);
  if (scores.length < 2) return;
  const at = (one) => [x(one.at_ms, now), y(one.least)];
  let steps = "";
  scores.forEach((one, n) => {
    const [px, py] = at(one);
    const joined = n > 0 && one.at_ms - scores[n - 1].at_ms <= GAP_MS;
    steps += joined ? `H${px}V${py}` : `M${px} ${py}h.1`;
  });
  const lacking = scores.filter((one) => !one.complete);
  set(node.querySelector(".steps"), { d: steps });
  set(node.querySelector(".lacking"), { d: lacking.map((one) => `M${at(one).join(" ")}h.1`).join("") });
  const [first, last] = [scores[0], scores.at(-1)];
  const told = { n: scores.length, first: first.least, last: last.least, most: Math.max(...scores.map((one) => one.least)), lacking: lacking.length };
  set(node, { "aria-label": t("arrivals.news2", told) });
}

const x = (at_ms, now) => (WIDTH - PAD - (Math.min(Math.max(now - at_ms, 0), HOUR_MS) / HOUR_MS) * (WIDTH - 2 * PAD)).toFixed(1);

function y(score) {
  return (HEIGHT - PAD - (Math.min(score, MOST) / MOST) * (HEIGHT - 2 * PAD)).toFixed(1);
}
