// Everything that the patient agreed to, word for word: of visits, recordings, conferences, other hospitals. What holds can
// be taken back here.
import { day, when } from "./plain.js";
import { el } from "/screen/dom.js";
import { languageTag, t } from "./words.js";
import { asked, reason } from "./wire.js";

/** `told(consents)`: something was taken back. */
export function consents({ consents: all }, now, told) {
  if (all.length === 0) return [el("li", { class: "soft" }, t("my.nothing-agreed"))];
  return all.map((one) => row(one, now, told));
}

/** "Visit by video: Thursday, 26 November", "Sharing with …: hospital-b". */
function what(one) {
  const about = one.start_ms === null ? one.name || one.about : day(one.start_ms);
  return t("my.consent-of", { scope: t(one.kind === "partner" ? "my.scope-partner" : `my.scope-${one.scope}`), about });
}

function row(one, now, told) {
  const state = one.holds ? "holds" : { permit: "over", deny: "no", withdrawn: "back" }[one.said];
  const lines = [el("h3", {}, what(one)), el("p", { class: "state" }, t(`my.consent-${state}`, { when: when(one.at_ms, now.utc) }))];
  if (!one.by.startsWith("patient:")) lines.push(el("p", { class: "soft" }, t("my.consent-heard", { who: one.by })));
  const key = `${one.about}/${one.scope}`;
  lines.push(el("details", { "data-more": `${key}/words` }, el("summary", {}, t("my.consent-words")), el("p", { lang: one.language === "zh" ? "zh-CN" : "en" }, one.text)));
  const node = el("li", { "data-consent": key, "data-state": state }, ...lines);
  if (one.holds) node.append(...taking(one, key, told));
  return node;
}

function taking(one, key, told) {
  const problem = el("p", { class: "problem", role: "alert" });
  const press = async () => {
    const answer = await asked("POST", "/api/my/consents", { kind: one.kind, about: one.about, scope: one.scope, language: languageTag().slice(0, 2) });
    return answer.ok ? told(answer.data) : (problem.textContent = reason(answer));
  };
  return [el("button", { type: "button", "data-key": `${key}/back`, "aria-label": t("my.take-back-of", { what: what(one) }), onclick: press }, t("my.take-back")), problem];
}
