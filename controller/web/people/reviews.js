// The auditor's queue: who looked at whom, and why; a verdict is given once.
import { done, page } from "./page.js";
import { el, setState, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "/public/i18n.js";

const byId = (id) => document.getElementById(id);
let reviews = null;

async function read() {
  const answer = await done("GET", `/api/break-glass?all=${byId("all").checked}`);
  if (answer === undefined) return;
  reviews = answer.reviews;
  draw();
}

function draw() {
  if (reviews === null) return;
  show(byId("none"), reviews.length === 0);
  byId("reviews").replaceChildren(...reviews.map(item));
}

function item(one) {
  const when = moment(one.utc_ms, "UTC");
  const lines = [
    el("b", {}, t("reviews.what", one)),
    el("span", { class: "soft" }, t("reviews.when", { when, min: Math.round(one.lasted_ms / 60_000) })),
    el("span", {}, t("reviews.reason", one)),
  ];
  const node = el("li", {}, ...lines, one.verdict === null ? form(one) : verdict(one));
  setState(node, one.verdict ?? "waiting");
  return node;
}

function verdict(one) {
  return el("span", {}, t(`reviews.judged-${one.verdict}`, { user: one.reviewed_by, note: one.note || "–" }));
}

function form(one) {
  const note = el("input", { id: `note-${one.id}`, maxlength: 500, autocomplete: "off" });
  const judge = (word) => el("button", { type: "submit", value: word }, t(`reviews.${word}`));
  const node = el("form", {}, el("label", { for: note.id }, t("reviews.note")), note, judge("justified"), judge("unjustified"));
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { verdict: event.submitter.value, note: note.value.trim() };
    if ((await done("PUT", `/api/break-glass/${one.id}/review`, body)) !== undefined) await read();
  });
  return node;
}

byId("all").addEventListener("change", read);
page((me) => (me.state === "open" ? read() : null), draw);
