// What the line of a model of early warning says at one moment: pure.
import { age } from "/screen/format.js";
import { t } from "/public/i18n.js";

/** The controller computes it every five minutes: an older one is not shown. */
const OLD_MS = 15 * 60_000;
const NAMED = 3;
/** A push that is smaller, in logit(p), is not named. */
const SMALL = 0.1;

/** {state, name, figure, age, label, pushes}; null: there is no model. */
export function modelView(told, news2, now) {
  if (!told?.model) return null;
  const { model, score } = told;
  const name = t("model.name", { name: model.name, version: model.version });
  const label = t(`model.data.${model.data}`);
  const why = notComputed(score, news2, now);
  if (why) return { state: "none", name, figure: t("model.not-computed", { why }), age: "", label, pushes: "" };
  const times = { computed: age(Math.max(now - score.at_ms, 0)), oldest: age(Math.max(now - Math.min(...Object.values(score.seen_ms)), 0)) };
  return { state: "computed", name, figure: t("model.within", { p: percent(score.probability), h: model.horizon_h }), age: t("model.age", times), label, pushes: pushesOf(score.pushes) };
}

/** Why there is nothing to show; "": there is. */
function notComputed(score, news2, now) {
  if (!news2 || news2.total === null) return t("model.why.news2");
  if (news2.scale !== 1) return t("model.why.scale");
  if (!score) return t("model.why.not-yet");
  if (now - score.at_ms > OLD_MS) return t("model.why.old", { age: age(now - score.at_ms) });
  if (score.probability !== null) return "";
  return Object.entries(score.why).map(([what, why]) => reason(what, why)).join(", ");
}

function reason(what, why) {
  if (["age", "class", "news2"].includes(what)) return t(`model.why.${what}`);
  if (why === "scale") return t("model.why.scale");
  return `${t(`scores.${what}`)}: ${t(why === "beyond" ? "model.why.beyond" : `scores.lack.${why}`)}`;
}

function percent(probability) {
  if (probability < 0.01) return "< 1 %";
  return probability > 0.99 ? "> 99 %" : `${Math.round(100 * probability)} %`;
}

/** "raised most by respiration, pulse; lowered by temperature". */
function pushesOf(pushes) {
  const named = pushes.filter((one) => Math.abs(one.push) >= SMALL).slice(0, NAMED);
  const list = (some) => some.map((one) => t(`scores.${one.parameter}`)).join(", ");
  const up = named.filter((one) => one.push > 0);
  const down = named.filter((one) => one.push < 0);
  return [up.length ? t("model.raised", { by: list(up) }) : "", down.length ? t("model.lowered", { by: list(down) }) : ""].filter(Boolean).join(" · ");
}
