// From the ward's state to what a tile shows at one moment: pure, so it can be read and tested.
import { age } from "/screen/format.js";
import { choose, judgeBed, VITALS } from "/screen/vitals.js";
import { scoreView } from "/screen/scores.js";
import { t } from "/public/i18n.js";

const PLETH = "pleth";

/** Everything that `updateTile` draws. */
export function bedView(ward, bed, now, waveform) {
  const devices = ward.devicesOf(bed.id);
  const judged = judgeBed(ward, bed.id, now);
  const vitals = Object.fromEntries(VITALS.map((vital) => [vital.name, choose(vital, judged, devices)]));
  return {
    name: bed.name,
    patient: bed.patient,
    metrics: ward.metrics,
    alerts: ward.alertsOf(bed.id),
    vitals,
    score: scoreView(ward.scores.get(bed.id), now),
    state: tileState(Object.values(vitals), devices),
    wave: waveView(ward, devices, waveform, now),
    battery: worstBattery(devices, now),
    link: worstLink(devices, now),
    notes: notes(ward, devices),
  };
}

/** `empty`: nothing belongs here. `dead`: nothing on the tile is current. */
function tileState(vitals, devices) {
  if (devices.length === 0 && vitals.every((one) => one.state === "absent")) return "empty";
  const live = vitals.some((one) => one.state === "current" || one.state === "questionable");
  return live ? "live" : "dead";
}

function waveView(ward, devices, waveform, now) {
  const able = devices.some((device) => device.metrics.includes(PLETH));
  if (waveform.end === -Infinity) return { state: able ? "stopped" : "none", text: t("wave.none") };
  const old = now - waveform.end;
  const limit = (ward.metrics[PLETH]?.stale_after_s ?? 2) * 1000;
  if (old <= limit) return { state: "live", text: "" };
  const key = waveform.behind(now) ? "wave.behind" : "wave.stopped";
  return { state: "stopped", text: t(key, { age: age(old) }) };
}

function worstBattery(devices, now) {
  const known = devices.filter((device) => device.battery_percent !== null);
  if (known.length === 0) return null;
  const worst = known.reduce((one, other) => (other.battery_percent < one.battery_percent ? other : one));
  return {
    percent: worst.battery_percent,
    age: Math.max(now - worst.battery_at_ms, 0),
    off: worst.connected === false,
  };
}

const LINK_RANK = ["off", "weak", "fair", "good", "wired"];

/** {state, age}: the worst link of the bed's devices, null when none was ever seen. */
function worstLink(devices, now) {
  const links = devices.filter((device) => device.connected !== null).map((device) => linkOf(device, now));
  const rank = (link) => LINK_RANK.indexOf(link.state);
  return links.reduce((worst, link) => (worst === null || rank(link) < rank(worst) ? link : worst), null);
}

/** Received signal strength in dBm as a word; −70 and −85 are where BLE begins to lose packets and links. */
export function linkOf(device, now) {
  if (device.connected === false) return { state: "off", age: device.since_ms === null ? 0 : Math.max(now - device.since_ms, 0) };
  if (device.rssi === null) return { state: "wired", age: null };
  const state = device.rssi >= -70 ? "good" : device.rssi >= -85 ? "fair" : "weak";
  return { state, age: device.link_at_ms === null ? null : Math.max(now - device.link_at_ms, 0) };
}

function notes(ward, devices) {
  if (devices.length === 0) return [{ key: "none", state: "info", text: t("note.no-device") }];
  const off = devices.filter((device) => device.connected === false).map((device) => ({
    key: `off ${device.id}`,
    state: "warn",
    text: t("note.device-off", { device: device.id }),
  }));
  const gateways = new Set(devices.map((device) => ward.gateways.get(device.gateway)));
  const late = [...gateways].filter((gateway) => gateway && gateway.state !== "online").map((gateway) => ({
    key: `gateway ${gateway.id}`,
    state: "warn",
    text: t(`note.gateway-${gateway.state}`, { gateway: gateway.name }),
  }));
  return [...late, ...off];
}
