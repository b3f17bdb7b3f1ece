// What becomes of a bed's values: as the device sent it, as the gateway has it, as the ward board shows it.
// Never a number without its age; the board's is judged by the same rule as on the ward board itself.
import { age, metricName, number, unit, why } from "/screen/format.js";
import { el, keep, setState, setText } from "/screen/dom.js";
import { judge } from "/screen/freshness.js";
import { onLanguage, t } from "/screen/i18n.js";

const AGED = new Set(["value.stale", "value.device-off", "value.gateway-offline"]);
const HEADS = ["bed.value", "bed.truth", "bed.gateway", "bed.board"];

export class Shown {
  constructor(devices, measured) {
    this.devices = devices;
    this.first = new Set(Object.values(measured).flat());
    this.main = table();
    this.more = table();
    this.summary = el("summary", {});
    this.details = el("details", {}, this.summary, this.more.scrolls);
    this.title = el("h3", {});
    this.node = el("div", { class: "shown" }, this.title, this.main.scrolls, this.details);
    this.#words();
    onLanguage(() => this.#words());
  }

  /** `state` as the bench told it `late` ms ago. */
  update(state, late) {
    const rows = this.devices.flatMap((device) => rowsOf(device, state));
    const main = rows.filter(({ metric }) => this.first.has(metric));
    const others = rows.filter(({ metric }) => !this.first.has(metric));
    for (const [{ body }, some] of [[this.main, main], [this.more, others]]) {
      keep(body, some, ({ device, metric }) => `${device}/${metric}`, makeRow, (row, one) => updateRow(row, one, state, late));
    }
    setText(this.summary, t("bed.others", { n: others.length }));
    this.details.hidden = others.length === 0;
  }

  #words() {
    setText(this.title, t("bed.shown"));
    for (const { heads, scrolls } of [this.main, this.more]) {
      HEADS.forEach((key, n) => setText(heads[n], t(key)));
      scrolls.ariaLabel = t("bed.shown");
    }
  }
}

function table() {
  const heads = HEADS.map(() => el("th", { scope: "col" }));
  const body = el("tbody", {});
  const whole = el("table", {}, el("thead", {}, el("tr", {}, ...heads)), body);
  return { heads, body, scrolls: el("div", { class: "scrolls", tabindex: "0", role: "group" }, whole) };
}

/** Each metric that anybody has; waveforms only as far as they are sent. */
function rowsOf(device, state) {
  const truth = state.truth[device] ?? {};
  const gateway = state.gateway.values[device] ?? {};
  const board = new Map(state.board.values.filter((one) => one.device === device).map((one) => [one.metric, one]));
  const metrics = [...new Set([...Object.keys(truth), ...Object.keys(gateway), ...board.keys()])];
  return metrics.map((metric) => ({
    device, metric, truth: truth[metric], gateway: gateway[metric], board: board.get(metric),
  }));
}

function makeRow({ device, metric }) {
  const cell = () => el("td", {}, el("span", { class: "number" }), el("span", { class: "age" }));
  const name = el("th", { scope: "row" }, el("span", { class: "name" }), el("span", { class: "soft" }, device));
  return el("tr", { "data-device": device, "data-metric": metric }, name, cell(), cell(), cell());
}

function updateRow(row, { metric, truth, gateway, board }, state, late) {
  const info = state.board.metrics[metric] ?? null;
  const [name, sent, held, shown] = row.children;
  setText(name.firstChild, `${metricName(metric)} ${info ? unit(info.unit) : ""}`);
  fill(sent, plain(truth, info, late));
  fill(held, plain(gateway, info, late));
  fill(shown, judged(board, info, state, late));
}

function plain(one, info, late) {
  if (!one) return { text: t("bed.nothing"), age: "", state: "absent" };
  const told = t("age.ago", { age: age(one.age_ms + late) });
  if (one.wave) return { text: "∿", age: told, state: "current" };
  const reason = `reason.${one.reason ?? "not-available"}`;
  if (one.value === null) return { text: t(reason), age: told, state: "none" };
  return { text: info ? number(one.value, info) : String(one.value), age: told, state: "current" };
}

function judged(value, info, state, late) {
  if (!value || !info) return { text: t("bed.nothing"), age: "", state: "absent" };
  const device = state.board.devices[value.device];
  const gateway = state.board.gateways[device?.gateway];
  const one = judge(value, info, state.board.now_ms + late, device, gateway);
  const fresh = one.state === "current" || one.state === "questionable";
  const last = one.state === "stale" && one.value !== null ? t("value.last", { value: number(one.value, info) }) : "";
  // Words like "device off 14 s" say the age themselves.
  const saysAge = AGED.has(one.why);
  const told = [why(one), saysAge ? "" : t("age.ago", { age: age(one.age) }), last].filter(Boolean).join(" · ");
  return { text: fresh ? number(one.value, info) : t("value.none"), age: told, state: one.state };
}

function fill(cell, { text, age: told, state }) {
  setState(cell, state);
  setText(cell.firstChild, text);
  setText(cell.lastChild, told);
}
