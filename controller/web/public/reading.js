// A reading of a device at home as people write it: "128/79 mmHg", "108 mg/dL (6.0 mmol/L)", "36.7 °C".
import { learn, t } from "/screen/i18n.js";
import { unit } from "/screen/format.js";

learn({
  en: { "target.below": "below {below} {unit}", "target.least": "at least {low} {unit}", "target.between": "at least {low} and below {below} {unit}" },
  zh: { "target.below": "低于 {below} {unit}", "target.least": "不低于 {low} {unit}", "target.between": "不低于 {low}、低于 {below} {unit}" },
});

const ONE_DECIMAL = new Set(["weight", "body-temperature"]);
const MG_OF_MMOL = 18.016; // mg/dL of glucose in one mmol/L

/** With its unit; blood sugar in both. */
export function shown(one) {
  const also = one.unit === "mg/dL" ? ` (${(one.value / MG_OF_MMOL).toFixed(1)} mmol/L)` : "";
  return `${numbers(one)} ${unit(one.unit)}${also}`;
}

/** One number, or two. */
export function numbers({ kind, value, second }) {
  const plain = (number) => number.toFixed(ONE_DECIMAL.has(kind) ? 1 : 0);
  return second === null ? plain(value) : `${plain(value)}/${plain(second)}`;
}

/** A target in words: "below 140/90 mmHg", "at least 70 and below 180 mg/dL". */
export function aimed({ kind, low, high, second_high: second, unit: name }) {
  const plain = (value) => numbers({ kind, value, second: null });
  const below = [high, second].filter((one) => one !== null).map(plain).join("/");
  const way = low === null ? "below" : below === "" ? "least" : "between";
  return t(`target.${way}`, { low: low === null ? "" : plain(low), below, unit: unit(name) });
}
