// A minute of a bed's waveforms as it was: six lines of ten seconds, one under the other; a gap stays empty.
import { clockTime, metricName, unit } from "/screen/format.js";
import { decodeSamples } from "/screen/waveform.js";
import { el, setText, show } from "/screen/dom.js";
import { get } from "./api.js";
import { onTheme } from "/screen/theme.js";
import { onLanguage, t } from "/public/i18n.js";

const MINUTE_MS = 60_000;
const LINE_MS = 10_000;
const LINE_PX = 56;
/** Records that are no further apart belong together: their stamps jitter. */
const JOIN_MS = 120;
const NO_SAMPLE = -32768;

export class Minute {
  constructor() {
    Object.assign(this, { bed: null, from: null, waves: [] });
    this.title = el("h4");
    this.message = el("p", { role: "status" });
    this.area = el("div", { class: "minute-waves" });
    const buttons = [this.#button("earlier", () => this.#move(-MINUTE_MS)), this.#button("later", () => this.#move(MINUTE_MS))];
    const close = this.#button("close", () => this.close());
    this.node = el("section", { class: "minute", hidden: true }, el("header", {}, this.title, ...buttons, close), this.message, this.area);
    onTheme(() => this.#draw());
    onLanguage(() => this.#draw());
    new ResizeObserver(() => this.#trace()).observe(this.area);
  }

  #button(name, onclick) {
    return el("button", { type: "button", "data-t": `minute.${name}`, onclick }, t(`minute.${name}`));
  }

  /** Shows the minute around `at` (ms) of `bed`. */
  open(bed, at) {
    this.bed = bed;
    this.#load(Math.round(at - MINUTE_MS / 2));
  }

  close() {
    Object.assign(this, { bed: null, from: null, waves: [] });
    show(this.node, false);
  }

  #move(by) {
    this.#load(this.from + by);
  }

  async #load(from) {
    this.from = from;
    this.waves = [];
    show(this.node, true);
    this.#show(t("trend.loading"));
    const query = new URLSearchParams({ from_ms: from, to_ms: from + MINUTE_MS });
    try {
      const { metrics } = await get(`/api/beds/${encodeURIComponent(this.bed)}/waveforms?${query}`);
      if (from !== this.from) return;
      this.waves = Object.entries(metrics).flatMap(([metric, { unit, runs }]) => byDevice(metric, unit, runs));
      this.#show(this.waves.length === 0 ? t("minute.none") : "");
    } catch (error) {
      if (from === this.from) this.#show(t("minute.failed", { message: error.message }));
    }
  }

  #show(message) {
    setText(this.message, message);
    this.#draw();
  }

  #draw() {
    if (this.from === null) return;
    const span = { from: clockTime(this.from, true), to: clockTime(this.from + MINUTE_MS, true) };
    setText(this.title, t("minute.title", span));
    this.area.replaceChildren(...this.waves.map((wave) => this.#figure(wave)));
    this.#trace();
  }

  #figure(wave) {
    wave.canvas = el("canvas", { "aria-hidden": "true" });
    const measured = Math.round(wave.runs.reduce((sum, run) => sum + run.data.length * run.step, 0) / 1000);
    const text = [wave.device, t("minute.measured", { s: Math.min(measured, MINUTE_MS / 1000) })].join(" · ");
    const name = `${metricName(wave.metric)} ${unit(wave.unit)}`;
    return el("figure", {}, el("figcaption", {}, el("b", {}, name), ` ${text}`), wave.canvas);
  }

  #trace() {
    for (const wave of this.waves) trace(wave, this.from);
  }
}

/** One entry a device, its runs decoded. */
function byDevice(metric, unit, runs) {
  const found = new Map();
  for (const run of runs) {
    if (!found.has(run.device)) found.set(run.device, { metric, unit, device: run.device, runs: [] });
    found.get(run.device).runs.push({ start: run.at_ms, step: 1000 / run.rate_hz, data: decodeSamples(run.samples), ...gain(run) });
  }
  return [...found.values()];
}

const gain = ({ scale, offset }) => ({ scale, offset });

/** Calls `visit(time, value, joined)` for each sample of the minute; a gap is where `joined` is false. */
export function eachSample({ runs }, from, visit) {
  let last = -Infinity;
  for (const { start, step, data, scale, offset } of runs) {
    for (let i = 0; i < data.length; i++) {
      const at = start + i * step;
      if (data[i] === NO_SAMPLE || at < from || at >= from + MINUTE_MS) continue;
      visit(at, data[i] * scale + offset, at - last < JOIN_MS + step);
      last = at;
    }
  }
}

function trace(wave, from) {
  const { canvas } = wave;
  const { devicePixelRatio: density } = window;
  const width = (canvas.width = Math.max(1, Math.round(canvas.clientWidth * density)));
  const line = LINE_PX * density;
  canvas.height = (line * MINUTE_MS) / LINE_MS;
  let [low, high] = [Infinity, -Infinity];
  eachSample(wave, from, (_, value) => ([low, high] = [Math.min(low, value), Math.max(high, value)]));
  const pen = canvas.getContext("2d");
  Object.assign(pen, { strokeStyle: getComputedStyle(canvas).color, lineWidth: 1.4 * density, lineJoin: "round" });
  let row = -1;
  pen.beginPath();
  eachSample(wave, from, (at, value, joined) => {
    const place = at - from;
    const now = Math.floor(place / LINE_MS);
    const x = ((place % LINE_MS) / LINE_MS) * width;
    const y = line * (now + 0.92 - (0.84 * (value - low)) / Math.max(high - low, Number.MIN_VALUE));
    if (joined && now === row) pen.lineTo(x, y);
    else pen.moveTo(x, y);
    row = now;
  });
  pen.stroke();
}
