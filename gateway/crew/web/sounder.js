// Which alarm sounds now, and whether this browser lets it: none does before the first touch.
import { burstLength, PATTERNS, schedule } from "./sound.js";

export const RANK = { low: 1, medium: 2, high: 3 };

export class Sounder {
  /** `make()` gives the AudioContext, after the first touch. */
  constructor(make = () => new AudioContext()) {
    Object.assign(this, { make, context: null, out: null, playing: null, next: 0 });
  }

  /** A person touched the page: from now on it may sound. */
  async touched() {
    this.context ??= this.make();
    if (this.context.state !== "running") await this.context.resume();
  }

  get may() {
    return this.context?.state === "running";
  }

  /** Called by every tick with the most urgent priority that is to be heard; null: silence, at once. */
  sound(priority) {
    if (priority === null) return this.#hush();
    if (!this.may) return;
    const now = this.context.currentTime;
    const worse = this.playing === null || RANK[priority] > RANK[this.playing];
    if (worse) this.#hush();
    if (!worse && now < this.next) return;
    this.#burst(priority, now);
  }

  #burst(priority, now) {
    this.out ??= new GainNode(this.context, { gain: 0.5 });
    this.out.connect(this.context.destination);
    schedule(this.context, priority, now, this.out);
    this.playing = priority;
    this.next = now + burstLength(priority) + PATTERNS[priority].rest;
    document.body.dataset.sounded = priority;
  }

  #hush() {
    this.out?.disconnect();
    this.out = this.playing = null;
    this.next = 0;
    delete document.body.dataset.sounded;
  }
}
