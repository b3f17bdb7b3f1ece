// A claim as it is handed to a box: shown once, with the time that it has left, until its gateway has come in.
import { el, setState, setText, show } from "/screen/dom.js";
import { qrCode } from "/people/qr.js";
import { onLanguage, t } from "/public/i18n.js";
import { button } from "./fields.js";
import { countdown } from "./state.js";

export class ClaimCard {
  /** `onClose()` when the next gateway may come. */
  constructor(node, onClose) {
    Object.assign(this, { node, onClose, made: null, state: "open", openedAt: 0 });
    this.title = el("h2", { id: "claim-title", tabindex: "-1" });
    this.words = el("p", { role: "status" });
    this.left = el("p", { role: "timer" });
    this.code = el("div", { class: "code", role: "img", "data-t-label": "claim.code" });
    this.text = el("p", { class: "secret" });
    this.copied = el("span", { role: "status", class: "note" });
    const steps = ["claim.step-scan", "claim.step-page", "claim.step-file"].map((key) => el("li", { "data-t": key }, t(key)));
    const copy = button("claim.copy", () => this.#copy());
    const print = button("claim.print", () => globalThis.print());
    const hint = el("p", { class: "note", "data-t": "claim.secret" }, t("claim.secret"));
    const how = el("div", {}, el("ul", { class: "steps" }, ...steps), this.left, hint, el("div", { class: "row" }, copy, print, this.copied), this.text);
    this.shown = el("div", { class: "shown" }, this.code, how);
    node.append(this.title, this.words, this.shown, el("div", { class: "row" }, button("claim.close", () => this.close())));
    onLanguage(() => this.#draw());
  }

  open(made) {
    Object.assign(this, { made, state: "open", openedAt: performance.now() });
    this.code.replaceChildren(qrCode(made.rows));
    setText(this.text, made.text);
    setText(this.copied, "");
    show(this.node, true);
    this.#draw();
    this.title.focus();
    this.node.scrollIntoView();
  }

  close() {
    this.#forget();
    this.made = null;
    show(this.node, false);
    this.onClose();
  }

  /** What became of it, by an answer that was asked for at `asked` (this page's time): after it was made. */
  heard(gateways, asked) {
    if (this.made === null || this.state !== "open" || asked < this.openedAt) return;
    const one = gateways.find(({ gateway }) => gateway === this.made.gateway);
    if (one?.claim_until_utc_s === this.made.expires_utc_s) return;
    this.#end(one?.certified_utc_s >= this.made.made_utc_s ? "enrolled" : "replaced");
  }

  /** Every second. */
  draw({ utc }) {
    if (this.made === null || this.state !== "open") return;
    const left = this.made.expires_utc_s * 1000 - utc;
    if (left <= 0) this.#end("expired");
    else setText(this.left, t("claim.left", { left: countdown(left) }));
  }

  #end(state) {
    this.state = state;
    this.#forget();
    this.#draw();
  }

  /** A claim that is of no more use is not left lying about. */
  #forget() {
    this.code.replaceChildren();
    setText(this.text, "");
    setText(this.left, "");
  }

  #draw() {
    if (this.made === null) return;
    const { gateway } = this.made;
    setState(this.node, this.state);
    setText(this.title, t("claim.of", { gateway }));
    setText(this.words, t(`claim.${this.state}`, { gateway }));
    show(this.shown, this.state === "open");
  }

  async #copy() {
    await navigator.clipboard.writeText(this.made.text);
    setText(this.copied, t("claim.copied"));
  }
}
