// Speaking with the hospital by video, on one button: a touch calls; once somebody there has joined, a touch opens the
// room in another tab. The monitor is not covered while nobody is there.
import { age } from "/screen/format.js";
import { CALL } from "./known.js";
import { setState, setText } from "/screen/dom.js";
import { t } from "/screen/i18n.js";

/** An answer that is older opens nothing any more: call again. */
const HOLDS_MS = 30 * 60_000;

export class Call {
  #now = 0;

  /** `buttons`: where a tablet has it, and where a phone does. */
  constructor(buttons, box, teller) {
    Object.assign(this, { buttons, box, teller });
    for (const button of buttons) button.addEventListener("click", () => this.#touched());
  }

  update(now) {
    this.#now = now;
    const { state, waited } = this.#standing();
    for (const button of this.buttons) {
      setState(button, state);
      setText(button, t(`call.${state}`, { age: age(waited) }));
    }
  }

  /** "call", "waiting", "open", "no-network", and since when it waits. */
  #standing() {
    const newest = (this.box.case?.requests ?? []).findLast((one) => one.resource === CALL) ?? null;
    const since = (at) => (at === null ? 0 : Math.max(this.#now - at, 0));
    const waited = newest === null ? 0 : since(newest.at_ms);
    if (newest?.answer && since(newest.answer.at_ms) < HOLDS_MS) return { state: "open", waited, newest };
    if (newest !== null && !newest.answer) return { state: "waiting", waited, newest };
    return { state: this.box.uplink?.online ? "call" : "no-network", waited, newest };
  }

  #touched() {
    const { state, waited, newest } = this.#standing();
    if (state === "open") return this.#open(newest.answer.text);
    if (state === "waiting") return this.teller.say(t("call.still", { age: age(waited) }));
    if (state === "no-network") return this.teller.say(t("call.by-radio"), "failed");
    return this.#call();
  }

  async #call() {
    if (this.box.stay === null) return this.teller.say(t("call.nobody"), "failed");
    if (await this.teller.tell("request", { resource: CALL, note: "" })) this.teller.say(t("call.sent"));
    return undefined;
  }

  #open(text) {
    if (!/^https?:\/\/[^\s]+$/.test(text)) return this.teller.say(t("call.no-address"), "failed");
    open(text, "_blank", "noopener");
    return undefined;
  }
}
