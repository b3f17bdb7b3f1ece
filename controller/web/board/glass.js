// Break-glass: asking for a look at a patient of another ward, and the banner that says who looks, for how long.
import { ask } from "/public/ask.js";
import { closeButton, lostBanner } from "./panel.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { remove } from "./api.js";
import { t } from "/public/i18n.js";

/** "29:05" */
const countdown = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

export class Glass {
  /** `banner`: a section with a list, which stays visible; `button` opens the dialog. */
  constructor({ banner, dialog, button }, ward) {
    Object.assign(this, { banner, dialog, button, ward, me: null });
    button.addEventListener("click", () => this.open());
    dialog.addEventListener("close", () => dialog.replaceChildren());
  }

  /** Who is logged in now: whoever has all wards has nothing to break. */
  person(me) {
    this.me = me;
    show(this.button, me.wards !== null && me.permissions.includes("break-glass:use"));
  }

  open() {
    this.#build();
    this.dialog.showModal();
    this.form.elements["glass-patient"].focus();
  }

  /** Once a tick. */
  update(now) {
    const items = this.ward.glass.filter((one) => one.until_ms > now);
    show(this.banner, items.length > 0);
    keep(this.banner.firstChild, items, (one) => `${one.id}`, (one) => this.#make(one), (node, one) => this.#draw(node, one, now));
  }

  #make(one) {
    const end = el("button", { type: "button", hidden: true, onclick: () => remove("/api/break-glass").catch(() => {}) });
    // The words are read out once, the seconds never.
    return el("li", { "data-id": one.id }, el("span", { role: "alert" }), el("span", { class: "left" }), end);
  }

  #draw(node, one, now) {
    const own = one.user === this.me?.user;
    const bed = this.ward.beds.find((bed) => bed.id === one.bed)?.name ?? one.bed;
    const [text, left, end] = node.children;
    setState(node, own ? "own" : "theirs");
    setText(text, t(own ? "glass.own" : "glass.theirs", { user: one.user, bed }));
    setText(left, t("glass.left", { time: countdown(one.until_ms - now) }));
    setText(end, t("glass.end"));
    show(end, own);
  }

  #build() {
    const label = (id, key) => el("label", { for: id, "data-t": key }, t(key));
    const title = el("h2", { id: "glass-title", "data-t": "glass.title" }, t("glass.title"));
    const patient = el("input", { id: "glass-patient", name: "glass-patient", required: true, maxlength: 64, autocomplete: "off" });
    const reason = el("textarea", { id: "glass-reason", name: "glass-reason", required: true, minlength: 5, maxlength: 500, rows: 3 });
    this.problem = el("p", { class: "problem", role: "alert" });
    const go = el("button", { class: "primary", "data-t": "glass.go" }, t("glass.go"));
    const warning = el("p", { "data-t": "glass.warning" }, t("glass.warning"));
    const fields = [label("glass-patient", "glass.patient"), patient, label("glass-reason", "glass.reason"), reason];
    this.form = el("form", { class: "glass-form" }, warning, ...fields, this.problem, go);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.dialog.append(lostBanner(), el("header", {}, title, closeButton(this.dialog)), el("section", {}, this.form));
  }

  async #submit(event) {
    event.preventDefault();
    const { "glass-patient": patient, "glass-reason": reason } = this.form.elements;
    const body = { patient: patient.value.trim(), reason: reason.value.replace(/\s+/g, " ").trim() };
    const answer = await ask("POST", "/api/break-glass", body);
    if (answer.ok) return this.dialog.close();
    if (answer.status === 423) document.dispatchEvent(new Event("wardlink-locked"));
    this.problem.textContent = answer.status === 429 ? t("login.slow", { s: answer.retryAfter }) : answer.message;
  }
}
