// What is above every page: the other pages that a person may open, language, theme, account, lock, logout.
// Its elements are those of the files header.html and settings.html in controller/web/shell.
import { el, setText, show } from "/screen/dom.js";
import { languageButton, onLanguage, t, translate } from "./i18n.js";
import { leave } from "./leave.js";
import { Lock } from "./lock.js";
import { themeButton } from "/screen/theme.js";
import { waiting } from "./waiting.js";

const PAGES = [
  ["ward:watch", "/", "board.title"],
  ["arrivals:watch", "/arrivals", "arrivals.title"],
  ["imaging:read", "/imaging", "worklist.title"],
  ["rx:read", "/prescriptions", "rx.title"],
  ["rx:dispense", "/pharmacy", "pharmacy.title"],
  ["rx:administer", "/round", "round.title"],
  ["robots:read", "/robots", "robots.title"],
  ["patients:write", "/invite", "invite.title"],
  ["visits:read", "/visits", "visits.title"],
  ["conferences:read", "/conferences", "conferences.title"],
  ["conferences:hold", "/referrals", "referrals.title"],
  ["cohorts:ask", "/cohorts", "cohorts.title"],
  ["research:see", "/research", "research.title"],
  ["partners:manage", "/partners", "partners.title"],
  ["inventory:read", "/inventory", "inventory.title"],
  ["gateways:read", "/gateways", "gateways.title"],
  ["operations:read", "/ledger", "ledger.title"],
  ["people:manage", "/people", "people.title"],
  ["audit:read", "/audit", "audit.title"],
  ["break-glass:review", "/reviews", "reviews.title"],
];
const OF_ACCOUNT = [["logged-in", "/account/keys", "keys.title"]];

const byId = (id) => document.getElementById(id);

/** Starts it; `onPerson(me)` is called whenever somebody (else) is there, `redraw` on another language. */
export async function header(onPerson = () => {}, redraw = () => {}) {
  const lock = new Lock(byId("cover"), (me) => {
    show(byId("lock"), me.lock_ms !== null && me.state === "open");
    setText(byId("to-account"), me.user);
    links(me);
    waiting(me);
    return onPerson(me);
  });
  const name = () => (document.title = `${t(document.querySelector(".top h1").dataset.t)} – ${t("app.name")}`);
  languageButton(byId("language"));
  themeButton(byId("theme"));
  byId("lock").addEventListener("click", () => lock.lock());
  byId("logout").addEventListener("click", () => leave());
  onLanguage(name);
  onLanguage(redraw);
  translate();
  name();
  await lock.start();
}

function links(me) {
  const here = location.pathname;
  const pages = here.startsWith("/account") ? [...PAGES, ...OF_ACCOUNT] : PAGES;
  const needs = { "/imaging": me.imaging, "/robots": me.robots, "/referrals": me.partners, "/partners": me.partners };
  const there = (path) => path !== here && (needs[path] ?? true);
  const may = pages.filter(([permission, path]) => there(path) && me.permissions.includes(permission));
  byId("pages").replaceChildren(...may.map(link));
}

function link([, path, key]) {
  const id = `to-${path.slice(1).replaceAll("/", "-") || "board"}`;
  return el("a", { id, class: "button", href: path, "data-t": key }, t(key));
}
