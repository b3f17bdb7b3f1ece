// What the box has said and is true now. Each event brings its part whole; only values and waves bring what is new.
import { choose } from "/screen/vitals.js";
import { judge } from "/screen/freshness.js";

const EMPTY = { metrics: {}, alarms: [], devices: [], scores: null, case: null, limits: null, corridor: null, uplink: null, pause: null, clock: null, oxygen: [] };

export class Box {
  constructor() {
    this.forget();
  }

  /** Nothing is known any more: another person is to log in. */
  forget() {
    Object.assign(this, EMPTY, { known: false, newest: new Map(), waving: new Set(), hushed: this.hushed ?? new Set() });
  }

  take(kind, data) {
    if (kind === "snapshot") this.forget();
    for (const name of Object.keys(EMPTY)) if (name in data) this[name] = data[name];
    for (const value of data.values ?? []) this.newest.set(`${value.device} ${value.metric}`, value);
    for (const wave of data.waves ?? []) this.waving.add(wave.metric);
    if (kind === "snapshot") this.known = true;
    const active = new Set(this.alarms.map((one) => one.id));
    for (const id of this.hushed) if (!active.has(id)) this.hushed.delete(id);
  }

  get stay() {
    return this.case?.stay ?? null;
  }

  /** Every value, judged as every page judges it. */
  judged(now) {
    const devices = new Map(this.devices.map((one) => [one.id, one]));
    return [...this.newest.values()].map((value) => judge(value, this.metrics[value.metric], now, devices.get(value.device)));
  }

  /** The best of `judged` for `vital`. */
  best(vital, judged) {
    const devices = this.devices.map((one) => ({ connected: one.connected, metrics: one.metrics ?? [] }));
    return choose(vital, judged, devices);
  }

  /** The most urgent alarm that should be heard now; null: none, or the sound is paused. */
  heard(now) {
    if (this.pausedFor(now) > 0) return null;
    return this.alarms.find((one) => this.isHeard(one))?.priority ?? null;
  }

  /** Whether nobody said yet that they have seen it. */
  isHeard(alarm) {
    return !alarm.seen && !this.hushed.has(alarm.id);
  }

  /** An alarm is silent on this screen until it ends. */
  hush(id) {
    this.hushed.add(id);
  }

  /** How long the sound still pauses, ms. */
  pausedFor(now) {
    const until = this.pause?.until_ms;
    return until === null || until === undefined ? 0 : Math.max(until - now, 0);
  }
}
