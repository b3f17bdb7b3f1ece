// What is on its way to the patient: where it is, the number of the queue, and the code to say when it is handed over.
import { age, clockTime } from "/screen/format.js";
import { el } from "/screen/dom.js";
import { when } from "./plain.js";
import { t } from "./words.js";
import { asked, reason } from "./wire.js";

const codes = new Map();

/** `again()`: the page asks anew. A code is shown until the page is closed; the controller keeps its hash only. */
export function wayCard(one, now, again) {
  const since = when(one.since_ms - now.server + now.utc, now.utc);
  const lines = [el("h3", {}, one.medicine), el("p", {}, t(`my.where.${one.way}`, { since }))];
  if (one.expected !== null && !one.coming_back) lines.push(el("p", { class: "expected" }, expected(one.expected, now)));
  if (one.coming_back) return el("li", { "data-way": one.number }, ...lines, el("p", { class: "stop" }, t("my.coming-back")));
  if (one.queue !== null) lines.push(el("p", { class: "queue" }, t("my.queue", { n: one.queue, day: one.day })));
  if (one.kind !== "ward") lines.push(...code(one, again));
  return el("li", { "data-way": one.number }, ...lines);
}

/** "It should be there between 10:42 and 10:45 (estimated 12 s ago)." */
function expected({ from_ms: from, to_ms: to, said_ms: said }, now) {
  const [first, last] = [from, to].map((ms) => clockTime(ms - now.server + now.utc));
  return t("my.expected", { first, last, apart: age(Math.max(now.server - said, 0)) });
}

function code(one, again) {
  const problem = el("p", { class: "problem", role: "alert" });
  const held = codes.get(one.number);
  const isHeld = held?.revision === one.revision;
  const shown = isHeld ? [el("p", { class: "code", role: "status" }, held.code), el("p", {}, t("my.code-note"))] : [];
  const make = el("button", { type: "button", class: isHeld ? "" : "primary", "data-key": `${one.number}/code` }, t(isHeld ? "my.code-another" : "my.code-show"));
  make.addEventListener("click", async () => {
    const answer = await asked("POST", `/api/my/deliveries/${one.number}/code`, undefined, one.revision);
    if (!answer.ok) return (problem.textContent = reason(answer));
    codes.set(one.number, { code: answer.data.code, revision: answer.data.delivery.revision });
    return again();
  });
  return [...shown, make, problem];
}

/** Another patient may use this phone next. */
export const forgetCodes = () => codes.clear();
