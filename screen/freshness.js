// How a value may be shown at this moment. The only place that decides it.
//
//   current       the number, large
//   questionable  the number, large and marked, with what is said against it
//   none          no number: the device said why there is none
//   stale         no number: too old; why, as far as it is known, and how old
//   absent        nothing was ever measured here

/** Read from a device's memory, and nobody knows of when: its age is not that of the measurement. */
const undated = (quality) => quality.includes("stored") && quality.includes("questionable");

/** A value from the future is no more to be trusted than an old one. */
const FUTURE_MS = 2_000;

/**
 * {state, age, why, value, alien}: `why` is a key of the words, `age` is in ms, `value` the last one known; `alien`: a
 * newer one that is somebody else's, as the patient says, with its age, or null.
 */
export function judge(value, metric, now, device, gateway) {
  const age = now - value.at_ms;
  const judged = { age: Math.max(age, 0), metric: value.metric, value: value.value, source: value, alien: aged(value.not_theirs, now) };
  if (age < -FUTURE_MS) return { ...judged, state: "stale", why: "value.no-time" };
  if (age > metric.stale_after_s * 1000) return { ...judged, state: "stale", why: cause(device, gateway) };
  if (undated(value.quality)) return { ...judged, state: "stale", why: "quality.stored" };
  if (value.value === null) return { ...judged, state: "none", why: `reason.${value.reason ?? "not-available"}` };
  if (value.quality.length) return { ...judged, state: "questionable", why: `quality.${value.quality[0]}` };
  return { ...judged, state: "current", why: null };
}

const aged = (alien, now) => (alien ? { ...alien, age: Math.max(now - alien.at_ms, 0) } : null);

function cause(device, gateway) {
  if (gateway?.state === "offline") return "value.gateway-offline";
  if (device?.connected === false) return "value.device-off";
  return "value.stale";
}

/** What stands where no value ever came: no device that could give one, or one that has not yet. */
export function absent({ name, metrics }, devices) {
  const able = devices.filter((device) => device.metrics.some((metric) => metrics.includes(metric)));
  const off = able.length > 0 && able.every((device) => device.connected === false);
  const why = able.length === 0 ? "value.no-sensor" : off ? "value.off" : "value.waiting";
  return { state: "absent", why, age: null, metric: name, value: null, source: null, alien: null };
}
