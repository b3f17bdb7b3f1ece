// What a bed's score says at one moment: pure. The controller makes the scores (controller/scores), the same for all.
import { age, metricName, number } from "./format.js";
import { t } from "./i18n.js";

/** A score that the controller has not renewed for so long is not shown. */
const SILENT_MS = 15_000;
/** More missing parameters than this are counted, not named: the table names them. */
const NAMED = 1;

const names = (parameters) => parameters.map((one) => t(`scores.${one}`)).join(", ");

/** {state, number, least, risk, tail, age, lack}; null: nothing to score. `least`: it is that or more; `tail` ends `risk`. */
export function scoreView(item, now) {
  const score = item?.news2;
  if (!score) return null;
  const silent = now - item.at_ms > SILENT_MS;
  if (silent || score.oldest_ms === null) {
    const lack = silent ? t("scores.silent", { age: age(now - item.at_ms) }) : t("scores.nothing");
    return { state: "none", number: t("value.none"), least: false, risk: "", tail: "", age: "", lack };
  }
  const least = score.total === null;
  const open = least && score.risk === "low";
  return {
    state: open ? "incomplete" : score.risk,
    number: String(score.least),
    least,
    risk: open ? "" : t(`scores.risk.${score.risk}`),
    tail: open ? "" : t(least && score.risk !== "high" ? "scores.risk-or-higher" : "scores.risk-word"),
    age: age(Math.max(now - score.oldest_ms, 0)),
    lack: least ? lackOf(score.missing) : "",
  };
}

function lackOf(missing) {
  const which = missing.length > NAMED ? t("scores.many", { n: missing.length }) : names(missing);
  return t("scores.lacking", { which });
}

/** A line of the table: {name, value, points, reason, age}. A value that does not count is not shown. */
export function partView(part, score, metrics, now) {
  const name = t(`scores.${part.parameter}`);
  const old = part.at_ms === null ? "" : age(Math.max(now - part.at_ms, 0));
  if (part.points === null) {
    return { state: "none", name, value: t("value.none"), points: t("value.none"), reason: t(`scores.lack.${part.lack}`), age: old };
  }
  const scale = part.parameter === "spo2" ? t("scores.on-scale", { n: score.scale }) : "";
  const reason = [chartField(part), scale].filter(Boolean).join(" · ");
  const source = part.metric ? metricName(part.metric) : t("scores.entered");
  return { state: `p${part.points}`, name, value: valueOf(part, metrics), points: String(part.points), reason, age: `${source} · ${old}` };
}

function chartField(part) {
  if (part.parameter === "consciousness") return t(part.value === "A" ? "scores.acvpu.A" : "scores.cvpu");
  if (part.parameter === "oxygen") return t(`scores.${part.under}`);
  return part.under ? `${part.reason} ${t(`scores.under.${part.under}`)}` : part.reason;
}

function valueOf(part, metrics) {
  if (part.parameter === "consciousness") return t(`scores.acvpu.${part.value}`);
  if (part.parameter === "oxygen") return part.value === null ? t(`scores.${part.under}`) : t("scores.flow", { n: part.value });
  return number(part.value, metrics[part.metric]);
}

/** "Shock index 1.06 · 104 (2 s) / 98 (4 min)", or that there is none. */
export function shockText(shock, now) {
  if (!shock) return t("scores.no-shock");
  const old = (at) => age(Math.max(now - at, 0));
  const parts = { pulse: Math.round(shock.pulse), systolic: Math.round(shock.systolic) };
  return t("scores.shock", { value: shock.value.toFixed(2), ...parts, "pulse_age": old(shock.pulse_ms), "systolic_age": old(shock.systolic_ms) });
}

/** "GCS 14 · E4 V4 M6 · 12 min"; an old one has no number. */
export function gcsText(gcs, now) {
  if (!gcs) return t("scores.no-gcs");
  const old = age(Math.max(now - gcs.at_ms, 0));
  if (gcs.old) return t("scores.gcs-old", { age: old });
  return t(gcs.total === null ? "scores.gcs-open" : "scores.gcs", { total: gcs.total, text: gcs.text, age: old });
}
