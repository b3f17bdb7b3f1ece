// What the controller has said so far: the one state that everything on the page is drawn from.

const key = (value) => `${value.device} ${value.metric}`;
const alertKey = (alert) => `${alert.gateway} ${alert.device} ${alert.code}`;

export class Ward {
  constructor() {
    this.session = null;
    this.clear();
  }

  clear() {
    this.ready = false;
    this.wards = [];
    this.beds = [];
    this.metrics = {};
    this.devices = new Map();
    this.gateways = new Map();
    this.values = new Map();
    this.alerts = new Map();
    this.glass = [];
    this.scores = new Map();
  }

  /** A full picture replaces everything. */
  snapshot(data) {
    this.clear();
    this.ready = true;
    this.session = data.session;
    this.wards = data.wards;
    this.beds = [...data.beds].sort(byPlace);
    this.metrics = data.metrics;
    this.device(data.devices);
    this.gateway(data.gateways);
    this.value(data.values);
    this.alert(data.alerts);
    this.brokenGlass(data.break_glass);
    this.score(data.scores);
  }

  /** The controller sends them in order, and again when it knows their times better. */
  value(items) {
    for (const value of items) this.values.set(key(value), value);
  }

  device(items) {
    for (const device of items) this.devices.set(device.id, device);
  }

  gateway(items) {
    for (const gateway of items) this.gateways.set(gateway.id, gateway);
  }

  alert(items) {
    for (const alert of items) {
      if (alert.active) this.alerts.set(alertKey(alert), alert);
      else this.alerts.delete(alertKey(alert));
    }
  }

  score(items) {
    for (const score of items) this.scores.set(score.bed, score);
  }

  /** All that lasts, each time. */
  brokenGlass(items) {
    this.glass = items;
  }

  valuesOf(bed) {
    return [...this.values.values()].filter((value) => value.bed === bed);
  }

  devicesOf(bed) {
    return [...this.devices.values()].filter((device) => device.bed === bed);
  }

  get unassigned() {
    return [...this.devices.values()].filter((device) => device.bed === null);
  }

  alertsOf(bed) {
    return [...this.alerts.values()].filter((alert) => alert.bed === bed).sort(byPriority);
  }

  get activeAlerts() {
    return [...this.alerts.values()].sort(byPriority);
  }
}

/** Ward by ward, and as a person counts: bed 2 before bed 10. */
const { compare } = new Intl.Collator("en", { numeric: true });
const byPlace = (one, other) => compare(one.ward, other.ward) || compare(one.name, other.name);

const RANK = { high: 0, medium: 1, low: 2 };
const byPriority = (one, other) => RANK[one.priority] - RANK[other.priority] || other.at_ms - one.at_ms;
