// One bed: its patient's dials, its devices' faults, and what becomes of them.
import { age } from "/screen/format.js";
import { Device } from "./device.js";
import { Dial, Rhythm } from "./dial.js";
import { el, keep, setState, setText } from "/screen/dom.js";
import { named, onLanguage, t } from "/screen/i18n.js";
import { Shown } from "./shown.js";

export class Bed {
  constructor(about, panel) {
    Object.assign(this, { about, measured: panel.measured });
    this.dials = about.dials.map((name) => new Dial(about.id, null, name, panel.ranges[name]));
    this.rhythm = new Rhythm(about.id, panel.rhythms);
    this.devices = about.devices.map((device) => new Device(about.id, device, panel.ranges));
    this.shown = new Shown(about.devices.map(({ id }) => id), panel.measured);
    this.legend = el("legend", {});
    this.lists = ["bed.alarms", "bed.alerts"].map((title) => ({ title, head: el("h3", {}), list: el("ul", { class: "alarms" }) }));
    const patient = el("fieldset", {}, this.legend, ...this.dials.map(({ node }) => node), this.rhythm.node);
    const lists = this.lists.map(({ head, list }) => el("div", {}, head, list));
    const title = el("h2", { id: `${about.id}-title` }, about.name, el("span", { class: "soft" }, ` ${about.patient}`));
    this.node = el("section", { class: "panel bed", "data-bed": about.id, "aria-labelledby": `${about.id}-title` },
      title, this.shown.node, el("div", { class: "two" }, ...lists), patient, ...this.devices.map(({ node }) => node));
    this.#words();
    onLanguage(() => this.#words());
  }

  update(state, late) {
    const { patient, devices } = state.dials[this.about.id];
    const free = (dial) => dial !== "heart_rate" || patient.rhythm === "own";
    for (const dial of this.dials) dial.update(patient[dial.name], this.#own(dial.name, state), free(dial.name));
    this.rhythm.update(patient.rhythm);
    const now = state.board.now_ms + late;
    for (const one of this.devices) one.update(devices[one.about.id], state.board.devices[one.about.id], now);
    this.shown.update(state, late);
    this.#alarms(0, state.gateway.alarms.map((one) => ({ ...one, age: one.age_ms + late })));
    this.#alarms(1, state.board.alerts.map((one) => ({ ...one, age: now - one.at_ms })));
  }

  /** What is measured while nobody turns the dial. */
  #own(dial, state) {
    const told = this.about.devices.flatMap(({ id }) => this.measured[dial].map((metric) => state.truth[id]?.[metric]?.value));
    return told.find((value) => value !== null && value !== undefined) ?? null;
  }

  #alarms(which, alarms) {
    const mine = new Set(this.about.devices.map(({ id }) => id));
    const here = alarms.filter(({ device }) => mine.has(device));
    const { list } = this.lists[which];
    const items = here.length ? here : [null];
    const key = (one) => (one ? `${one.device}/${one.code}` : "none");
    keep(list, items, key, () => el("li", {}), (item, one) => {
      setState(item, one?.priority ?? "none");
      setText(item, one ? said(one) : t("bed.none"));
    });
  }

  #words() {
    setText(this.legend, t("bed.patient"));
    for (const { title, head } of this.lists) setText(head, t(title));
  }
}

function said({ code, device, priority, age: ms }) {
  return `${t(`priority.${priority}`)} · ${named("alert", code)} · ${device} · ${t("age.ago", { age: age(ms) })}`;
}
