// A patient's alarm in words, and how somebody says that they have seen it: its gateway is told, and tells us.
import { named, t } from "/public/i18n.js";
import { send } from "./api.js";

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

/** Whether somebody should still say that they have seen it. */
export const isUnseen = ({ bed, detail }) => bed !== null && detail.alarm !== undefined && !detail.seen;

/** Resolves when the controller has it; what comes of it is seen on the board. */
export function sawIt({ bed, gateway, detail }) {
  return send("POST", `/api/beds/${encodeURIComponent(bed)}/alarms/seen`, { gateway, alarm: detail.alarm });
}
