// What was measured now and then at the patient's home: of each kind the newest value, with its second number and its
// time. It is a fact of that time and not a number of now, hence it is shown at any age, and never without it.

const SPOTS = ["nibp_sys", "glucose_cap", "glucose", "glucose_cap_molar", "glucose_molar", "weight", "temp_body", "temp_oral", "temp_tymp", "temp_axil"];
const SECOND = { nibp_sys: "nibp_dia" };
const SAME_MS = 1000;

/**
 * Of VALUE items, the newest first: {metric, value, second, at_ms, isDoubtful, alien}. `alien`: what is newer and somebody
 * else's, as the patient says, or null; where there is no other, `value` is null.
 */
export function spotsOf(values) {
  const held = values.filter((one) => one.value !== null);
  const aliens = values.filter((one) => one.not_theirs && one.not_theirs.value !== null).map((one) => ({ ...one.not_theirs, metric: one.metric, device: one.device }));
  return SPOTS.flatMap((metric) => spot(newest(held, metric), held, newest(aliens, metric), aliens)).sort((a, b) => b.at_ms - a.at_ms);
}

const newest = (all, metric) => all.filter((one) => one.metric === metric).sort((a, b) => b.at_ms - a.at_ms)[0] ?? null;

/** None, or one. */
function spot(one, held, alien, aliens) {
  if (one === null && alien === null) return [];
  const isNewer = alien !== null && (one === null || alien.at_ms > one.at_ms);
  const shown = isNewer ? { ...alien, second: secondOf(alien, aliens) } : null;
  if (one === null) return [{ metric: alien.metric, value: null, second: null, at_ms: alien.at_ms, isDoubtful: false, alien: shown }];
  return [{ metric: one.metric, value: one.value, second: secondOf(one, held), at_ms: one.at_ms, isDoubtful: one.quality.length > 0, alien: shown }];
}

function secondOf(one, all) {
  const isPair = (other) => other.metric === SECOND[one.metric] && other.device === one.device && Math.abs(other.at_ms - one.at_ms) < SAME_MS;
  return all.find(isPair)?.value ?? null;
}
