// A card of decision support (CDS Hooks 2.0): how grave, what, from whom; and what one does with it.
import { el } from "/screen/dom.js";
import { markdown } from "./markdown.js";
import { named, t } from "/public/i18n.js";
import { moment } from "/screen/dates.js";

const OWN_WORDS = "";

/** `act(outcome)`: what the person does with it; null: it is only shown. */
export function card({ key, card: told }, answer, done, act) {
  const { indicator, summary, source } = told;
  const node = el("li", { "data-indicator": indicator, "data-card": key });
  node.append(
    el("b", { class: "grade" }, `${named("cds.indicator", indicator)} · ${answer.title || answer.service}`),
    el("p", { class: "what" }, summary),
    ...(told.detail ? [el("details", { open: indicator === "critical" }, el("summary", {}, t("cds.detail")), ...markdown(told.detail))] : []),
    el("p", { class: "note" }, `${t("cds.source")} `, source.url ? outside(source.url, source.label) : source.label),
    ...links(told.links),
    ...suggestions(told, done, act),
  );
  if (done.length > 0) node.append(...done.map((one) => el("p", { class: "done" }, outcome(one))));
  else if (act !== null && indicator !== "info") node.append(override(key, told, act));
  return node;
}

/** What became of a card, in words. */
export function outcome({ outcome: what, reason, comment, by, at_ms: at, told }) {
  const why = [reason === "" ? "" : JSON.parse(reason).display, comment].filter(Boolean).join(": ");
  return [t(`cds.${what}`, { by, when: moment(at) }), why, t(`cds.told.${told}`)].filter(Boolean).join(" · ");
}

const outside = (url, words) => el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, words);

function links(all) {
  if (all.length === 0) return [];
  const shown = all.map((one) => el("li", {}, one.type === "absolute" ? outside(one.url, one.label) : t("cds.smart", { label: one.label })));
  return [el("ul", { class: "links" }, ...shown)];
}

/** Only "do not prescribe it" can be done here by a click; all others are told in words. */
function suggestions({ suggestions: all }, done, act) {
  if (all.length === 0) return [];
  const shown = all.map((one) => {
    const words = [one.label, ...one.actions.map(({ description }) => description)].join(" – ");
    const drops = one.actions.length === 1 && one.actions[0].type === "delete";
    if (!drops || act === null || done.length > 0) return el("li", {}, words);
    return el("li", {}, el("button", { type: "button", onclick: () => act({ outcome: "accepted", suggestion: one.uuid ?? "", drops: one.actions[0].resourceId }) }, one.label));
  });
  return [el("p", { class: "note" }, t("cds.suggestions")), el("ul", { class: "suggested" }, ...shown)];
}

function override(key, { indicator, overrideReasons: reasons }, act) {
  const problem = el("p", { class: "problem", role: "alert" });
  const select = el("select", { id: `cds-reason-${key}` }, el("option", { value: OWN_WORDS }, t("cds.own-words")), ...reasons.map((one, place) => el("option", { value: String(place) }, one.display)));
  const input = el("input", { id: `cds-why-${key}`, maxlength: 500, autocomplete: "off" });
  const go = () => {
    const reason = select.value === OWN_WORDS ? null : reasons[Number(select.value)];
    if (indicator === "critical" && reason === null && input.value.trim() === "") {
      problem.textContent = t("cds.say-why");
      return input.focus();
    }
    act({ outcome: "overridden", reason, comment: input.value.trim() });
  };
  const parts = reasons.length > 0 ? [el("label", { for: select.id }, t("cds.reason")), select] : [];
  return el("div", { class: "override" }, ...parts, el("label", { for: input.id }, t("cds.why")), input, el("button", { type: "button", onclick: go }, t("cds.go-on")), problem);
}
