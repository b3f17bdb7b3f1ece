// Whether the trail is what was written: in one sentence, with its age.
import { el, setState, setText } from "/screen/dom.js";
import { age } from "/screen/format.js";
import { languageTag, t } from "/public/i18n.js";
import { ServerClock } from "/screen/clock.js";
import { moment } from "/screen/dates.js";

const count = (n) => new Intl.NumberFormat(languageTag()).format(n);

export class Verdict {
  /** `sentence`, `heads` and `faults` are the elements that tell it. */
  constructor(sentence, heads, faults) {
    Object.assign(this, { sentence, heads, faults, clock: new ServerClock(), last: null });
  }

  /** The controller's time; before it answered, this screen's. */
  now() {
    return this.clock.known ? this.clock.now() : Date.now();
  }

  /** Whether the first verification has ended. */
  get known() {
    return this.last !== null && this.last.as_of_ms !== null;
  }

  /** The controller's answer. */
  told(answer) {
    this.last = answer;
    this.clock.heard(answer.server_ms);
    this.faults.replaceChildren(...answer.faults.map((fault) => el("li", {}, fault.message)));
    this.draw();
  }

  draw() {
    if (!this.known) return;
    const { whole, entries, fault_count: faults, as_of_ms: at } = this.last;
    const said = whole ? t("audit.whole", { n: count(entries) }) : t("audit.broken", { n: count(faults) });
    setText(this.sentence, `${said} ${t("audit.as-of", { ago: t("age.ago", { age: age(Math.max(this.clock.now() - at, 0)) }) })}`);
    setState(this.sentence, whole ? "whole" : "broken");
    setText(this.heads, this.#compared());
  }

  #compared() {
    const { heads, last_head_utc_ms: newest } = this.last;
    return heads ? t("audit.heads", { n: count(heads), when: moment(newest) }) : t("audit.no-heads");
  }
}
