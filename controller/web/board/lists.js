// The two lists behind the strip: devices without a bed (and giving them one), active alerts.
import { AlarmRows } from "./alarm-rows.js";
import { closeButton, lostBanner } from "./panel.js";
import { el, keep, setText, show } from "/screen/dom.js";
import { t } from "/public/i18n.js";
import { put } from "./api.js";

export class ListPanel {
  constructor(dialog, ward, clock) {
    Object.assign(this, { dialog, ward, clock, name: null });
    this.title = el("h2", { id: "list-title" });
    this.items = el("ul", { class: "list" });
    this.empty = el("p");
    this.problem = el("p", { role: "alert", class: "problem" });
    this.alarms = new AlarmRows(this.items, this.problem);
    dialog.append(lostBanner(), el("header", {}, this.title, closeButton(dialog)), this.problem, this.empty, this.items);
  }

  /** Who looks. */
  person(me) {
    this.alarms.person(me);
  }

  open(name) {
    this.name = name;
    this.items.replaceChildren();
    this.problem.textContent = "";
    this.update(this.clock.now());
    this.dialog.showModal();
  }

  update(now) {
    if (this.name === null) return;
    setText(this.title, t(`${this.name}.title`));
    setText(this.empty, t(`${this.name}.none`));
    const items = this.name === "alerts" ? this.ward.activeAlerts : this.ward.unassigned;
    show(this.empty, items.length === 0);
    if (this.name === "alerts") this.#alerts(items, now);
    else this.#devices(items);
  }

  #alerts(items, now) {
    this.alarms.update(items, now, (alert) => {
      const bed = this.ward.beds.find((one) => one.id === alert.bed);
      return [bed?.name ?? alert.bed, alert.device ?? alert.gateway].filter(Boolean).join(" · ");
    });
  }

  #devices(items) {
    keep(this.items, items, (device) => device.id, (device) => this.#makeDevice(device), (node, device) => {
      setText(node.querySelector("span"), device.identity.model ?? device.profile ?? "");
      setText(node.querySelector("button"), t("unassigned.put"));
      node.querySelector("select").ariaLabel = t("unassigned.choose", { device: device.id });
    });
  }

  #makeDevice(device) {
    const assign = () => this.#assign(device.id, select.value);
    const button = el("button", { type: "button", disabled: true, onclick: assign });
    const select = el("select", { onchange: () => (button.disabled = select.value === "") });
    select.append(new Option("–", ""), ...this.ward.beds.map((bed) => new Option(bed.name, bed.id)));
    return el("li", {}, el("b", {}, device.id), el("span"), select, button);
  }

  async #assign(device, bed) {
    try {
      await put(`/api/devices/${encodeURIComponent(device)}/bed`, { bed });
      this.problem.textContent = "";
    } catch (error) {
      this.problem.textContent = error.message;
    }
  }
}
