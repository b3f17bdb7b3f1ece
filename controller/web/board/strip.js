// The strip: every gateway's state in words, devices without a bed, active alerts, the time.
import { age, clockTime } from "./format.js";
import { el, keep, setState, setText } from "./dom.js";
import { t } from "/public/i18n.js";

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
    keep(this.gateways, [...ward.gateways.values()], (one) => one.id, makeChip, (chip, one) => {
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
  setText(chip.querySelector("b"), gateway.name);
  setText(chip.querySelector("span"), [gatewayState(gateway, now), ...clockState(gateway)].join(" · "));
}

/** "online", "behind: 42 blocks, oldest 3 min", "offline 12 s". */
export function gatewayState(gateway, now) {
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
