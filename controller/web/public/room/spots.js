// What was measured now and then at the patient's home: of each kind the newest value, with its second number and its
// time. It is a fact of that time and not a number of now, hence it is shown at any age, and never without it.

const SPOTS = ["nibp_sys", "glucose_cap", "glucose", "weight", "temp_body", "temp_oral", "temp_tymp", "temp_axil"];
const SECOND = { nibp_sys: "nibp_dia" };
const SAME_MS = 1000;

/** Of VALUE items, the newest first: {metric, value, second, at_ms, isDoubtful}. */
export function spotsOf(values) {
  const held = values.filter((one) => one.value !== null);
  const newest = SPOTS.flatMap((metric) => held.filter((one) => one.metric === metric).sort((a, b) => b.at_ms - a.at_ms).slice(0, 1));
  return newest.map((one) => spot(one, held)).sort((a, b) => b.at_ms - a.at_ms);
}

function spot(one, held) {
  const isPair = (other) => other.metric === SECOND[one.metric] && other.device === one.device && Math.abs(other.at_ms - one.at_ms) < SAME_MS;
  const second = held.find(isPair)?.value ?? null;
  return { metric: one.metric, value: one.value, second, at_ms: one.at_ms, isDoubtful: one.quality.length > 0 };
}
