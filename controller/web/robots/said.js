// Transports and robots in words: how far, when it is there, and why it waits or is late.
import { age, clockTime } from "/screen/format.js";
import { has, named, t } from "/public/i18n.js";
import { ageOf, isStale } from "./marks.js";
import { whyOf } from "./why.js";

const OPEN = new Set(["wanted", "assigned", "picked", "returning"]);
const MINUTE_MS = 60_000;

export const isOpen = (transport) => OPEN.has(transport.state);

/** "medicines · medicine priority · RX00000001/1". */
export function what(one) {
  return [named("robots.load", one.load), t("robots.priority-is", { priority: t(`robots.priority.${one.priority}`) }), one.subject].filter(Boolean).join(" · ");
}

export function stateOf(one) {
  const at = one.waits_here && has(`robots.here.${one.state}`) ? "robots.here" : "robots.state";
  return t(`${at}.${one.state}`, { robot: one.robot ?? "", pick: one.pick, drop: one.drop });
}

/** "Here 10:42 to 10:45, most likely 10:43 (in 4 min); estimated 2 s ago". `asked`: controller's time of the answer. */
export function etaOf(one, asked, now) {
  const eta = one.eta;
  if (eta === null) return isOpen(one) ? t("robots.eta-none") : "";
  if (eta.reason?.code === "there") return "";
  const [low, high] = [eta.low_ms, eta.high_ms].map((ms) => (ms === null ? null : clockTime(asked + ms)));
  const parts = { low, high, old: age(Math.max(0, now - eta.at_ms)) };
  if (high === null) return t("robots.eta-open", parts);
  if (!eta.observed) return t("robots.eta-guess", parts);
  const likely = eta.ms ?? eta.low_ms;
  const left = Math.max(0, Math.ceil((asked + likely - now) / MINUTE_MS));
  return t("robots.eta", { ...parts, likely: clockTime(asked + likely), left });
}

/** Whether it will be there too late, in words; "" where nobody said by when. */
export function deadlineOf(one, asked) {
  if (one.deadline_ms === null || !isOpen(one)) return "";
  const by = { by: clockTime(one.deadline_ms) };
  if (one.eta === null) return t("robots.by", by);
  if (asked + one.eta.low_ms > one.deadline_ms) return t("robots.late", by);
  return t(one.eta.high_ms === null || asked + one.eta.high_ms > one.deadline_ms ? "robots.maybe-late" : "robots.by", by);
}

/** Why it is not further, each once: by the estimate, the last decision, and what its robot says. */
export function reasons(one, robot, now) {
  const own = [one.eta && whyOf(one.eta), whyOf(one)];
  return [...new Set([...own, ...(robot ? standing(robot, now) : [])].filter(Boolean))];
}

/** What keeps a robot, each once: nothing, if it is as it should be. */
export function standing(robot, now) {
  const old = ageOf(robot, now);
  return [
    robot.condition !== "ready" && t("robots.it-is", { robot: robot.robot, condition: named("robots.condition", robot.condition) }),
    isStale(robot, now) && (old === null ? t("robots.never-seen") : t("robots.position-old", { age: age(old) })),
    isNews(robot) && whyOf({ why: robot.hold, reason: robot.hold_reason }),
    ...robot.doubts.map(whyOf),
    robot.waits && t("robots.waits", { age: age(Math.max(0, now - robot.waits.since_ms)), why: whyOf(robot.waits) }),
    robot.emergency_stop && !robot.doubts.some((one) => one.kind === "emergency-stop") && t("robots.emergency"),
  ].filter(Boolean);
}

/** Whether what holds it is more than its doubts and its condition, which are said anyway. */
const isNews = ({ hold, hold_reason: reason, doubts }) => reason?.code !== "robot-is" && hold !== doubts.map((one) => one.why).join("; ");
