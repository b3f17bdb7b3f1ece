// One device's record: filled from a label or from what is recorded, saved with one key.
import { el, setText, show } from "/screen/dom.js";
import { get, put } from "/board/api.js";
import { onLanguage, t, translate } from "/public/i18n.js";
import { recall, remember } from "/screen/remember.js";
import { FIELDS, field, offer, proposed } from "./fields.js";
import { Detail } from "./detail.js";
import { Firmware } from "./firmware.js";
import { said } from "./said.js";

const EMPTY = Object.fromEntries(FIELDS.map((name) => [name, ""]));
const pathOf = (device) => `/api/inventory/devices/${encodeURIComponent(device)}`;

export class Form {
  /** `onChange()` after something was saved; `onDone()` when the next label may come. */
  constructor(node, onChange, onDone) {
    Object.assign(this, { node, onChange, onDone, fits: [], foundAt: "", known: null, held: { devices: [], profiles: [], gateways: [], beds: [] } });
    this.title = el("h2", { id: "record-title", tabindex: "-1" });
    this.fit = el("p", { class: "note" });
    this.inputs = {};
    const fields = FIELDS.map((name) => {
      const { node: shown, input } = field(name);
      this.inputs[name] = input;
      return shown;
    });
    this.inputs.profile.addEventListener("change", () => this.#name());
    this.problem = el("p", { class: "problem", role: "alert" });
    this.save = el("button", { type: "submit", class: "primary" });
    this.insist = el("button", { type: "button", hidden: true, onclick: () => this.#save(true) });
    const close = el("button", { type: "button", "data-t": "record.close", onclick: () => this.close() }, t("record.close"));
    const form = el("form", {}, this.fit, el("div", { class: "fields" }, ...fields), this.problem, el("div", { class: "row" }, this.save, this.insist, close));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save(false);
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target.tagName !== "SELECT") return;
      event.preventDefault(); // a choice, too, is confirmed by Enter
      form.requestSubmit();
    });
    node.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    this.detail = new Detail(() => this.#again());
    this.firmware = new Firmware();
    this.saved = el("p", { role: "status", class: "note" });
    node.append(this.title, this.saved, form, this.firmware.node, this.detail.node);
    onLanguage(() => this.draw());
  }

  /** What there is to choose from, and the devices as they are now. */
  choices(held) {
    this.held = held;
    if (!this.node.hidden) this.draw();
  }

  /** A label was scanned: its device, or a new record. */
  async scanned(label) {
    if (label.devices.length === 1) {
      await this.open(await get(pathOf(label.devices[0]))); // the list may be older than the record
      return;
    }
    this.fits = label.fits;
    const profile = label.fits.length === 1 || label.fits[0]?.why === "site" ? label.fits[0].profile : "";
    const { serial, gtin, address } = label;
    this.#fill({ ...EMPTY, profile, serial, gtin, address, device: proposed(profile, label), gateway: recall("gateway") ?? "" }, null);
    (profile ? (this.inputs.gateway.value ? this.inputs.bed : this.inputs.gateway) : this.inputs.profile).focus();
  }

  /** A gateway found it: who records it has it served there, too. */
  found({ where, way, gateway, fits }) {
    this.fits = fits.map((profile) => ({ profile, why: "found" }));
    const profile = fits.length === 1 ? fits[0] : "";
    const address = way === "ble" ? where : "";
    this.#fill({ ...EMPTY, profile, address, gateway }, null, where);
    this.#name();
    this.node.scrollIntoView({ block: "nearest" });
    (profile ? this.inputs.bed : this.inputs.profile).focus();
  }

  /** A device that is known: its record, or for one that nobody recorded, what its gateway says. */
  async open(device) {
    this.fits = [];
    const gateway = device.gateway || device.heard_by || "";
    this.#fill({ ...device, gateway, bed: device.bed ?? "" }, device);
    this.title.focus();
    this.firmware.show(device);
    if (device.recorded) await this.#again();
  }

  close() {
    this.firmware.show(null);
    show(this.node, false);
    this.onDone();
  }

  #fill(values, known, foundAt = "") {
    Object.assign(this, { known, foundAt });
    this.problem.textContent = "";
    setText(this.saved, "");
    show(this.insist, false);
    this.detail.show(null);
    this.firmware.show(null);
    show(this.node, true);
    this.draw();
    for (const name of FIELDS) this.inputs[name].value = values[name];
    this.inputs.device.readOnly = known !== null;
    this.#words();
  }

  /** A new device is named after its profile, until a person names it. */
  #name() {
    const { device, profile, serial, address } = this.inputs;
    const port = address.value ? "" : this.foundAt.split("/").at(-1).slice(-16).replace(/^[^A-Za-z0-9]+/, "");
    if (this.known === null) device.value = proposed(profile.value, { serial: serial.value || port, address: address.value });
  }

  draw() {
    if (this.node.hidden) return;
    const fitting = this.fits.map((fit) => fit.profile);
    const others = this.held.profiles.filter((name) => !fitting.includes(name));
    offer(this.inputs.profile, [...fitting.map((name) => [name, `★ ${name}`]), ...others.map((name) => [name, name])], t("record.choose"));
    offer(this.inputs.gateway, this.held.gateways.map((name) => [name, name]), t("record.stock"));
    offer(this.inputs.bed, this.held.beds.map((bed) => [bed.id, `${bed.name} (${bed.id})`]), t("record.nowhere"));
    this.#words();
    this.detail.draw();
    this.firmware.draw();
  }

  #words() {
    const isNew = !this.known?.recorded;
    setText(this.title, isNew ? t("record.new") : t("record.of", { device: this.inputs.device.value }));
    setText(this.save, t(isNew ? "record.add" : "record.save"));
    setText(this.fit, isNew && this.known === null ? this.#fitWords() : "");
    setText(this.insist, t(this.known?.withdrawn_ms ? "record.again" : "record.move"));
    translate(this.node);
  }

  #fitWords() {
    if (this.fits.length === 0) return t(this.foundAt ? "fit.port" : "fit.none");
    return this.fits.length === 1 ? t(`fit.${this.fits[0].why}`) : t("fit.several", { n: this.fits.length });
  }

  async #save(insists) {
    const { device, ...values } = Object.fromEntries(FIELDS.map((name) => [name, this.inputs[name].value]));
    const bed = values.bed === (this.known?.bed ?? "") ? null : values.bed;
    this.problem.textContent = "";
    try {
      const path = pathOf(device);
      await put(path, { ...values, bed: bed || null, move: insists, again: insists, found: this.foundAt });
      if (bed === "") await put(`/api/devices/${encodeURIComponent(device)}/bed`, { bed: null });
      remember("gateway", values.gateway);
      this.#done(device, this.foundAt ? "record.served" : "record.done");
    } catch (error) {
      this.problem.textContent = said(error);
      show(this.insist, this.#canInsist());
    }
  }

  /** Whether what was refused may be meant: a device that is taken from its bed, or into use again. */
  #canInsist() {
    const now = this.held.devices.find((one) => one.device === this.inputs.device.value);
    return Boolean(now && (now.withdrawn_ms || (now.bed && now.bed !== this.inputs.bed.value)));
  }

  #done(device, words) {
    this.onChange();
    this.close();
    setText(document.getElementById("scan-said"), t(words, { device, gateway: this.inputs.gateway.value }));
  }

  /** The history and what may be done, read again. */
  async #again() {
    const device = this.inputs.device.value;
    const detail = await get(pathOf(device));
    this.detail.show(detail);
    this.known = { ...this.known, ...detail };
    this.#words();
    this.onChange();
  }
}
