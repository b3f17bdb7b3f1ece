// The faults of one device: a switch for each, and how much is in its battery.
import { el, setText } from "/screen/dom.js";
import { onLanguage, t } from "/screen/i18n.js";
import { age } from "/screen/format.js";
import { Dial } from "./dial.js";
import { Turner } from "./api.js";

export class Device {
  constructor(bed, about, ranges) {
    Object.assign(this, { bed, about });
    this.legend = el("legend", {}, t("bed.device", about));
    this.link = el("p", { class: "link" });
    this.problem = el("p", { class: "problem", role: "alert", hidden: true });
    this.switches = about.faults.filter((fault) => fault !== "battery").map((fault) => this.#switch(fault));
    this.battery = about.faults.includes("battery") ? new Dial(bed, about.id, "battery", ranges.battery) : null;
    const switches = el("div", { class: "switches" }, ...this.switches.map(({ node }) => node));
    const battery = this.battery ? [this.battery.node] : [];
    this.node = el("fieldset", { "data-device": about.id }, this.legend, switches, ...battery, this.link, this.problem);
    onLanguage(() => this.#words());
  }

  /** `faults` as they are turned; `device` as the ward board knows it, at its time `now`. */
  update(faults, device, now) {
    for (const { fault, box, turner } of this.switches) {
      if (!turner.isHeld) box.checked = faults?.[fault] ?? false;
    }
    this.battery?.update(faults?.battery ?? null, device?.battery_percent ?? null);
    const linked = device?.connected ?? null;
    const link = t(linked === null ? "bed.unknown" : linked ? "bed.on" : "bed.off");
    const told = device?.battery_at_ms ? { n: device.battery_percent, age: age(now - device.battery_at_ms) } : null;
    setText(this.link, `${t("bed.link")}: ${link}${told ? ` · ${t("bed.charge", told)}` : ""}`);
    this.link.dataset.state = linked === false ? "off" : "on";
  }

  #switch(fault) {
    const box = el("input", { type: "checkbox", id: `${this.about.id}-${fault}` });
    const word = el("span", {}, t(`dial.${fault}`));
    const turner = new Turner(this.bed, this.about.id, fault, this.problem);
    box.addEventListener("change", () => turner.turn(box.checked));
    return { fault, box, turner, word, node: el("label", { class: "switch" }, box, word) };
  }

  #words() {
    setText(this.legend, t("bed.device", this.about));
    for (const { fault, word } of this.switches) setText(word, t(`dial.${fault}`));
  }
}
