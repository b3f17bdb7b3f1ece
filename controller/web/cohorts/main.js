// Cohorts: a question built in a form and read back in words, its answer, and what is saved.
import { ask } from "/public/ask.js";
import { done, page } from "/people/page.js";
import { setText, show } from "/screen/dom.js";
import { age } from "/screen/format.js";
import { languageTag, t } from "/public/i18n.js";
import { moment } from "/screen/dates.js";
import { Builder } from "./builder.js";
import { planned, result } from "./result.js";
import { opened, row } from "./saved.js";

const SOON_MS = 250;
const byId = (id) => document.getElementById(id);
const builder = new Builder(() => later());
let all = null;
let words = null;
let timer = null;
let shown = () => {};

const language = () => (languageTag().startsWith("zh") ? "zh" : "en");

function later() {
  clearTimeout(timer);
  timer = setTimeout(readBack, SOON_MS);
}

/** The sentence, while the form is filled in; what is not yet right is said in its place. */
async function readBack() {
  const told = await ask("POST", "/api/cohorts/plan", { definition: builder.definition() });
  words = told.ok ? told.data.words : null;
  setText(byId("sentence"), told.ok ? words[language()] : told.message);
}

async function question(event) {
  event.preventDefault();
  const definition = builder.definition();
  const plan = await done("POST", "/api/cohorts/plan", { definition });
  if (plan === undefined) return;
  present(t("cohorts.asking"), plan.words, []);
  const told = await done("POST", "/api/cohorts/ask", { definition });
  if (told === undefined) return show(byId("answer"), false);
  shown = () => present(t("cohorts.answer"), plan.words, [...result({ ...told, now: all.now_utc_ms }), planned(plan, language(), told.found.read)]);
  shown();
  byId("answer-title").focus();
}

async function open(one) {
  const told = await done("GET", `/api/cohorts/${one.name}/${one.version}`);
  const plan = await done("POST", "/api/cohorts/plan", { definition: one.definition });
  if (told !== undefined && plan !== undefined) showVersion(told, plan);
}

function showVersion(told, plan) {
  const { version, runs } = told;
  const more = { now: all.now_utc_ms, mayList: all.may_list, again: (found) => showVersion(found, plan) };
  shown = () => present(`${version.name}@${version.version}`, version.words, [...opened(told, more), planned(plan, language(), runs[0]?.found.read ?? null)]);
  shown();
  byId("answer-title").focus();
}

function present(title, said, nodes) {
  setText(byId("answer-title"), title);
  setText(byId("answer-words"), said[language()]);
  byId("answer-body").replaceChildren(...nodes);
  show(byId("answer"), true);
}

async function save() {
  const told = await done("POST", "/api/cohorts", { name: byId("name").value, why: byId("why").value, definition: builder.definition() });
  if (told === undefined) return;
  await load();
  await open(told);
}

async function load() {
  const told = await done("GET", "/api/cohorts");
  if (told === undefined) return;
  all = told;
  builder.know(all.metrics);
  draw();
}

function draw() {
  if (all === null) return;
  const at = all.lake_utc_ms;
  setText(byId("lake"), at === null ? t("cohorts.no-lake") : t("cohorts.as-of", { when: moment(at), age: age(Math.max(all.now_utc_ms - at, 0)), n: all.generation }));
  show(byId("none"), all.cohorts.length === 0);
  byId("saved").replaceChildren(...all.cohorts.map((one) => row(one, language(), open)));
  if (words !== null) setText(byId("sentence"), words[language()]);
  shown();
}

byId("question").addEventListener("submit", question);
byId("save").addEventListener("click", save);
page((me) => (me.state === "open" ? load() : undefined), draw);
