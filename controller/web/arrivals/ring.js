// Rings while the crew of a vehicle calls and nobody has joined.
import { warn } from "/pharmacy/warn.js";

const EVERY_MS = 3000;

export class Ring {
  #calls = new Set(); #timer = null;

  /** Whether the crew of `vehicle` calls. */
  hears(vehicle, isCalling) {
    if (isCalling) this.#calls.add(vehicle);
    else this.#calls.delete(vehicle);
    if (this.#calls.size > 0 && this.#timer === null) {
      warn();
      this.#timer = setInterval(warn, EVERY_MS);
    } else if (this.#calls.size === 0) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }
}
