// Patients at home: a patient is found and invited, one sees where they are in, ends that, what they say they took, and
// what devices at home measured.
import { done, page } from "/people/page.js";
import { el, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { Access } from "./access.js";
import { Measured } from "./measured.js";
import { Taken } from "./taken.js";

const byId = (id) => document.getElementById(id);
const access = new Access(byId("access"));
const taken = new Taken(byId("taken"));
const measured = new Measured(byId("measured"), byId("targets"));
let me = null;
let found = null;

async function find() {
  const answer = await done("GET", `/api/patients?text=${encodeURIComponent(byId("text").value.trim())}`);
  if (answer === undefined) return;
  found = answer.patients;
  draw();
}

async function choose(patient) {
  const path = `/api/patients/${encodeURIComponent(patient.identifier)}`;
  await access.open(path, patient);
  await measured.open(path, me.permissions.includes("targets:set"));
  if (me.permissions.includes("rx:read")) await taken.open(path);
  byId("whose")?.focus();
}

function draw() {
  access.draw();
  taken.draw();
  measured.draw();
  if (found === null) return;
  show(byId("none"), found.length === 0);
  byId("found").replaceChildren(...found.map(row));
}

function row(one) {
  const who = [one.name, one.identifier, one.birth_date].filter(Boolean).join(" · ");
  const button = el("button", { type: "button", "aria-label": t("invite.choose-of", { who }), onclick: () => choose(one) }, t("invite.choose"));
  return el("li", { "data-patient": one.identifier }, el("span", {}, who), button);
}

byId("find").addEventListener("submit", (event) => {
  event.preventDefault();
  find();
});
page((who) => (me = who), draw);
