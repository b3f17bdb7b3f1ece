// Pictures, fetched one after the other: of those that are wanted only the newest, then what may be wanted next.
import { bytes } from "/board/api.js";

/** Pixels of the pictures that are kept: 4 bytes each. */
const MOST = 40e6;
const kept = new Map();

let owner = null;

/** Those that were fetched are `user`'s: what was shown to another is asked for again, and recorded again. */
export function belongTo(user) {
  if (user !== owner) kept.clear();
  owner = user;
}

async function load(path, signal) {
  const known = kept.get(path) ?? (await createImageBitmap(await bytes(path, { signal })));
  kept.delete(path);
  kept.set(path, known);
  let room = MOST;
  for (const [other, { width, height }] of [...kept].reverse()) {
    room -= width * height;
    // Let go, not closed: it may be on the screen.
    if (room < 0 && other !== path) kept.delete(other);
  }
  return known;
}

/** Has `path` at hand for when it is wanted; that it could not be fetched is said then. */
export async function prefetch(path, signal) {
  try {
    await load(path, signal);
  } catch (error) {
    if (!["Refusal", "AbortError", "TypeError", "InvalidStateError"].includes(error.name)) throw error;
  }
}

export class Pictures {
  /** `shown(picture, tag)` for each that came, `failed(error, tag)` for each that did not. */
  constructor(shown, failed) {
    Object.assign(this, { shown, failed, next: null, busy: false, waiting: [], filling: false });
  }

  /** This one, and none of those that were wanted before and have not been asked for. */
  want(path, tag) {
    this.next = { path, tag };
    this.waiting = [];
    this.abort?.abort();
    if (!this.busy) this.#fetch();
  }

  /** What may be wanted next, the likeliest first. */
  ahead(paths) {
    this.waiting = paths.filter((path) => !kept.has(path));
    if (!this.busy && !this.filling) this.#fill();
  }

  /** Nothing any more. */
  stop() {
    this.next = null;
    this.waiting = [];
    this.abort?.abort();
  }

  async #fetch() {
    this.busy = true;
    while (this.next) {
      const { path, tag } = this.next;
      this.next = null;
      const [picture, error] = await settled(load(path));
      if (picture) this.shown(picture, tag);
      else if (!this.next) this.failed(error, tag);
    }
    this.busy = false;
    if (!this.filling) this.#fill();
  }

  async #fill() {
    this.filling = true;
    while (this.waiting.length > 0 && !this.busy) {
      this.abort = new AbortController();
      await prefetch(this.waiting.shift(), this.abort.signal);
    }
    this.filling = false;
  }
}

const settled = (promise) => promise.then((value) => [value, null], (error) => [null, error]);
