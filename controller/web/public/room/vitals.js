// The patient's vital signs in the room, live: numbers with their ages, a strip, active alarms. The rules are the
// board's: what is old is no number, and a page that hears nothing says so. Without devices the panel is not shown.
import { age } from "/screen/format.js";
import { alarmWords } from "/public/alarm-words.js";
import { choose, judgeBed, MONITOR_VITALS } from "/screen/vitals.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { Lanes } from "/screen/lanes.js";
import { makeCell, updateCell } from "/screen/cell.js";
import { ServerClock } from "/screen/clock.js";
import { Stream } from "/screen/stream.js";
import { Sweeps } from "/screen/sweep.js";
import { t } from "./words.js";
import { Vigil } from "/screen/vigil.js";
import { Ward } from "/public/ward.js";

const TICK_MS = 250;
const RETRY_MS = 1_000;
const WAVES = ["ecg", "pleth"];

// One patient a page, though rooms come and go.
const clock = new ServerClock();
const sweeps = new Sweeps(clock);
const vigil = new Vigil(clock);

export class Vitals {
  #ward = new Ward(); #stream = null; #ticking = null; #said = new Set();

  /** `node` holds the panel and, beside it, what is said once of each alarm. */
  constructor(node) {
    this.panel = node.querySelector(".vitals");
    this.said = node.querySelector(".said");
    this.alarms = node.querySelector(".alarms");
    this.traces = node.querySelector(".traces");
    this.cells = new Map(MONITOR_VITALS.map((vital) => [vital, makeCell(vital.name)]));
    node.querySelector(".numbers").replaceChildren(...this.cells.values());
    this.lanes = new Lanes(this.traces, sweeps, WAVES);
  }

  /** Shows what is told at `address`; again with each seat that is had. */
  open(address) {
    this.#ticking ??= setInterval(() => this.draw(), TICK_MS);
    this.#stream?.stop();
    this.#stream = new Stream(address, (kind, data, at) => this.#told(kind, data, at));
    this.#run(this.#stream);
  }

  close() {
    this.#stream?.stop();
    this.#stream = null;
    clearInterval(this.#ticking);
    this.#ticking = null;
    this.#forget();
  }

  /** Refused, there is nothing to show, as yet; lost, what is shown grows old, and that is said. */
  async #run(stream) {
    while (this.#stream === stream) {
      await stream.connectOnce();
      if (this.#stream === stream && stream.status >= 400 && stream.status < 500) this.#forget();
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }

  #told(kind, data, at) {
    if (kind === "over") return this.#forget();
    const whole = kind === "snapshot" || kind === "registry";
    if (whole && data.session !== this.#ward.session) clock.forget();
    clock.heard(data.server_ms, at);
    if (whole) this.#whole(data);
    else if (kind === "values") this.#ward.value(data.items);
    else if (kind === "wave") this.lanes.push(data.items, clock.now());
    else if (kind === "alert") this.#ward.alert(data.items);
    else if (kind === "device") this.#ward.device(data.items);
    else if (kind === "gateway") this.#ward.gateway(data.items);
    return this.draw();
  }

  /** Perhaps the patient lies elsewhere now: new canvases, so that no trace goes on. */
  #whole(data) {
    this.#ward.snapshot(data);
    this.lanes = new Lanes(this.traces, sweeps, WAVES);
    sweeps.prune();
  }

  #forget() {
    this.#ward.clear();
    this.lanes.clear();
    this.draw();
  }

  draw() {
    const { beds } = this.#ward;
    const alerts = beds.flatMap((bed) => this.#ward.alertsOf(bed.id));
    this.#announce(alerts);
    const devices = beds.flatMap((bed) => this.#ward.devicesOf(bed.id));
    show(this.panel, devices.length > 0);
    if (devices.length === 0) return;
    const now = clock.now();
    const judged = beds.flatMap((bed) => judgeBed(this.#ward, bed.id, now));
    for (const [vital, cell] of this.cells) this.#number(cell, choose(vital, judged, devices));
    this.lanes.expect(devices.flatMap((device) => device.metrics));
    this.lanes.update(now);
    show(this.traces, this.lanes.some);
    keep(this.alarms, alerts, keyOf, () => el("li", {}, el("b"), el("span"), el("span")), (node, alert) => row(node, alert, now));
    vigil.look();
  }

  /** What nothing here could measure takes no room. */
  #number(cell, judged) {
    show(cell, judged.why !== "value.no-sensor");
    updateCell(cell, judged, this.#ward.metrics);
  }

  /** Once for each, and again if it is more urgent. */
  #announce(alerts) {
    const urgent = (alert) => `${alert.priority} ${keyOf(alert)}`;
    const fresh = alerts.filter((alert) => !this.#said.has(urgent(alert)));
    this.#said = new Set(alerts.map(urgent));
    if (fresh.length > 0) setText(this.said, fresh.map((alert) => `${t(`priority.${alert.priority}`)} · ${alarmWords(alert)}`).join(". "));
    else if (alerts.length === 0) setText(this.said, "");
  }
}

const keyOf = (alert) => `${alert.gateway} ${alert.device} ${alert.code}`;

function row(node, alert, now) {
  const [priority, what, since] = node.children;
  setState(node, alert.priority);
  setText(priority, t(`priority.${alert.priority}`));
  setText(what, alarmWords(alert));
  setText(since, t("age.ago", { age: age(Math.max(now - alert.at_ms, 0)) }));
}
