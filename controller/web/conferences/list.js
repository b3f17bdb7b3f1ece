// One's conferences in groups: to answer, going on, to sign, to come, over; and what one has to know.
import { el } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "./words.js";

const ORDER = ["answer", "now", "sign", "come", "over"];

function groupOf({ state, answer, to_sign: toSign }) {
  if (["proposed", "booked"].includes(state)) return answer === "needs-action" ? "answer" : "come";
  if (state === "in-progress") return "now";
  return toSign > 0 || state === "finished" ? "sign" : "over";
}

/** [[group, conferences], …] of those that there are; what is to come, the next one first. */
export function groups(conferences) {
  const found = ORDER.map((key) => [key, conferences.filter((one) => groupOf(one) === key)]);
  for (const [key, rows] of found) if (key !== "over") rows.reverse();
  return found.filter(([, rows]) => rows.length > 0);
}

export function noticeRow(notice, choose, read) {
  const { number, title } = notice;
  const what = t(`mc.notice-${notice.kind}`, { title, time: moment(notice.start_ms), detail: notice.detail });
  const open = el("button", { type: "button", "aria-label": t("mc.open-of", { title }), onclick: () => choose(number) }, t("mc.open"));
  const done = el("button", { type: "button", "aria-label": t("mc.read-of", { what }), onclick: () => read(notice) }, t("mc.read"));
  return el("li", { class: "row", "data-notice": notice.kind }, el("span", { class: "grow" }, what), open, done);
}
