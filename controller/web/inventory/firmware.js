// A node's firmware: what it runs, what is newer, and how far its update is. Asked for while its record is open.
import { el, setState, setText, show } from "/screen/dom.js";
import { get, send } from "/board/api.js";
import { t } from "/public/i18n.js";
import { offer } from "./fields.js";
import { said } from "./said.js";

const PROFILES = ["wardlink-node-vitals", "wardlink-node-vitals-ble"];
const ASK_MS = 1_000;
const BAD = ["refused", "failed", "interrupted", "expired"];

export class Firmware {
  constructor() {
    Object.assign(this, { device: null, held: null, timer: 0 });
    this.running = el("p");
    this.version = el("select", { id: "firmware-version" });
    this.why = el("input", { id: "firmware-why", type: "text", maxlength: "200", autocomplete: "off" });
    this.go = el("button", { type: "submit", "data-t": "firmware.go" }, t("firmware.go"));
    const label = (id, key) => el("label", { for: id, "data-t": key }, t(key));
    this.form = el("form", { class: "row" }, label("firmware-version", "firmware.version"), this.version, label("firmware-why", "firmware.why"), this.why, this.go);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#update();
    });
    this.asked = el("p", { role: "status" });
    this.bar = el("progress", { max: "100", "data-t-label": "firmware.progress" });
    this.reason = el("p", { class: "note" });
    this.problem = el("p", { class: "problem", role: "alert" });
    const title = el("h3", { "data-t": "firmware.title" }, t("firmware.title"));
    this.node = el("div", { id: "firmware", hidden: true }, title, this.running, this.form, this.asked, this.bar, this.reason, this.problem);
  }

  /** The device whose record is open, or null. */
  show(device) {
    clearTimeout(this.timer);
    const isNode = device !== null && PROFILES.includes(device.profile) && device.heard_by !== null;
    Object.assign(this, { device: isNode ? device.device : null, held: null });
    this.problem.textContent = this.why.value = "";
    show(this.node, false);
    if (isNode) this.#ask();
  }

  draw() {
    if (this.held === null) return;
    const { running, newer, asked } = this.held;
    const isOpen = asked?.state === "sent";
    const words = [running ? t("firmware.running", running) : t("firmware.none"), running && !newer.length && t("firmware.newest")];
    setText(this.running, words.filter(Boolean).join(" "));
    offer(this.version, newer.map((one) => [String(one.version), t("firmware.option", { version: one.version, kB: (one.size / 1000).toFixed(1) })]), t("firmware.newest"));
    if (!this.version.value && newer.length) this.version.value = String(newer[0].version);
    show(this.form, newer.length > 0 && !isOpen);
    show(this.asked, asked !== null);
    show(this.bar, isOpen);
    show(this.reason, Boolean(asked?.waits || asked?.why));
    if (asked === null) return;
    const stage = isOpen ? asked.stage || "sent" : asked.state;
    setText(this.asked, `${t("firmware.asked", { version: asked.version, by: asked.issuer })} ${t(`firmware.${stage}`, this.held)}`);
    setState(this.asked, BAD.includes(asked.state) ? "bad" : asked.state === "done" ? "good" : "plain");
    this.bar.value = asked.percent;
    setText(this.reason, asked.waits || asked.why);
  }

  async #ask() {
    const device = this.device;
    try {
      const held = await get(path(device));
      if (device !== this.device) return;
      this.held = held;
      this.draw();
      show(this.node, true);
    } catch (error) {
      if (device === this.device) this.problem.textContent = said(error);
    }
    if (device === this.device) this.timer = setTimeout(() => this.#ask(), ASK_MS);
  }

  async #update() {
    this.problem.textContent = "";
    try {
      await send("POST", path(this.device), { version: Number(this.version.value), why: this.why.value });
      clearTimeout(this.timer);
      await this.#ask();
    } catch (error) {
      this.problem.textContent = said(error);
    }
  }
}

const path = (device) => `/api/inventory/devices/${encodeURIComponent(device)}/firmware`;
