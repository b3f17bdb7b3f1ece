// What of the patient's vital signs another page passed on: shown only while it is ahead of what the controller itself
// has told this page. Pure: times are given, the controller's in ms.
//
//   const copies = new Copies();
//   copies.took(seat, message, known, now)     // the items that may be shown, [] if none
//   copies.heard(items)                        // the controller's own: seats that it contradicts
//   copies.settled(serverMs)                   // those that the controller has passed and not confirmed: to be withdrawn
//
// A page may lie. So nothing is taken of a device, bed or life of the controller that the controller itself did not
// name, nothing from the future, and nothing that the controller's word has reached: from there on that alone is shown.
// Whose a reading at home was is the controller's word alone, too.

const LONGEST = 16_000;
const MOST_ITEMS = 100;
/** Pages hear the controller at different times. */
const AHEAD_MS = 1000;
const KINDS = ["values", "wave"];

const keyOf = ({ device, metric, at_ms: at }) => `${device} ${metric} ${at}`;
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const isText = (value) => typeof value === "string" && value.length <= 100;

/** What came over the channel, or null: it is not what pages say. */
export function parsed(text) {
  if (typeof text !== "string" || text.length > LONGEST) return null;
  let said;
  try {
    said = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
  if (said === null || typeof said !== "object") return null;
  if (said.k === "pulse") return isPulse(said) ? said : null;
  return KINDS.includes(said.k) && isPassedOn(said) ? said : null;
}

function isPulse({ at, heard, newest }) {
  if (!isNumber(at) || !(newest === null || isNumber(newest)) || !Array.isArray(heard) || heard.length > MOST_ITEMS) return false;
  return heard.every((one) => Array.isArray(one) && one.length === 4 && one.every(isNumber));
}

function isPassedOn({ k, session, server_ms: at, items }) {
  if (!isText(session) || !isNumber(at) || !Array.isArray(items) || items.length > MOST_ITEMS) return false;
  return items.every((item) => item !== null && typeof item === "object" && isItem(item) && (k === "values" ? isValue(item) : isWave(item)));
}

function isItem({ device, metric, bed, at_ms: at }) {
  return isText(device) && isText(metric) && isText(bed) && isNumber(at);
}

function isValue({ value, reason, quality }) {
  if (!(value === null || isNumber(value)) || !(reason === null || isText(reason))) return false;
  return Array.isArray(quality) && quality.length <= 10 && quality.every(isText);
}

function isWave({ rate_hz: rate, samples }) {
  return isNumber(rate) && rate > 0 && typeof samples === "string" && /^[A-Za-z0-9+/]*={0,2}$/.test(samples);
}

/** How it is told, in messages that fit into one packet each if the items do. */
export function passedOn(k, { session, server_ms, items }) {
  return items.map((item) => JSON.stringify({ k, session, server_ms, items: [item] }));
}

/** What a number that came by another page is marked with. */
export const SECOND_HAND = "second-hand";

export class Copies {
  #copies = new Map();
  #liars = new Set();
  #newest = -Infinity;

  /** What of `seat`'s message may be shown. `known`: {session, devices, beds, metrics} by the controller's own word. */
  took(seat, { k, session, server_ms: at, items }, known, now) {
    if (this.#liars.has(seat) || session !== known.session || at <= this.#newest || at > now + AHEAD_MS) return [];
    const taken = items.filter((item) => belongs(item, known) && ends(item) <= at + AHEAD_MS && !this.#copies.has(keyOf(item)));
    for (const item of taken) this.#copies.set(keyOf(item), { seat, k, at, item, isConfirmed: false });
    return k === "values" ? taken.map((item) => ({ ...item, not_theirs: undefined, quality: [SECOND_HAND, ...item.quality] })) : taken;
  }

  /** The controller's own word: what it says is so. Seats that had said something else: they are not believed again. */
  heard(items) {
    const lied = new Set();
    for (const item of items) {
      const copy = this.#copies.get(keyOf(item));
      if (copy === undefined) continue;
      copy.isConfirmed = isSame(copy.item, item);
      if (!copy.isConfirmed) lied.add(copy.seat);
    }
    for (const seat of lied) this.#liars.add(seat);
    return [...lied];
  }

  /** The controller has told all up to `serverMs`. What of that came by others and not by it: to be withdrawn. */
  settled(serverMs) {
    this.#newest = Math.max(this.#newest, serverMs);
    const gone = [];
    for (const [key, copy] of this.#copies) {
      if (copy.at >= this.#newest) continue; // of the same millisecond there may be more to come
      this.#copies.delete(key);
      if (!copy.isConfirmed) gone.push(copy);
    }
    return gone;
  }

  /** Of whom something is shown that the controller has not reached yet. */
  get seats() {
    return new Set([...this.#copies.values()].map((copy) => copy.seat));
  }

  /** Another life of the controller, or another patient. */
  forget() {
    this.#copies.clear();
    this.#newest = -Infinity;
  }
}

function belongs({ device, metric, bed }, { devices, beds, metrics }) {
  return devices.get(device)?.bed === bed && beds.some((one) => one.id === bed) && Object.hasOwn(metrics, metric);
}

function ends(item) {
  if (item.samples === undefined) return item.at_ms;
  return item.at_ms + ((item.samples.length * 3) / 8 / item.rate_hz) * 1000;
}

function isSame(copy, item) {
  if (item.samples !== undefined) return item.samples === copy.samples;
  return item.value === copy.value && item.reason === copy.reason && String(item.quality) === String(copy.quality);
}
