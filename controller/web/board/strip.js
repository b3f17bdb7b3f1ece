// The strip: every gateway's state in words, devices without a bed, active alerts, the time.
import { age, clockTime } from "/screen/format.js";
import { el, keep, setState, setText } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { chips } from "./chips.js";

export class Strip {
  constructor(ward, lists) {
    this.ward = ward;
    this.gateways = document.getElementById("gateways");
    this.unassigned = document.getElementById("unassigned");
    this.alerts = document.getElementById("alerts");
    this.time = document.getElementById("time");
    this.unassigned.addEventListener("click", () => lists.open("unassigned"));
    this.alerts.addEventListener("click", () => lists.open("alerts"));
  }

  update(now) {
    const { ward } = this;
    keep(this.gateways, chips([...ward.gateways.values()]), (one) => one.id, makeChip, (chip, one) => {
      updateChip(chip, one, now);
    });
    this.#count(this.unassigned, "unassigned", ward.unassigned.length, "warn");
    this.#count(this.alerts, "alerts", ward.activeAlerts.length, ward.activeAlerts[0]?.priority);
    setText(this.time, clockTime(now));
  }

  #count(button, name, n, state) {
    const key = n === 0 ? "none" : n === 1 ? "one" : "many";
    setText(button, t(`${name}.${key}`, { n }));
    setState(button, n === 0 ? "quiet" : state);
  }
}

const makeChip = () => el("li", {}, el("b"), el("span"));

function updateChip(chip, gateway, now) {
  setState(chip, gateway.state);
  setText(chip.querySelector("b"), gateway.word ? t(gateway.word, { n: gateway.n }) : gateway.name);
  if (gateway.word) return setText(chip.querySelector("span"), "");
  setText(chip.querySelector("span"), [gatewayState(gateway, now), ...clockState(gateway)].join(" · "));
}

/** "waveforms follow later: 3 min behind, there in about 5 min", for each lane that has such. */
function laterOnes(gateway) {
  const late = Object.entries(gateway.lanes ?? {}).filter(([, lane]) => lane.later_blocks > 0);
  return late.map(([name, lane]) => {
    const what = t(`later.${name === "wave" && lane.live && gateway.first_waves.length > 0 ? "others" : name}`);
    const said = { what, age: age(lane.oldest_ms ?? 0), left: age((lane.later_seconds ?? 0) * 1000) };
    return t(lane.later_seconds ? "gateway.later-in" : "gateway.later", said);
  });
}

/** "online", "behind: 42 blocks, oldest 3 min", "offline 12 s". */
export function gatewayState(gateway, now) {
  const later = laterOnes(gateway);
  if (gateway.state === "behind" && later.length > 0) return later.join(" · ");
  if (gateway.state === "behind") {
    return t("gateway.behind-detail", { n: gateway.pending_blocks, age: age(gateway.oldest_ms ?? 0) });
  }
  if (gateway.state === "offline" && gateway.seen_ms === null) return t("gateway.offline");
  if (gateway.state === "offline") {
    return t("gateway.offline-detail", { age: age(Math.max(now - gateway.seen_ms, 0)) });
  }
  return t("gateway.online");
}

const clockState = (gateway) => (gateway.clock?.sync === "unset" ? [t("gateway.clock-unset")] : []);
