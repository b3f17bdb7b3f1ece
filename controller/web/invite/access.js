// A patient's access: the invitation, whose code is shown once and can be printed, and where the patient is in.
import { done } from "/people/page.js";
import { qrCode } from "/people/qr.js";
import { el, show } from "/screen/dom.js";
import { moment } from "/screen/dates.js";
import { t } from "/public/i18n.js";

export class Access {
  constructor(node) {
    Object.assign(this, { node, path: "", told: null, made: null });
  }

  async open(path) {
    Object.assign(this, { path, made: null, told: null });
    await this.#read();
  }

  draw() {
    if (this.told === null) return;
    const { patient, invitation, sessions } = this.told;
    const title = el("h2", { id: "whose", tabindex: "-1" }, `${t("invite.access")}: ${patient.name} · ${patient.identifier}`);
    const list = sessions.map((one) => this.#session(one));
    const held = sessions.length === 0 ? el("p", { class: "soft" }, t("invite.no-sessions")) : el("ul", { id: "sessions" }, ...list);
    this.node.replaceChildren(title, el("p", { class: "soft" }, t("invite.note")), ...this.#invitation(invitation), el("h3", {}, t("invite.sessions")), held);
    show(this.node, true);
  }

  async #read() {
    const told = await done("GET", `${this.path}/access`);
    if (told === undefined) return;
    this.told = told;
    this.draw();
  }

  #invitation(invitation) {
    const made = this.made === null ? [] : [this.#paper()];
    const words = invitation?.is_spent ? t("invite.spent") : t("invite.open", { by: invitation?.by, when: moment(invitation?.at_ms ?? 0), until: moment(invitation?.until_ms ?? 0) });
    const said = invitation === null ? [] : [el("p", { role: "status" }, words)];
    const make = el("button", { type: "button", class: invitation === null ? "primary" : "", onclick: () => this.#make() }, t(invitation === null ? "invite.make" : "invite.again"));
    const withdraw = el("button", { type: "button", onclick: () => this.#remove("/invitation") }, t("invite.withdraw"));
    return [...made, ...said, el("p", { class: "row" }, make, ...(invitation === null ? [] : [withdraw]))];
  }

  /** What the patient takes along. */
  #paper() {
    const { code, address, qr, until_ms: untilMs } = this.made;
    const picture = qrCode(qr);
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", t("invite.paper"));
    const page = address.split("#")[0];
    const print = el("button", { type: "button", onclick: () => globalThis.print() }, t("invite.print"));
    return el("div", { id: "paper" }, el("p", {}, t("invite.paper")), el("p", { class: "address" }, page), el("div", { id: "qr" }, picture), el("p", { class: "secret" }, code), el("p", {}, t("invite.code", { until: moment(untilMs) })), print);
  }

  #session(one) {
    const began = moment(one.began_ms);
    const words = t("invite.session", { began, address: one.address, used: moment(one.used_ms), by: one.invited_by });
    const end = el("button", { type: "button", "aria-label": t("invite.end-of", { began }), onclick: () => this.#remove(`/access/${one.id}`) }, t("invite.end"));
    return el("li", {}, el("p", {}, words), end);
  }

  async #make() {
    const made = await done("POST", `${this.path}/invitation`);
    if (made === undefined) return;
    this.made = made;
    await this.#read();
  }

  async #remove(what) {
    if ((await done("DELETE", this.path + what)) === undefined) return;
    if (what === "/invitation") this.made = null;
    await this.#read();
    this.node.querySelector("h2").focus();
  }
}
