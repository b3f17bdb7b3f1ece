// The devices of an opened bed: what they are, how they are, when they were last heard.
import { age } from "/screen/format.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { heading } from "./panel.js";
import { linkOf } from "./views.js";
import { named, t } from "/public/i18n.js";

const FIELDS = ["state", "seen", "model", "serial", "battery", "link", "bad", "status", "alarms", "checked", "gateway"];

export class DeviceList {
  constructor() {
    this.empty = el("p", { "data-t": "bed.no-devices" }, t("bed.no-devices"));
    this.list = el("ul", { class: "devices" });
    this.node = el("section", {}, heading("bed.devices"), this.empty, this.list);
  }

  update(ward, devices, now) {
    show(this.empty, devices.length === 0);
    keep(this.list, devices, (device) => device.id, makeDevice, (node, device) => {
      updateDevice(node, device, { gateway: ward.gateways.get(device.gateway), seenAt: lastSeen(ward, device) }, now);
    });
  }
}

function makeDevice(device) {
  const rows = FIELDS.map((field) => el("div", { "data-field": field }, el("dt"), el("dd")));
  return el("li", {}, el("h4", {}, device.id), el("dl", {}, ...rows));
}

/** When it last measured anything, or else when its connection last changed; null for never. */
function lastSeen(ward, device) {
  const times = [...ward.values.values()].filter((value) => value.device === device.id).map((value) => value.at_ms);
  return times.length ? Math.max(...times) : device.since_ms;
}

function updateDevice(node, device, around, now) {
  setState(node, device.connected === false ? "off" : "on");
  const texts = describe(device, around, now);
  for (const row of node.querySelectorAll("[data-field]")) {
    setText(row.firstChild, t(`device.${row.dataset.field}`));
    setText(row.lastChild, texts[row.dataset.field]);
  }
}

const since = (text, at, now) => (at ? t("device.since", { state: text, age: age(Math.max(now - at, 0)) }) : text);

function describe(device, { gateway, seenAt }, now) {
  const { identity } = device;
  const maker = [identity.manufacturer, identity.model].filter(Boolean).join(" ");
  return {
    state: connection(device, now),
    seen: seenAt === null ? "–" : t("age.ago", { age: age(Math.max(now - seenAt, 0)) }),
    model: maker || device.profile || "–",
    serial: identity.serial ?? "–",
    battery: device.battery_percent === null ? "–" : since(`${device.battery_percent} %`, device.battery_at_ms, now),
    link: link(device, now),
    bad: counts(device.bad) || t("device.none"),
    status: conditions(device.status) || t("device.none"),
    alarms: alarms(device.alarms, now) || t("device.none"),
    checked: checked(device.verified),
    gateway: gateway?.name ?? device.gateway ?? "–",
  };
}

function connection(device, now) {
  if (device.connected === null) return t("device.unknown");
  return since(t(device.connected ? "device.connected" : "device.off"), device.since_ms, now);
}

function link(device, now) {
  if (device.connected === null) return "–";
  const { state } = linkOf(device, now);
  if (state === "off") return t("device.off");
  const word = t(`link.${state}`);
  return device.rssi === null ? word : since(`${word} (${device.rssi} dBm)`, device.link_at_ms, now);
}

const alarms = (active, now) =>
  Object.values(active).map((alarm) => since(alarm.text, alarm.at_ms, now)).join(", ");

/** What the reading of its bytes was held against: only what is not as it should be is worth words. */
function checked(verified) {
  if (verified === null) return "–";
  return t(verified ? "device.verified" : "device.unverified");
}

const counts = (bad) => Object.entries(bad).map(([name, n]) => `${named("bad", name)} ${n}`).join(", ");

const conditions = (status) =>
  Object.entries(status).filter(([, on]) => on).map(([name]) => named("status", name)).join(", ");
