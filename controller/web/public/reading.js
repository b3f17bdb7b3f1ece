// A reading of a device at home as people write it: "128/79 mmHg", "108 mg/dL (6.0 mmol/L)", "36.7 °C".
import { learn, t } from "/screen/i18n.js";
import { unit } from "/screen/format.js";
import en from "./words/reading-en.js";
import zh from "./words/reading-zh.js";

learn({ en, zh });

const ONE_DECIMAL = new Set(["weight", "body-temperature"]);
const MASS = "mg/dL";
const MOLAR = "mmol/L";
const GLUCOSE = "blood-glucose";
/** As the controller has it (patient_access/glucose.py). */
const MG_PER_MMOL = 18.0156;

/** The units in which glucose is said. */
export const UNITS_OF_GLUCOSE = [MASS, MOLAR];

/** Where the other unit comes from: stands wherever both do. */
export const factor = () => t("glucose.factor", { factor: MG_PER_MMOL });

/** With its unit; glucose in both, first as it was told. */
export function shown(one) {
  const also = other(one);
  return `${numbers(one)} ${unit(one.unit)}${also === null ? "" : ` (${numbers(also)} ${also.unit})`}`;
}

/** The same of glucose in the other unit; null: it has none. */
function other(one) {
  if (one.kind !== GLUCOSE || one.value === null) return null;
  return one.unit === MASS ? { ...one, value: one.value / MG_PER_MMOL, unit: MOLAR } : { ...one, value: one.value * MG_PER_MMOL, unit: MASS };
}

/** One number, or two. */
export function numbers({ kind, value, second, unit: name }) {
  const plain = (number) => number.toFixed(ONE_DECIMAL.has(kind) || name === MOLAR ? 1 : 0);
  return second === null ? plain(value) : `${plain(value)}/${plain(second)}`;
}

/** A target in words: "below 140/90 mmHg", "at least 3.9 and below 10.0 mmol/L (at least 70 and below 180 mg/dL)". */
export function aimed(target) {
  if (target.low === null && target.high === null && target.second_high === null) return t("target.none");
  if (target.kind !== GLUCOSE) return words(target);
  const into = (value) => (value === null ? null : other({ kind: GLUCOSE, value, unit: target.unit }).value);
  const also = { ...target, low: into(target.low), high: into(target.high), unit: target.unit === MASS ? MOLAR : MASS };
  return `${words(target)} (${words(also)})`;
}

function words({ kind, low, high, second_high: second, unit: name }) {
  const plain = (value) => numbers({ kind, value, second: null, unit: name });
  const below = [high, second].filter((one) => one !== null).map(plain).join("/");
  const way = low === null ? "below" : below === "" ? "least" : "between";
  return t(`target.${way}`, { low: low === null ? "" : plain(low), below, unit: unit(name) });
}
