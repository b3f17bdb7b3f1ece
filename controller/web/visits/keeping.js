// Keeps what is typed: sent a moment after the last key, again until the controller has it, put together with what
// somebody else wrote meanwhile. Until then it is here, and `state` says so.
import { ask } from "/public/ask.js";
import { merge } from "./merge.js";

const PAUSE_MS = 1200;
const RETRY_MS = 3000;

export class Keeping {
  #base = null; #timer = null; #isBusy = false; #isClosed = false;
  note = null;
  state = "kept";
  problem = "";
  prescribed = [];

  /** `changed()`: the state is another; `merged(by)`: somebody else wrote, and `note` has it. */
  constructor(path, { changed, merged }) {
    Object.assign(this, { path, changed, merged });
  }

  /** The version that the controller has: {version, note, by, at_ms}. */
  get base() {
    return this.#base;
  }

  get isKept() {
    return this.#base === null || same(this.note, this.#base.note);
  }

  /** Whether it could be read. */
  async open() {
    const answer = await this.#ask("GET");
    if (!answer?.ok || this.#isClosed) return false;
    this.#base = answer.data.notes;
    this.prescribed = answer.data.prescribed;
    this.note = structuredClone(this.#base.note);
    return true;
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  typed(note) {
    this.note = note;
    this.#is(this.isKept ? "kept" : "waiting");
    this.#later(PAUSE_MS);
  }

  /** Asks for what somebody else wrote. */
  async look(version = Infinity) {
    if (this.#base === null || this.#isBusy || version <= this.#base.version) return;
    const answer = await this.#ask("GET");
    if (answer?.ok && !this.#isBusy) this.#took(answer.data.notes);
  }

  #took(theirs) {
    if (this.#isClosed || theirs.version <= this.#base.version) return;
    this.note = merge(this.#base.note, this.note, theirs.note);
    this.#base = theirs;
    this.merged(theirs.by);
    if (this.isKept) this.#is("kept");
    else this.#later(0);
  }

  #later(ms) {
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(() => this.#send(), ms);
  }

  async #send() {
    if (this.#isBusy || this.isKept || this.#isClosed) return;
    this.#isBusy = true;
    const sent = structuredClone(this.note);
    const answer = await this.#ask("PUT", sent, { "If-Match": `"${this.#base.version}"` });
    this.#isBusy = false;
    if (answer?.ok) this.#has(answer.data.notes);
    else if (answer?.status === 412) await this.#again();
    else if (answer && [400, 403, 404, 409, 413].includes(answer.status)) this.#is("refused", answer.message);
    else {
      this.#is(answer?.status === 401 ? "logged-out" : "lost");
      this.#later(RETRY_MS);
    }
  }

  #has(notes) {
    this.#base = notes;
    this.#is(this.isKept ? "kept" : "waiting");
    if (!this.isKept) this.#later(PAUSE_MS);
  }

  /** Somebody wrote meanwhile: theirs first, then both. */
  async #again() {
    await this.look();
    this.#later(this.isKept ? PAUSE_MS : RETRY_MS / 10);
  }

  #is(state, problem = "") {
    Object.assign(this, { state, problem });
    this.changed();
  }

  /** null: no answer came. */
  async #ask(method, body, headers) {
    try {
      const answer = await ask(method, this.path, body, headers);
      if (answer.status === 423) document.dispatchEvent(new Event("wardlink-locked"));
      return answer;
    } catch (error) {
      if (error instanceof TypeError || error instanceof SyntaxError) return null;
      throw error;
    }
  }
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
