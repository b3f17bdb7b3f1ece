// One research project: what it asks for, who decided what and when, what left, and what one may do now.
import { el, setState } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { languageTag, t } from "/public/i18n.js";

const count = (n) => new Intl.NumberFormat(languageTag()).format(n);
const path = (one) => `/api/research/${one.number}`;

/** Its node; `act(method, path, body, key, one)` takes a step, `names(metrics)` says them in words. */
export function project(one, { me, now, names, act }) {
  const state = stateOf(one, now);
  const lines = [
    ["research.state", [t(`research.is-${state}`), closing(one)].join("")],
    ["research.purpose", one.purpose],
    ["research.basis", t(`research.basis-${one.basis}`)],
    ["research.metrics", names(one.metrics)],
    ["research.days", t("research.from-to", { from: one.from_day, to: one.to_day })],
    ["research.ends", moment(one.expires_utc_ms, "UTC").slice(0, 10)],
    ["research.proposed", t("research.by", { by: one.proposed_by, when: moment(one.proposed_utc_ms) })],
    ...(one.decided_by === null ? [] : [["research.decided", decision(one)]]),
    ["research.left", one.releases.length === 0 ? t("research.nothing-left") : el("ul", {}, ...one.releases.map(release))],
  ];
  const told = lines.flatMap(([key, said]) => [el("dt", {}, t(key)), el("dd", {}, said)]);
  const node = el("li", {}, el("h3", {}, `${one.title} · ${one.number}`), el("dl", {}, ...told), ...steps(one, state, me, act));
  setState(node, state);
  return node;
}

/** The state in the store; one that was approved expires, one that nobody decided is withdrawn, not closed. */
function stateOf(one, now) {
  if (one.state === "approved" && one.expires_utc_ms <= now) return "expired";
  return one.state === "closed" && one.decided_by === null ? "withdrawn" : one.state;
}

const decision = (one) => t("research.by-why", { by: one.decided_by, when: moment(one.decided_utc_ms), why: one.why });

/** By whom; one that was closed before this was kept has it in the audit trail. */
function closing(one) {
  if (one.state !== "closed") return "";
  if (one.closed_by === null) return t("research.closer-in-trail");
  return t("research.closer", { by: one.closed_by, when: moment(one.closed_utc_ms) });
}

function release(one) {
  const said = { n: one.release, by: one.by, when: moment(one.utc_ms), people: count(one.people), rows: count(one.rows) };
  return el("li", {}, t("research.release", said), " ", el("code", {}, one.digest.slice(0, 16)));
}

function steps(one, state, me, act) {
  const may = (what) => me.permissions.includes(what);
  const made = [];
  if (state === "approved") made.push(el("p", { class: "soft" }, t("research.command"), " ", el("code", {}, `./run lake research ${one.number}`)));
  if (state === "proposed" && may("research:approve")) {
    if (one.proposed_by === me.user) made.push(el("p", { class: "soft" }, t("research.another")));
    else made.push(deciding(one, act, ["approved", "refused"]));
  }
  if (state === "approved" && may("research:approve")) made.push(deciding(one, act, ["closed"]));
  if (["proposed", "approved"].includes(state) && may("research:propose")) made.push(ending(one, state === "proposed" ? "withdraw" : "close", act));
  return made;
}

/** A reason, and a button for each state that it may go to: `states`. */
function deciding(one, act, states) {
  const why = el("input", { id: `why-${one.number}`, maxlength: 400, autocomplete: "off", required: true });
  const button = (state, n) => el("button", { type: "submit", value: state, class: n === 0 && state === "approved" ? "primary" : "" }, t(`research.make-${state}`));
  const node = el("form", { "aria-label": one.title }, el("label", { for: why.id }, t("research.reason")), why, ...states.map(button));
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    const state = event.submitter.value;
    await act("PUT", `${path(one)}/state`, { state, why: why.value.trim() }, `research.now-${state}`, one);
  });
  return node;
}

/** What cannot be undone is asked once more. */
function ending(one, word, act) {
  const sure = el("div", { class: "row", hidden: true }, el("span", {}, t(`research.sure-${word}`)));
  const first = el("button", { type: "button" }, t(`research.${word}`));
  const yes = el("button", { type: "button" }, t(`research.yes-${word}`));
  const no = el("button", { type: "button" }, t("research.keep"));
  const asked = (is) => {
    sure.hidden = !is;
    first.hidden = is;
    (is ? yes : first).focus();
  };
  first.addEventListener("click", () => asked(true));
  no.addEventListener("click", () => asked(false));
  yes.addEventListener("click", () => act("DELETE", path(one), undefined, `research.now-${word}`, one));
  sure.append(yes, no);
  return el("div", {}, el("p", { class: "row" }, first), sure);
}
