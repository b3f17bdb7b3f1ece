// The three numbers of a tile, and which of a bed's sources each is taken from.
import { absent, judge } from "./freshness.js";

/** In order of preference. */
export const VITALS = [
  { name: "hr", metrics: ["hr", "pr_spo2"] },
  { name: "spo2", metrics: ["spo2"] },
  {
    name: "temp",
    metrics: ["temp_core", "temp_rect", "temp_body", "temp_tymp", "temp_oral", "temp_axil", "temp", "temp_skin"],
  },
];

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
  return usable.reduce((best, one) => (better(vital, one, best) ? one : best));
}

function better(vital, one, other) {
  if (one.state !== other.state) return RANK[one.state] < RANK[other.state];
  if (one.state === "stale") return one.age < other.age;
  const preference = vital.metrics.indexOf(one.metric) - vital.metrics.indexOf(other.metric);
  return preference < 0 || (preference === 0 && one.source.device < other.source.device);
}
