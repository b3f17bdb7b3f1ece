// What time the controller has, seen from this page: the smallest offset wins, so that a delayed
// event never makes a value look young (docs/decisions/007-board.md).

const BUCKET_MS = 300_000;

export class ServerClock {
  /** `local` gives this page's monotonic milliseconds. */
  constructor(local = () => performance.now()) {
    this.local = local;
    this.forget();
  }

  forget() {
    this.began = this.local();
    this.smallest = this.before = Infinity;
    this.newest = -Infinity;
  }

  /** An event that the controller stamped `serverMs` has arrived at the local time `now`. */
  heard(serverMs, now = this.local()) {
    this.newest = Math.max(this.newest, serverMs);
    if (now - this.began > BUCKET_MS) {
      this.before = this.smallest;
      this.smallest = Infinity;
      this.began = now;
    }
    this.smallest = Math.min(this.smallest, now - serverMs);
  }

  get known() {
    return this.smallest < Infinity || this.before < Infinity;
  }

  /** The controller's time now, in milliseconds; a lower bound that is late by the quickest delivery. */
  now() {
    return this.local() - Math.min(this.smallest, this.before);
  }

  /** How old the newest is that the controller has said, which may have come just now, and late; null: nothing. */
  quietFor() {
    return this.known ? this.now() - this.newest : null;
  }
}
