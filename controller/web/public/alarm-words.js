// A patient's alarm in words.
import { named, t } from "/screen/i18n.js";

const FLAGS = ["over", "escalated", "seen"];
const UNKNOWN = ["link-lost", "stale"];

/** What is over only because its device or its value is gone is not over: nobody knows. */
const wordOf = (name, detail) => (name === "over" && UNKNOWN.includes(detail.why) ? detail.why : name);

/** Of a technical one: which values have stopped, how full the battery or the disk is. */
function whichOf({ metrics, percent }) {
  const names = metrics ? metrics.split(" ").map((name) => named("metric", name)) : [];
  return percent === undefined ? names : [...names, `${percent} %`];
}

/** Who has seen it, where its gateway says so: at the box of a vehicle, or here. */
function wordsOf(name, detail) {
  if (name === "seen" && detail.by) return t(detail.crew ? "alarm.seen-by-crew" : "alarm.seen-by", detail);
  return t(`alarm.${wordOf(name, detail)}`);
}

/** "SpO₂ low · 85 (limit 90) · seen by kim (crew)" */
export function alarmWords({ code, detail }) {
  const beyond = detail.alarm === undefined ? whichOf(detail) : [t("alarm.beyond", detail)];
  const flags = FLAGS.filter((name) => detail[name]).map((name) => wordsOf(name, detail));
  return [named("alert", code), ...beyond, ...flags].join(" · ");
}
