// The patient's vital signs in the room, live: numbers with their ages, a strip, active alarms. The rules are the
// board's: what is old is no number, and a page that hears nothing says so. Without devices the panel is not shown.
import { age } from "/screen/format.js";
import { alarmWords } from "/public/alarm-words.js";
import { choose, judgeBed, MONITOR_VITALS } from "/screen/vitals.js";
import { drawAtHome } from "./at-home.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { SecondHand } from "./channel-vitals.js";
import { Lanes } from "/screen/lanes.js";
import { makeCell, updateCell } from "/screen/cell.js";
import { ServerClock } from "/screen/clock.js";
import { Stream } from "/screen/stream.js";
import { Sweeps } from "/screen/sweep.js";
import { extra } from "./sync.js";
import { t } from "./network-words.js";
import { Vigil } from "/screen/vigil.js";
import { Ward } from "/public/ward.js";

const TICK_MS = 250;
const RETRY_MS = 1_000;
const WAVES = ["ecg", "pleth"];

// One patient a page, though rooms come and go.
const clock = new ServerClock();
/** Curves are drawn so much later that they lie beside the picture; numbers are not. */
const drawn = { extraMs: 0, now: () => clock.now() - drawn.extraMs, get known() { return clock.known; } };
const sweeps = new Sweeps(drawn);
const vigil = new Vigil(clock);

export class Vitals {
  #ward = new Ward(); #stream = null; #ticking = null; #said = new Set();
  #second = new SecondHand(this.#ward, () => this.lanes.clear());
  passOn = null;

  /** `node` holds the panel and, beside it, what is said once of each alarm. */
  constructor(node) {
    this.panel = node.querySelector(".vitals");
    this.said = node.querySelector(".said");
    this.alarms = node.querySelector(".alarms");
    this.traces = node.querySelector(".traces");
    this.beside = node.querySelector(".sync p");
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

  /** What another seat's page passed on (copies.js). */
  take(seat, message) {
    const waves = clock.known ? this.#second.took(seat, message, clock.now()) : [];
    this.lanes.push(waves, clock.now());
    this.draw();
  }

  /** The picture of the patient is `ageMs` behind; null: there is none, or it is not known. */
  besides(ageMs) {
    const lag = Math.max(...this.lanes.lanes.map(({ waveform }) => waveform.lag));
    drawn.extraMs = extra(drawn.extraMs, ageMs, lag);
    const curves = lag + drawn.extraMs;
    const parts = { picture: Math.round(ageMs), curves: Math.round(curves), apart: Math.round(Math.abs(curves - ageMs)) };
    setText(this.beside, ageMs === null ? t("network.no-picture", parts) : t("network.beside", parts));
  }

  /** By whose pages something is shown that the controller has not told here. */
  get seats() {
    return this.#second.seats;
  }

  /** The controller's time of the newest that it told here; null: nothing. */
  get newest() {
    return clock.known && this.#ward.ready ? clock.newest : null;
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
    else if (kind === "values") this.#second.own(data.items);
    else if (kind === "wave") this.#waves(data.items);
    else if (kind === "alert") this.#ward.alert(data.items);
    else if (kind === "device") this.#ward.device(data.items);
    else if (kind === "gateway") this.#ward.gateway(data.items);
    this.#second.settle(data.server_ms);
    this.passOn?.(kind, data, this.#ward.session);
    return this.draw();
  }

  #waves(items) {
    this.#second.waves(items);
    this.lanes.push(items, clock.now());
  }

  /** Perhaps the patient lies elsewhere now: new canvases, so that no trace goes on. */
  #whole(data) {
    this.#ward.snapshot(data);
    this.#second.whole();
    this.lanes = new Lanes(this.traces, sweeps, WAVES);
    sweeps.prune();
  }

  #forget() {
    this.#ward.clear();
    this.#second.whole();
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
    drawAtHome(this.panel, this.#ward, now);
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
