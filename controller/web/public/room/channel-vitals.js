// The patient's vital signs from page to page, beside the controller's own events: to who hears the controller late.
// Never alarms, which come from the controller alone; never to a guest, nor from one.
//
//   const second = new SecondHand(ward, known)
//   second.own(items); second.settle(serverMs)     // the controller's word
//   second.took(seat, message, now)                // another page's: the waves that may be drawn
import { Copies, passedOn, SECOND_HAND } from "./copies.js";

/** Who hears the controller so much later than this page is passed on what this page heard. */
const BEHIND_MS = 400;
const PASSED = ["values", "wave"];

const keyOf = ({ device, metric }) => `${device} ${metric}`;
const isCopy = (value) => value?.quality[0] === SECOND_HAND;

/** What is shown of a ward while its values come both ways: the newer of both, and the controller's in the end. */
export class SecondHand {
  #copies = new Copies();
  #own = new Map();

  /** `ward` holds what is shown; `broken()`: waves that were drawn are not so. */
  constructor(ward, broken) {
    Object.assign(this, { ward, broken });
  }

  /** The controller has told everything anew. */
  whole() {
    this.#copies.forget();
    this.#own = new Map([...this.ward.values].map(([key, value]) => [key, value]));
  }

  /** Values by the controller itself. */
  own(items) {
    this.#copies.heard(items);
    for (const item of items) {
      this.#own.set(keyOf(item), item);
      const shown = this.ward.values.get(keyOf(item));
      if (!isCopy(shown) || shown.at_ms <= item.at_ms) this.ward.value([item]);
    }
  }

  /** Waves by the controller itself. */
  waves(items) {
    if (this.#copies.heard(items).length > 0) this.broken();
  }

  /** The controller has told all up to `serverMs`: what came by others and not by it goes. */
  settle(serverMs) {
    const gone = this.#copies.settled(serverMs);
    for (const { k, item } of gone) if (k === "values") this.#back(item);
    if (gone.some(({ k }) => k === "wave")) this.broken();
  }

  #back(item) {
    const key = keyOf(item);
    const shown = this.ward.values.get(key);
    if (!isCopy(shown) || shown.at_ms !== item.at_ms) return;
    if (this.#own.has(key)) this.ward.value([this.#own.get(key)]);
    else this.ward.values.delete(key);
  }

  /** What another page passed on, at the controller's time `now`: its waves; its numbers are in the ward. */
  took(seat, message, now) {
    const { session, devices, beds, metrics } = this.ward;
    const items = this.#copies.took(seat, message, { session, devices, beds, metrics }, now);
    if (message.k === "wave") return items;
    const newer = items.filter((item) => !(this.ward.values.get(keyOf(item))?.at_ms >= item.at_ms));
    this.ward.value(newer);
    return [];
  }

  /** By whose pages something is shown that the controller has not told here. */
  get seats() {
    return this.#copies.seats;
  }
}

/** What of an event of the controller is passed on, and to which seats: [texts, seats]. */
export function passing(kind, data, session, others) {
  const behind = others.filter(({ part, newest }) => part !== "guest" && !(data.server_ms - newest < BEHIND_MS)).map(({ seat }) => seat);
  return PASSED.includes(kind) && behind.length > 0 ? [passedOn(kind, { ...data, session }), behind] : [[], []];
}
