// One patient's waveforms, swept: one lane each for ECG, pleth, CO2 and breath, from the best source there is.
import { age, metricName } from "./format.js";
import { el, setState, setText, show } from "./dom.js";
import { t } from "./i18n.js";
import { Waveform } from "./waveform.js";

const LANES = [
  { name: "ecg", metrics: ["ecg_ii", "ecg_i", "ecg_iii", "ecg_v1", "ecg_avf", "ecg_raw"] },
  { name: "pleth", metrics: ["pleth", "ppg_red"] },
  { name: "co2", metrics: ["co2_wave"] },
  { name: "resp", metrics: ["resp_wave", "resp_raw"] },
];
/** A better source that has been silent for so long gives way to another. */
const SILENT_MS = 2_000;

export class Lanes {
  /** `sweeps` draws into `node` for as long as it is on the page; all lanes, or those of these `names`. */
  constructor(node, sweeps, names = LANES.map((lane) => lane.name)) {
    this.lanes = LANES.filter((lane) => names.includes(lane.name)).map((lane) => makeLane(lane));
    this.expected = new Set();
    node.replaceChildren(...this.lanes.map((lane) => lane.node));
    for (const lane of this.lanes) sweeps.add(lane.canvas, lane.waveform);
  }

  /** These metrics can come: their lanes have a place before they do. */
  expect(metrics) {
    this.expected = new Set(metrics);
  }

  /** Whether there is a trace, or can be one. */
  get some() {
    return this.lanes.some((lane) => this.#hasPlace(lane));
  }

  #hasPlace({ metric, metrics }) {
    return metric !== null || metrics.some((one) => this.expected.has(one));
  }

  clear() {
    for (const lane of this.lanes) {
      lane.waveform.clear();
      lane.metric = null;
    }
  }

  /** `wave` items that have just come. */
  push(items, now) {
    for (const item of items) {
      const lane = this.lanes.find((one) => one.metrics.includes(item.metric));
      if (lane) pushInto(lane, item, now);
    }
  }

  /** A lane without a trace takes no room, unless there is none at all. */
  update(now) {
    const { some } = this;
    for (const lane of this.lanes) {
      show(lane.node, some ? this.#hasPlace(lane) : lane.name === "ecg");
      const old = now - lane.waveform.end;
      const state = lane.metric === null ? "none" : old > SILENT_MS ? "stopped" : "live";
      setState(lane.node, state);
      setText(lane.label, lane.metric === null ? "" : metricName(lane.metric));
      setText(lane.text, laneText(state, lane.waveform, old, now));
    }
  }
}

function makeLane({ name, metrics }) {
  const canvas = el("canvas", { "aria-hidden": "true" });
  const label = el("span", { class: "lane-label" });
  const text = el("span", { class: "lane-text" });
  const node = el("div", { class: `lane ${name}` }, el("p", {}, label, text), canvas);
  return { name, metrics, node, canvas, label, text, waveform: new Waveform(), metric: null };
}

function pushInto(lane, item, now) {
  const rank = (metric) => lane.metrics.indexOf(metric);
  const silent = now - lane.waveform.end > SILENT_MS;
  if (lane.metric !== null && lane.metric !== item.metric) {
    if (!silent && rank(item.metric) > rank(lane.metric)) return;
    lane.waveform.clear();
  }
  lane.metric = item.metric;
  lane.waveform.push(item, now);
}

function laneText(state, waveform, old, now) {
  if (state === "none") return t("wave.none");
  if (state === "live") return "";
  return t(waveform.behind(now) ? "wave.behind" : "wave.stopped", { age: age(old) });
}
