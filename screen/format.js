// Numbers, ages and times as a person reads them.
import { has, languageTag, named, t } from "./i18n.js";

const STEPS = [["s", 1000, 60], ["min", 60_000, 60], ["h", 3_600_000, 24], ["d", 86_400_000, Infinity]];

/** "2 s", "14 min", "3 h", "2 d". */
export function age(ms) {
  for (const [unit, size, limit] of STEPS) {
    const n = Math.floor(ms / size);
    if (n < limit) return t(`age.${unit}`, { n });
  }
  return "";
}

/** Decimals that a unit deserves whatever the value. */
const DECIMALS = { Cel: 1, mV: 2, "mmol/L": 1 };
/** A position in degrees, to about 10 m. */
const POSITION_DECIMALS = 4;

/** A value with as many decimals as its unit deserves: one for °C, none for a rate or a per cent. */
export function number(value, metric) {
  if (metric.unit in DECIMALS) return value.toFixed(DECIMALS[metric.unit]);
  if (Number.isInteger(value)) return String(value);
  if (metric.unit === "deg") return String(Number(value.toFixed(POSITION_DECIMALS)));
  return value.toFixed(Math.abs(value) < 10 ? 1 : 0);
}

/** The name of a judged value: of the pair, if it is one. */
export function judgedName(judged) {
  const both = `pair.${judged.metric}`;
  return isPair(judged) && has(both) ? t(both) : metricName(judged.metric);
}

const isPair = (judged) => judged.second !== null && judged.second !== undefined;

/** A judged value, and its second one if it has one: "120/80". */
export function pair(judged, metric) {
  const first = number(judged.value, metric);
  return isPair(judged) ? `${first}/${number(judged.second, metric)}` : first;
}

const UNITS = { Cel: "°C", "/min": "/min", "1": "", "{score}": "" };

/** UCUM as it is printed at a bedside. */
export function unit(ucum) {
  return UNITS[ucum] ?? ucum.replaceAll(/\[(\w+)\]/g, "$1");
}

/** A metric's short name: the words' own, else its name in the table. */
export function metricName(metric) {
  return has(`metric.${metric}`) ? t(`metric.${metric}`) : metric.replaceAll("_", " ");
}

/** A judged value's explanation: "stale 14 s", "sensor off", "poor signal", or "". */
export function why(judged) {
  if (judged.why === null) return "";
  const [prefix, ...rest] = judged.why.split(".");
  if (!has(judged.why)) return named(prefix, rest.join("."));
  return t(judged.why, { age: judged.age === null ? "" : age(judged.age) });
}

export function clockTime(ms, seconds = false) {
  const style = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (seconds) style.second = "2-digit";
  return new Intl.DateTimeFormat(languageTag(), style).format(ms);
}
