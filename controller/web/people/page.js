// What every page about people has: who is logged in, in words, and how a refusal is told.
import { ask } from "/public/ask.js";
import { setText } from "/screen/dom.js";
import { header } from "/public/header.js";
import { named, t } from "/public/i18n.js";

const byId = (id) => document.getElementById(id);

/** Starts the page; `onPerson(me)` is called whenever somebody (else) is there, `redraw` on another language. */
export function page(onPerson, redraw = () => {}) {
  let me = null;
  const draw = () => {
    if (me === null) return;
    setText(byId("who"), introduced(me));
    redraw();
  };
  return header((who) => {
    me = who;
    draw();
    return onPerson(me);
  }, draw);
}

function introduced(me) {
  const roles = me.roles.map((role) => named("role", role)).join(", ");
  const wards = me.wards === null ? t("account.all-wards") : me.wards.join(", ") || t("account.no-wards");
  return t("account.who", { user: me.user, roles, wards });
}

/** Asks; a refusal is shown as the page's problem. Returns the answer's data, or undefined when refused. */
export async function done(method, path, body, headers) {
  const answer = await ask(method, path, body, headers);
  follow(answer);
  setText(byId("problem"), answer.ok ? "" : told(answer));
  return answer.ok ? answer.data : undefined;
}

/** Where an answer leads: without a session to the login, on a locked screen to its lock. */
export function follow({ status, code }) {
  if (status === 401 && code === "not-logged-in") location.replace("/login");
  if (status === 423) document.dispatchEvent(new Event("wardlink-locked"));
}

/** A refusal in words. */
export function told({ status, code, message, retryAfter }) {
  if (status === 429) return t("login.slow", { s: retryAfter });
  if (code === "wrong-login") return t("login.wrong");
  return code === "wrong-code" ? t("login.wrong-code") : message;
}
