// What gateways found in reach that nobody has recorded: a card each, with its age, and a search on request.
import { age } from "/screen/format.js";
import { el, keep, setState, setText, show } from "/screen/dom.js";
import { send } from "/board/api.js";
import { t } from "/public/i18n.js";
import { offer } from "./fields.js";
import { said } from "./said.js";

/** A gateway tells every ten minutes what is still there: what is older may be gone. */
const OLD_MS = 900_000;
const SECONDS = 8;

export class Found {
  /** `onRecord(candidate)` when one is to be recorded; `onChange()` after a search was asked for. */
  constructor(node, onRecord, onChange) {
    Object.assign(this, { node, onRecord, onChange, answer: null, heard: 0 });
    this.gateway = node.querySelector("#looker");
    this.problem = node.querySelector("#found-problem");
    node.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search();
    });
    this.gateway.addEventListener("change", () => this.answer && this.#say(this.heard));
  }

  /** What the controller answered at `now`. */
  show(answer, now) {
    Object.assign(this, { answer, heard: now });
    const only = answer.gateways.length === 1 ? answer.gateways[0] : "";
    offer(this.gateway, answer.gateways.map((name) => [name, name]), t("found.which"));
    if (!this.gateway.value && only) this.gateway.value = only;
    this.update(now);
  }

  update(now) {
    if (this.answer === null) return;
    const cards = this.#candidates();
    keep(this.node.querySelector(".cards"), cards, keyOf, (one) => this.#card(one), (node, one) => update(node, one, now));
    const others = this.answer.found.reduce((sum, one) => sum + one.others, 0);
    setText(this.node.querySelector("#found-others"), others ? t("found.others", { n: others }) : "");
    show(this.node.querySelector("#found-none"), cards.length === 0);
    this.#say(now);
  }

  /** Of all gateways, the nearest first; ports, which have no signal, before them. */
  #candidates() {
    const all = this.answer.found.flatMap(({ gateway, way, candidates }) => candidates.map((one) => ({ ...one, gateway, way })));
    return all.sort((one, other) => (other.rssi ?? 0) - (one.rssi ?? 0));
  }

  #card(one) {
    const now = () => this.#candidates().find((other) => keyOf(other) === keyOf(one)) ?? one;
    const button = el("button", { type: "button", onclick: () => this.onRecord(now()) });
    return el("li", {}, el("b"), el("span"), el("span", { class: "fits" }), el("span", { class: "old" }), button);
  }

  async #search() {
    this.problem.textContent = "";
    if (!this.gateway.value) {
      this.gateway.focus();
      return;
    }
    try {
      await send("POST", `/api/inventory/gateways/${encodeURIComponent(this.gateway.value)}/search`, { seconds: SECONDS });
      this.onChange();
    } catch (error) {
      this.problem.textContent = said(error);
    }
  }

  /** What became of the last search of the gateway that is chosen. */
  #say(now) {
    const last = this.answer.searches.find((one) => one.gateway === this.gateway.value);
    const since = last && Math.max(this.answer.utc_ms - last.asked_utc_ms + now - this.heard, 0);
    const about = last && { gateway: last.gateway, age: age(since), why: last.why, seconds: SECONDS };
    setText(this.node.querySelector("#look-said"), last ? t(`found.${last.state}`, about) : "");
  }
}

const keyOf = (one) => `${one.gateway} ${one.where}`;

function update(node, one, now) {
  const [name, where, fits, old, button] = node.children;
  const heard = Math.max(now - one.heard_ms, 0);
  const signal = one.rssi === null ? null : `${one.rssi} dBm`;
  const ago = t("age.ago", { age: age(heard) });
  setText(name, one.name || one.where);
  setText(where, [t("found.by", { gateway: one.gateway }), one.where, signal, ago].filter(Boolean).join(" · "));
  setText(fits, one.fits.length ? one.fits.join(", ") : t("found.unknown"));
  setText(old, heard > OLD_MS ? t("found.old", { age: age(heard) }) : "");
  setText(button, t("found.record"));
  button.setAttribute("aria-label", `${t("found.record")}: ${one.name || one.where}`);
  setState(node, heard > OLD_MS ? "old" : "plain");
}
