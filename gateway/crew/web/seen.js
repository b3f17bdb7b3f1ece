// What the hospital sees of this vehicle now, and what follows later: in a crew's words.
import { age, metricName } from "/screen/format.js";
import { t } from "/screen/i18n.js";

/** What is behind by less is about to arrive. */
const SOON_MS = 5_000;
const KINDS = ["alert", "vital", "wave", "bulk"];
/** More waveforms by name are more than a glance takes in. */
const MOST_NAMED = 2;

/** {state, live, follows}: two short lines; the second is empty where nothing follows. `waves`: metrics measured here. */
export function seen(uplink, waves) {
  if (!uplink || uplink.online === undefined) return { state: "unknown", live: "", follows: "" };
  if (!uplink.online) return { state: "offline", live: t("uplink.offline"), follows: kept(uplink) };
  const lanes = new Map(KINDS.map((kind) => [kind, uplink.lanes?.[kind] ?? { live: true, pending_blocks: 0 }]));
  const first = (uplink.first_waves ?? []).map((one) => one.metric);
  const follows = [...behind(lanes, first, waves), ...gaps(lanes, first)].join(" · ");
  if (follows === "") return { state: "live", live: t("uplink.live"), follows };
  const live = liveKinds(lanes, first, waves);
  return { state: "behind", live: live ? t("uplink.sees", { what: live }) : t("uplink.not-live"), follows };
}

function kept(uplink) {
  if (!(uplink.pending_blocks > 0) || uplink.oldest_ms === null) return t("uplink.all-kept");
  return t("uplink.kept", { age: age(uplink.oldest_ms) });
}

/** "alarms, values, ECG II": on the hospital's screens as they are measured; stored readings never are. */
function liveKinds(lanes, first, waves) {
  const live = KINDS.slice(0, 2).filter((kind) => lanes.get(kind).live).map((kind) => t(`seen.${kind}`));
  if (lanes.get("wave").live && waves.length) live.push(first.length ? listed(first) : t("seen.wave"));
  return live.join(t("uplink.comma"));
}

/** "Pleth 3 min behind, there in about 5 min", for each kind that does not arrive as it is measured. */
function behind(lanes, first, waves) {
  const late = KINDS.filter((kind) => !lanes.get(kind).live || (isWaiting(lanes, kind) && goAfter(kind, first)));
  return late.map((kind) => {
    const lane = lanes.get(kind);
    const what = lane.live ? otherWaves(first, waves) : t(`seen.${kind}`);
    const said = { what, age: age(lane.oldest_ms ?? 0), left: age((lane.later_seconds ?? 0) * 1000) };
    return t(lane.later_seconds ? "uplink.behind-in" : "uplink.behind", said);
  });
}

/** "values, waveforms of the last 12 min still to follow": those that are live again after a gap. */
function gaps(lanes, first) {
  const kinds = KINDS.filter((kind) => lanes.get(kind).live && isWaiting(lanes, kind) && !goAfter(kind, first));
  if (kinds.length === 0) return [];
  const oldest = Math.max(...kinds.map((kind) => lanes.get(kind).oldest_ms));
  return [t("uplink.gap", { what: kinds.map((kind) => t(`seen.${kind}`)).join(t("uplink.comma")), age: age(oldest) })];
}

const isWaiting = (lanes, kind) => lanes.get(kind).pending_blocks > 0 && lanes.get(kind).oldest_ms >= SOON_MS;
/** Whether some of this kind go after others, because the link does not carry all. */
const goAfter = (kind, first) => kind === "wave" && first.length > 0;
const listed = (metrics) => [...new Set(metrics)].map(metricName).join(t("uplink.comma"));

function otherWaves(first, waves) {
  const others = waves.filter((metric) => !first.includes(metric));
  return others.length > 0 && others.length <= MOST_NAMED ? listed(others) : t("seen.others");
}
