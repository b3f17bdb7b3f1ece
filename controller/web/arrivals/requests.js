// What a crew asks the hospital for, and who there has said that they know.
import { send } from "/board/api.js";
import { age } from "/screen/format.js";
import { el, part, setState, setText, show } from "/screen/dom.js";
import { Ring } from "./ring.js";
import { t } from "/public/i18n.js";

const CALL = "call";
export const RESOURCES = ["bed", "team", "cath-lab", "blood", CALL];
const ring = new Ring();

/** One row for each thing that can be asked for: the newest request, and the one thing to do about it. */
export function makeRequests() {
  const rows = RESOURCES.map(makeRow);
  return el("div", { class: "requests" }, el("ul", {}, ...rows), el("p", { class: "problem", role: "alert" }));
}

function makeRow(resource) {
  const note = el("input", { type: "text", maxlength: 120, autocomplete: "off" });
  const button = el("button", { type: "submit" });
  const form = el("form", { hidden: true }, note, button);
  const row = el("li", { "data-resource": resource }, el("b"), el("span", { class: "said" }), form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    row.act?.(note);
  });
  return row;
}

export function updateRequests(node, arrival, shared) {
  const problem = part(node, ".problem");
  for (const row of part(node, "ul").children) {
    const { resource } = row.dataset;
    const newest = arrival.requests.find((one) => one.resource === resource) ?? null;
    updateRow(row, resource, newest, shared);
    const what = todo(newest, resource, shared.may);
    if (resource === CALL) ring.hears(arrival.vehicle, newest !== null && newest.acknowledged_ms === null);
    row.act = (note) => act(what, { note, problem, newest, resource, vehicle: arrival.vehicle, again: shared.again });
  }
}

/** "ask", "acknowledge", "join" or null: what the one who looks may do now. A crew calls at its box alone. */
function todo(newest, resource, may) {
  const open = newest !== null && newest.acknowledged_ms === null;
  if (resource === CALL) return open && may.includes("visits:hold") ? "join" : null;
  if (open) return may.includes("arrivals:acknowledge") ? "acknowledge" : null;
  return may.includes("arrivals:ask") ? "ask" : null;
}

function updateRow(row, resource, newest, { now, may }) {
  const what = todo(newest, resource, may);
  show(row, resource !== CALL || newest !== null);
  show(part(row, "input"), what !== "join");
  const name = t(`resource.${resource}`);
  setText(part(row, "b"), name);
  setState(row, newest === null ? "none" : newest.acknowledged_ms === null ? "open" : "acknowledged");
  setText(part(row, ".said"), said(newest, now));
  show(part(row, "form"), what !== null);
  if (what === null) return;
  setText(part(row, "button"), t(`request.${what}`));
  part(row, "button").ariaLabel = t(`request.${what}-of`, { resource: name });
  if (what === "join") return;
  part(row, "input").ariaLabel = t(`request.${what}-note`, { resource: name });
  part(row, "input").placeholder = t(`request.${what}-hint`);
}

function said(one, now) {
  if (one === null) return t("request.none");
  const ago = (ms) => age(Math.max(now - ms, 0));
  const asked = t("request.asked", { age: ago(one.asked_ms), who: one.asked_by });
  const words = [one.note ? `${asked}: ${one.note}` : asked];
  if (one.acknowledged_ms !== null) {
    const known = t("request.acknowledged", { age: ago(one.acknowledged_ms), who: one.acknowledged_by });
    words.push(one.answer ? `${known}: ${one.answer}` : known);
  }
  return words.join(" · ");
}

/** Nothing typed is lost by a refusal. */
async function act(what, { note, problem, newest, resource, vehicle, again }) {
  const path = `/api/vehicles/${encodeURIComponent(vehicle)}/requests`;
  try {
    if (what === "ask") await send("POST", path, { resource, note: note.value });
    else if (what === "join") {
      const { visit } = await send("POST", `${path}/${newest.id}/call`, {});
      return location.assign(`/visits#visit=${visit}`);
    } else if (what === "acknowledge") await send("PUT", `${path}/${newest.id}/acknowledgement`, { answer: note.value });
    note.value = "";
    setText(problem, "");
  } catch (error) {
    if (error.name === "Refusal") setText(problem, error.message);
    else if (error instanceof TypeError) setText(problem, t("request.unreachable"));
    else throw error;
  }
  again();
}
