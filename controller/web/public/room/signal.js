// A seat in a room. What the page says goes up in order, each once (POST, numbered, repeated until heard); what it
// is told comes down by server-sent events, which go on after the last number by themselves. A controller that was
// started again has another epoch: the page joins again, has the same seat, and is told everything anew.
import { ask } from "/public/ask.js";

const RETRY_MS = 500;
const ALIVE_MS = 4000;
const MOST_AT_ONCE = 50;
/** Characters in one request, which the controller takes up to 64 KiB of; one word alone may have more. */
const LONGEST_AT_ONCE = 20_000;
export const ROOM = 0;

export class Signal {
  #base; #told; #queue = []; #first = 1; #seen = 0; #sending = false; #joining = null; #source = null; #heardAt = performance.now();
  #instance = secret();
  #oneByOne = false;
  seat = null;
  ice = [];
  over = false;

  /** `told(message)`; `joined(answer)` each time a seat is had; `refused(answer)`: it is not had, and why;
   * `unsaid(body)`: the controller will never take this. */
  constructor(base, { told, joined, refused, unsaid }) {
    this.#base = base;
    this.#told = told;
    Object.assign(this, { joined, refused, unsaid });
  }

  /** How long nothing was heard of the controller, in ms. */
  get silence() {
    return performance.now() - this.#heardAt;
  }

  /** Until a seat is had, or refused; whoever asks meanwhile waits for the same. */
  join() {
    this.#joining ??= this.#join().finally(() => (this.#joining = null));
    return this.#joining;
  }

  async #join() {
    this.#source?.close();
    for (; !this.over; await later()) {
      const answer = await this.#post("seats", { instance: this.#instance });
      if (answer?.ok) return this.#sit(answer.data);
      if (answer && answer.status < 500 && answer.status !== 429) return this.#end(answer);
    }
    return undefined;
  }

  #sit(data) {
    this.#heardAt = performance.now();
    this.seat = data.seat;
    this.ice = data.ice;
    this.epoch = data.epoch;
    this.#seen = data.told;
    this.#first = 1;
    // What was said to a seat is void now; what was said to the room is said again, and kept once.
    this.#queue = this.#queue.filter(({ to }) => to === ROOM);
    this.joined(data);
    this.#listen();
    this.#alive ??= setInterval(() => this.#send(true), ALIVE_MS);
    setTimeout(() => this.#send(false)); // after the join, of which this is a part
  }

  #alive = null;

  #end(answer) {
    this.over = true;
    clearInterval(this.#alive);
    this.#source?.close();
    this.refused(answer);
  }

  say(to, body) {
    this.#queue.push({ to, body });
    this.#send(false);
  }

  leave() {
    this.over = true;
    clearInterval(this.#alive);
    this.#source?.close();
    const gone = new Blob([JSON.stringify({ seat: this.seat })], { type: "application/json" });
    if (this.seat !== null) navigator.sendBeacon(`${this.#base}/left`, gone);
  }

  #listen() {
    const epoch = this.epoch;
    const source = (this.#source = new EventSource(`${this.#base}/events?seat=${this.seat}&after=${this.#seen}`));
    source.onopen = () => (this.#heardAt = performance.now());
    source.onmessage = ({ data, lastEventId }) => {
      this.#heardAt = performance.now();
      if (this.epoch !== epoch || Number(lastEventId) <= this.#seen) return;
      this.#seen = Number(lastEventId);
      this.#told(JSON.parse(data));
    };
    // A browser comes back by itself unless the answer was a refusal: then there is no such seat any more.
    source.onerror = () => source.readyState === EventSource.CLOSED && this.#source === source && this.join();
  }

  async #send(isSign) {
    if (this.seat === null || this.#sending || this.#joining || this.over) return;
    this.#sending = true;
    try {
      for (let sign = isSign; (this.#queue.length || sign) && !this.#joining && !this.over; sign = false) await this.#sendSome();
    } finally {
      this.#sending = false;
    }
  }

  async #sendSome() {
    const { epoch } = this;
    const said = some(this.#queue, this.#oneByOne ? 1 : MOST_AT_ONCE);
    const answer = await this.#post("said", { seat: this.seat, epoch, confirms: this.#seen, first: this.#first, said });
    if (this.epoch !== epoch) return;
    if (answer?.ok) {
      this.#heardAt = performance.now();
      this.#queue.splice(0, said.length);
      this.#first += said.length;
    } else if (answer && [401, 404, 409, 412].includes(answer.status)) await this.join();
    else if (answer && [400, 413].includes(answer.status) && said.length > 0) this.#drop(said);
    else await later();
  }

  /** One of these is what the controller takes of nobody: it is found, told and let go, and what follows is said. */
  #drop(said) {
    this.#oneByOne = said.length > 1;
    if (said.length === 1) this.unsaid(this.#queue.shift().body);
  }

  async #post(what, body) {
    try {
      return await ask("POST", `${this.#base}/${what}`, body);
    } catch (error) {
      if (error instanceof TypeError || error instanceof SyntaxError) return null; // no answer came, or none of ours
      throw error;
    }
  }
}

/** The first ones, as many as fit. */
function some(queue, most) {
  let long = 0;
  const first = queue.slice(0, most);
  const end = first.findIndex((one, n) => (long += JSON.stringify(one).length) > LONGEST_AT_ONCE && n > 0);
  return end < 0 ? first : first.slice(0, end);
}

function secret() {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replaceAll("+", "-").replaceAll("/", "_");
}

/** Not all at the same moment after an outage. */
function later() {
  return new Promise((done) => setTimeout(done, RETRY_MS * (0.5 + Math.random())));
}
