// The administrator's page: everybody's account, and letting people in and out.
import { done, page } from "./page.js";
import { el, setState } from "/screen/dom.js";
import { named, t } from "/public/i18n.js";
import { mayBeExpert, showExpert } from "./expert.js";
import { Rights } from "./rights.js";
import { showBadges } from "./badges.js";
import { showKeys, signs } from "./signing.js";

const byId = (id) => document.getElementById(id);
let known = null;
let adding = null;

async function read() {
  const answer = await done("GET", "/api/people");
  if (answer === undefined) return;
  known = answer;
  draw();
}

function draw() {
  if (known === null) return;
  byId("people").replaceChildren(...known.people.map(row));
  const chosen = adding?.chosen;
  const held = chosen && { roles: chosen.roles, wards: chosen.all_wards ? null : chosen.wards };
  adding = new Rights(known, held);
  byId("add-rights").replaceChildren(adding.node);
}

function row(one) {
  const cells = [
    el("th", { scope: "row" }, one.name),
    el("td", {}, one.roles.map((role) => named("role", role)).join(", ")),
    el("td", {}, one.wards === null ? t("people.all-wards") : one.wards.map(wardName).join(", ")),
    el("td", {}, state(one)),
    el("td", {}, el("div", { class: "actions" }, ...actions(one))),
  ];
  const node = el("tr", {}, ...cells);
  setState(node, one.disabled ? "disabled" : "active");
  return node;
}

const wardName = (id) => known.wards.find((ward) => ward.id === id)?.name ?? id;

function state(one) {
  const parts = [t(one.disabled ? "people.disabled" : "people.active")];
  if (one.one_time_password) parts.push(t("people.waits"));
  if (one.second_factor) parts.push(t("people.factor"));
  for (const kind of ["badge", "pin"]) if (one.held[`${kind}_ms`] !== null) parts.push(t(`people.has-${kind}`));
  if (one.sessions) parts.push(t("people.sessions", { n: one.sessions }));
  return parts.join(" · ");
}

function actions(one) {
  const path = `/api/people/${encodeURIComponent(one.name)}`;
  const button = (key, act) =>
    el("button", { type: "button", "aria-label": t(`people.${key}-one`, { user: one.name }), onclick: act }, t(`people.${key}`));
  const disabled = { disabled: !one.disabled };
  const found = [
    button("edit", () => edit(one, path)),
    button("reset", () => once(one.name, done("POST", `${path}/password`))),
    button(one.disabled ? "enable" : "disable", () => changed(done("PUT", `${path}/disabled`, disabled))),
  ];
  if (one.second_factor) found.push(button("forget", () => changed(done("DELETE", `${path}/second-factor`))));
  found.push(button("badge", () => showBadges(one, byId("edit"), closing(byId("edit")), read)));
  if (mayBeExpert(one)) found.push(button("expert", () => showExpert(one.name, byId("expert"))));
  if (signs(one)) found.push(button("keys", () => showKeys(one.name, byId("edit"), closing(byId("edit")))));
  return found;
}

async function changed(request) {
  if ((await request) !== undefined) await read();
}

function edit(one, path) {
  const dialog = byId("edit");
  const rights = new Rights(known, one);
  const form = el("form", {}, rights.node, el("button", { class: "primary" }, t("people.save")), closing(dialog));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    dialog.close();
    await changed(done("PUT", path, rights.chosen));
  });
  dialog.replaceChildren(el("h2", { id: "edit-title" }, t("people.edit-one", { user: one.name })), form);
  dialog.showModal();
}

const closing = (dialog) => el("button", { type: "button", onclick: () => dialog.close() }, t("people.close"));

async function once(name, request) {
  const answer = await request;
  if (answer === undefined) return;
  const dialog = byId("once");
  const title = el("h2", { id: "once-title" }, t("people.once", { user: name }));
  dialog.replaceChildren(title, el("p", {}, t("people.once-told")), el("p", { class: "secret" }, answer.password), closing(dialog));
  dialog.showModal();
  await read();
}

byId("once").addEventListener("close", () => byId("once").replaceChildren());
byId("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = event.target.elements.name;
  const body = { name: input.value.trim(), ...adding.chosen };
  const request = done("POST", "/api/people", body);
  if ((await request) === undefined) return;
  input.value = "";
  adding = null;
  await once(body.name, request);
});
page((me) => (me.state === "open" ? read() : null), draw);
