// The screen of crew and bedside, in an opened bed: active alarms, swept waveforms, large numbers with ages.
import { AlarmRows } from "./alarm-rows.js";
import { choose, MONITOR_VITALS } from "/screen/vitals.js";
import { el, show } from "/screen/dom.js";
import { heading } from "./panel.js";
import { Lanes } from "/screen/lanes.js";
import { makeCell, updateCell } from "/screen/cell.js";

export class LiveView {
  /** The page's `sweeps` draw the traces, and only while the panel is open. */
  constructor(ward, sweeps) {
    Object.assign(this, { ward, sweeps, id: null, lanes: null });
    const problem = el("p", { class: "problem", role: "status" });
    const alarms = el("ul", { class: "list" });
    this.alarms = new AlarmRows(alarms, problem);
    this.traces = el("div", { class: "traces" });
    this.numbers = el("dl", { class: "large" });
    const screen = el("div", { class: "live-screen" }, this.traces, this.numbers);
    this.node = el("section", { class: "live", hidden: true }, heading("bed.live"), alarms, problem, screen);
  }

  person(me) {
    this.alarms.person(me);
  }

  open(bed) {
    Object.assign(this, { id: bed.id, waved: false });
    this.cells = new Map(MONITOR_VITALS.map((vital) => [vital, makeCell(vital.name)]));
    this.numbers.replaceChildren(...this.cells.values());
    this.restart();
  }

  close() {
    Object.assign(this, { id: null, lanes: null });
    for (const part of [this.traces, this.numbers]) part.replaceChildren();
    this.sweeps.prune();
  }

  /** Beds, devices or patients changed places: new canvases, so that no trace stands under another name. */
  restart() {
    if (this.id === null) return;
    this.lanes = new Lanes(this.traces, this.sweeps);
    this.sweeps.prune();
  }

  /** `wave` items that have just come. */
  wave(items, now) {
    this.lanes?.push(items.filter((item) => item.bed === this.id), now);
  }

  /** A bed that has waveforms shows them from then on, or that they stopped. `judged`: its values. */
  update(judged, now) {
    const devices = this.ward.devicesOf(this.id);
    this.lanes.expect(devices.flatMap((device) => device.metrics));
    this.waved ||= this.lanes.some;
    show(this.node, this.waved);
    this.lanes.update(now);
    const where = (alert) => alert.device ?? alert.gateway;
    this.alarms.update(this.ward.alertsOf(this.id), now, where);
    for (const [vital, cell] of this.cells) this.#number(cell, choose(vital, judged, devices));
  }

  /** What nothing here could measure takes no room. */
  #number(cell, judged) {
    show(cell, judged.why !== "value.no-sensor");
    updateCell(cell, judged, this.ward.metrics);
  }
}
