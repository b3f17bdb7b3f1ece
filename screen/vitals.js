// The numbers of a tile, and which of a bed's sources each is taken from.
import { absent, judge } from "./freshness.js";

/** In order of preference. `second` are the diastolic ones; an `optional` one is there when something measures it. */
export const VITALS = [
  { name: "hr", metrics: ["hr", "pr_spo2"] },
  { name: "spo2", metrics: ["spo2"] },
  {
    name: "temp",
    metrics: ["temp_core", "temp_rect", "temp_body", "temp_tymp", "temp_oral", "temp_axil", "temp", "temp_skin"],
  },
  {
    name: "bp",
    metrics: ["abp_sys", "art_sys", "nibp_sys"],
    second: { abp_sys: "abp_dia", art_sys: "art_dia", nibp_sys: "nibp_dia" },
    optional: true,
  },
  { name: "rr", metrics: ["rr_co2", "vent_rr_total", "rr", "rr_imped", "rr_acoustic", "rr_pleth"], optional: true },
];

/** What stands large beside waveforms, in this order: breath and CO2 are looked for, measured or not. */
export const MONITOR_VITALS = [
  ...["hr", "spo2", "bp", "rr"].map((name) => ({ ...VITALS.find((one) => one.name === name), optional: false })),
  { name: "etco2", metrics: ["etco2"] },
  VITALS.find((one) => one.name === "temp"),
];

const SAME_MS = 1000;

const RANK = { current: 0, questionable: 1, none: 2, stale: 3 };

/** Every value of the bed, judged. */
export function judgeBed(ward, bed, now) {
  return ward.valuesOf(bed).map((value) => {
    const device = ward.devices.get(value.device);
    return judge(value, ward.metrics[value.metric], now, device, ward.gateways.get(device?.gateway));
  });
}

/** The best of the judged values for one vital sign: the one that may be shown, else the newest. */
export function choose(vital, judged, devices) {
  const usable = judged.filter((one) => vital.metrics.includes(one.metric));
  if (usable.length === 0) return absent(vital, devices);
  const best = usable.reduce((best, one) => (better(vital, one, best) ? one : best));
  return { ...best, second: secondOf(vital, best, judged), alien: alienOf(vital, best, judged) };
}

/** What is newer than `best` and somebody else's, the newest: {metric, value, second, age}; null if there is none. */
function alienOf(vital, best, judged) {
  const newer = judged.filter((one) => vital.metrics.includes(one.metric) && isAlien(one) && one.alien.at_ms >= best.source.at_ms);
  if (newer.length === 0) return null;
  const one = newer.reduce((one, other) => (other.alien.at_ms > one.alien.at_ms ? other : one));
  const belongs = (other) =>
    other.metric === vital.second?.[one.metric] &&
    other.source.device === one.source.device &&
    isAlien(other) &&
    Math.abs(other.alien.at_ms - one.alien.at_ms) < SAME_MS;
  return { ...one.alien, metric: one.metric, second: judged.find(belongs)?.alien.value ?? null };
}

const isAlien = (one) => one.alien !== null && one.alien.value !== null;

/** The diastolic value of the same measurement; null if there is none. */
function secondOf(vital, first, judged) {
  const belongs = (one) =>
    one.metric === vital.second?.[first.metric] &&
    one.source.device === first.source.device &&
    Math.abs(one.source.at_ms - first.source.at_ms) < SAME_MS;
  return judged.find(belongs)?.value ?? null;
}

function better(vital, one, other) {
  if (one.state !== other.state) return RANK[one.state] < RANK[other.state];
  if (one.state === "stale") return one.age < other.age;
  const preference = vital.metrics.indexOf(one.metric) - vital.metrics.indexOf(other.metric);
  return preference < 0 || (preference === 0 && one.source.device < other.source.device);
}
