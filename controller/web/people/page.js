// What every page about people has: who is logged in, the other pages they may open, lock, language, theme.
import { ask } from "/public/ask.js";
import { el, setText, show } from "/board/dom.js";
import { languageButton, named, onLanguage, t, translate } from "/public/i18n.js";
import { leave } from "/public/leave.js";
import { Lock } from "/public/lock.js";
import { themeButton } from "/public/theme.js";

const PAGES = [
  ["ward:watch", "/", "board.title"],
  ["operations:read", "/ledger", "ledger.title"],
  ["people:manage", "/people", "people.title"],
  ["audit:read", "/audit", "audit.title"],
  ["break-glass:review", "/reviews", "reviews.title"],
  ["own:account", "/account", "account.title"],
  ["logged-in", "/account/keys", "keys.title"],
];

const byId = (id) => document.getElementById(id);

/** Starts the page; `onPerson(me)` is called whenever somebody (else) is there, `redraw` on another language. */
export async function page(onPerson, redraw = () => {}) {
  let me = null;
  const draw = () => {
    if (me === null) return;
    setText(byId("who"), introduced(me));
    links(me);
    redraw();
  };
  const lock = new Lock(byId("cover"), (who) => {
    me = who;
    show(byId("lock"), me.lock_ms !== null && me.state === "open");
    draw();
    return onPerson(me);
  });
  languageButton(byId("language"));
  themeButton(byId("theme"));
  byId("lock").addEventListener("click", () => lock.lock());
  byId("logout").addEventListener("click", () => leave());
  onLanguage(draw);
  translate();
  await lock.start();
}

function introduced(me) {
  const roles = me.roles.map((role) => named("role", role)).join(", ");
  const wards = me.wards === null ? t("account.all-wards") : me.wards.join(", ") || t("account.no-wards");
  return t("account.who", { user: me.user, roles, wards });
}

function links(me) {
  const here = location.pathname;
  const may = PAGES.filter(([permission, path]) => path !== here && me.permissions.includes(permission));
  byId("pages").replaceChildren(...may.map(([, path, key]) => el("a", { class: "button", href: path, "data-t": key }, t(key))));
}

/** Asks; a refusal is shown as the page's problem. Returns the answer's data, or undefined when refused. */
export async function done(method, path, body) {
  const answer = await ask(method, path, body);
  if (answer.status === 401 && answer.code === "not-logged-in") location.replace("/login");
  if (answer.status === 423) document.dispatchEvent(new Event("wardlink-locked"));
  setText(byId("problem"), answer.ok ? "" : told(answer));
  return answer.ok ? answer.data : undefined;
}

function told({ status, code, message, retryAfter }) {
  if (status === 429) return t("login.slow", { s: retryAfter });
  if (code === "wrong-login") return t("login.wrong");
  return code === "wrong-code" ? t("login.wrong-code") : message;
}
