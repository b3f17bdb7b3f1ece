// The last hours from the box's own record: a chart a metric, lowest to highest as a band, gaps as gaps.
import { age, metricName, number, unit } from "/screen/format.js";
import { ask } from "./api.js";
import { Choice } from "./fields.js";
import { el, setText, show } from "/screen/dom.js";
import { onLanguage, t } from "/screen/i18n.js";
import { onTheme } from "/screen/theme.js";
import { VITALS } from "/screen/vitals.js";

const MINUTES = ["15", "60", "240", "1440"];
const REFRESH_MS = 15_000;
const MOST = 8;
/** A chart shows at least so much, so that noise does not look like a change. */
const LEAST_SPAN = { hr: 40, spo2: 10, temp: 2, bp: 40, rr: 10 };
const KNOWN = [...VITALS.flatMap((vital) => vital.metrics), "etco2"];

export class Trends {
  constructor(box) {
    Object.assign(this, { box, data: null, loadedAt: -Infinity, isOpen: false });
    this.range = new Choice("trend.range", MINUTES, (name) => `trend.${name}`, () => this.#load());
    this.range.choose("60");
    this.message = el("p", { role: "status" });
    this.area = el("div", { class: "charts" });
    this.node = el("div", {}, this.range.node, this.message, this.area);
    const draw = () => this.isOpen && this.#draw();
    onTheme(draw);
    onLanguage(draw);
    new ResizeObserver(draw).observe(this.area);
  }

  open() {
    this.isOpen = true;
    this.#load();
  }

  close() {
    this.isOpen = false;
  }

  update() {
    if (performance.now() - this.loadedAt > REFRESH_MS) this.#load();
  }

  #metrics() {
    const seen = new Set([...this.box.newest.values()].map((value) => value.metric));
    const systolic = (metric) => metric.replace("_sys", "_dia");
    return KNOWN.filter((metric) => seen.has(metric)).flatMap((metric) => (seen.has(systolic(metric)) ? [...new Set([metric, systolic(metric)])] : [metric])).slice(0, MOST);
  }

  async #load() {
    this.loadedAt = performance.now();
    const metrics = this.#metrics();
    if (metrics.length === 0) return this.#show(null, t("trend.empty"));
    const answer = await ask("GET", `/api/trends?${new URLSearchParams({ metrics: metrics.join(","), minutes: this.range.value })}`);
    if (!answer.ok) return this.#show(null, answer.data?.error ?? t("crew.unreachable"));
    this.#show({ ...answer.data, minutes: Number(this.range.value) }, "");
  }

  #show(data, message) {
    this.data = data;
    setText(this.message, message);
    if (this.isOpen) this.#draw();
  }

  #draw() {
    const series = Object.entries(this.data?.series ?? {}).filter(([, steps]) => steps.some((step) => step !== null));
    if (this.data && series.length === 0) setText(this.message, t("trend.empty"));
    show(this.message, this.message.textContent !== "");
    this.area.replaceChildren(...series.map(([metric, steps]) => this.#figure(metric, steps)));
    for (const [i, [metric, steps]] of series.entries()) drawSteps(this.area.children[i].querySelector("canvas"), steps, LEAST_SPAN[vitalOf(metric)] ?? 0);
  }

  #figure(metric, steps) {
    const held = this.box.metrics[metric];
    const known = steps.filter((step) => step !== null);
    const [low, high] = [Math.min(...known.map((step) => step[0])), Math.max(...known.map((step) => step[1]))];
    const words = t("trend.summary", { low: number(low, held), high: number(high, held), mean: number(known.at(-1)[2], held) });
    const title = el("figcaption", {}, el("b", {}, metricName(metric)), ` ${unit(held.unit)} · ${words}`);
    const axis = el("p", { class: "axis", "aria-hidden": "true" }, el("span", {}, `− ${age(this.data.minutes * 60_000)}`), el("span", {}, t("trend.now")));
    return el("figure", { class: vitalOf(metric) }, title, el("canvas", { role: "img", "aria-label": `${metricName(metric)}: ${words}` }), axis);
  }
}

const vitalOf = (metric) => VITALS.find((vital) => vital.metrics.includes(metric.replace("_dia", "_sys")))?.name ?? (metric === "etco2" ? "etco2" : "other");

/** `steps`: [low, high, mean] or null, equally spaced. */
function drawSteps(canvas, steps, least) {
  const scale = devicePixelRatio;
  const width = (canvas.width = Math.max(1, Math.round(canvas.clientWidth * scale)));
  const height = (canvas.height = Math.max(1, Math.round(canvas.clientHeight * scale)));
  const known = steps.filter((step) => step !== null);
  const [bottom, top] = [Math.min(...known.map((step) => step[0])), Math.max(...known.map((step) => step[1]))];
  const half = Math.max((top - bottom) * 0.55, least / 2, 0.5);
  const y = (value) => height * (0.5 - (value - (top + bottom) / 2) / (2 * half));
  const step = width / steps.length;
  const pen = canvas.getContext("2d");
  pen.fillStyle = pen.strokeStyle = getComputedStyle(canvas).color;
  pen.lineWidth = 2.5 * scale;
  pen.lineCap = pen.lineJoin = "round";
  pen.globalAlpha = 0.3;
  steps.forEach((one, i) => one && pen.fillRect(i * step, y(one[1]), Math.max(step, scale), Math.max(y(one[0]) - y(one[1]), scale)));
  pen.globalAlpha = 1;
  pen.beginPath();
  steps.forEach((one, i) => {
    if (!one) return;
    pen[i && steps[i - 1] ? "lineTo" : "moveTo"]((i + 0.5) * step, y(one[2]));
    if (!steps[i - 1] && !steps[i + 1]) pen.fillRect((i + 0.5) * step - 2 * scale, y(one[2]) - 2 * scale, 4 * scale, 4 * scale);
  });
  pen.stroke();
}
