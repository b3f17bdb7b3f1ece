// A reading of a device at home as people write it: "128/79 mmHg", "108 mg/dL (6.0 mmol/L)", "36.7 °C".
import { unit } from "/screen/format.js";

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
