// Partner hospitals: our card, theirs, the fingerprint that is compared by telephone, and what waits for each.
import { done, follow, page, told } from "/people/page.js";
import { el, setText, show } from "/screen/dom.js";
import { age } from "/screen/format.js";
import { ask } from "/public/ask.js";
import { asked } from "./asked.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

const EVERY_MS = 3000;
const LOST_MS = 15_000;
const ORDER = ["active", "suspended", "ended"];

const byId = (id) => document.getElementById(id);
let seen = null;
let drawn = "";
let heardAt = null;

async function read() {
  try {
    const answer = await ask("GET", "/api/partners");
    follow(answer);
    if (answer.ok) {
      seen = answer.data;
      heardAt = performance.now();
    } else setText(byId("problem"), told(answer));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // no answer came: how old it is stands there
  }
  draw();
}

/** Drawn anew only if something is different, so that a button that somebody is about to press stays. */
function draw(isAnew = false) {
  fresh();
  if (seen === null) return;
  const now = JSON.stringify(seen.partners);
  if (now === drawn && !isAnew) return;
  drawn = now;
  byId("own").value = seen.card;
  setText(byId("fingerprint"), seen.fingerprint);
  show(byId("none"), seen.partners.length === 0);
  const focused = document.activeElement?.closest?.("[data-site]")?.dataset.site;
  byId("list").replaceChildren(...seen.partners.map(row));
  if (focused) byId("list").querySelector(`[data-site="${focused}"] button`)?.focus();
}

function fresh() {
  if (heardAt === null) return;
  const quiet = performance.now() - heardAt;
  setText(byId("fresh"), t(quiet > LOST_MS ? "partners.lost" : "partners.fresh", { apart: age(quiet) }));
}

const ago = (ms) => (ms === null ? t("partners.never") : t("partners.ago", { apart: age(seen.utc_ms - ms), time: moment(ms) }));

function row(one) {
  const head = el("h3", {}, `${one.name} · ${t(`partners.state-${one.state}`)}`);
  const lines = [el("p", { class: "soft" }, `${one.site} · ${one.address}`)];
  if (one.state !== "pending" && one.state !== "ended") {
    lines.push(el("p", {}, t("partners.contact", { reached: ago(one.reached_ms), heard: ago(one.heard_ms) })));
    if (one.trouble) lines.push(el("p", { class: "trouble" }, t("partners.trouble", { why: one.trouble })));
    lines.push(...(one.waiting.length === 0 ? [el("p", { class: "soft" }, t("partners.nothing-waits"))] : one.waiting.map(waits)));
  }
  lines.push(...one.refused.map((each) => refused(one, each)));
  return el("li", { "data-site": one.site, "data-state": one.state }, head, ...lines, steps(one));
}

function waits({ topic, count, since_ms: since }) {
  return el("p", { class: "trouble" }, t("partners.waits", { topic: t(`partners.topic-${topic}`), count, apart: age(seen.utc_ms - since) }));
}

function refused(one, each) {
  const again = () => done("PUT", `/api/partners/${one.site}/refused/${each.id}/again`).then(read);
  const button = el("button", { type: "button", "data-do": "again", "aria-label": t("partners.again-of", each), onclick: again }, t("partners.again"));
  return el("div", { class: "row" }, el("p", { class: "bad" }, t("partners.refused", { ...each, time: moment(each.done_ms) })), ...(one.state === "active" ? [button] : []));
}

function steps(one) {
  const isNew = one.state === "pending";
  const words = { active: isNew ? "compare" : "resume", suspended: "suspend", ended: "end" };
  const button = (to) => el("button", { type: "button", class: to === "ended" ? "danger" : "", "data-to": to, onclick: () => step(one, to) }, t(`partners.${words[to]}`));
  return el("div", { class: "row" }, ...ORDER.filter((to) => one.possible.includes(to)).map(button));
}

async function step(one, to) {
  const isNew = one.state === "pending" && to === "active";
  const body = { state: to };
  if (isNew) body.heard = await asked(t("partners.compare-title", one), t("partners.compare-note"), t("partners.compare"));
  else if (to !== "active") body.why = await asked(t(`partners.${to}-title`, one), t("partners.why"), t(to === "ended" ? "partners.end" : "partners.suspend"));
  if (body.heard === null || body.why === null) return;
  await done("PUT", `/api/partners/${one.site}/state`, body, { "If-Match": `"${one.revision}"` });
  await read();
}

byId("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  if ((await done("POST", "/api/partners", { card: byId("card").value })) === undefined) return;
  byId("add").reset();
  await read();
});
byId("copy").addEventListener("click", async () => {
  byId("own").select();
  await navigator.clipboard?.writeText(byId("own").value);
  setText(byId("copied"), t("partners.copied"));
});
setInterval(() => seen === null || document.hidden || read(), EVERY_MS);
setInterval(fresh, 1000);
page(read, () => draw(true));
