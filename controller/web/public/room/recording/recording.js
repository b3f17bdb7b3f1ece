// The recording of a room, on the page of anybody there: who agreed, the red sign, and on the page of who asked the
// recorder. It runs only while everybody who is here has agreed and the controller is heard of.
import { ask } from "/public/ask.js";
import { languageTag, t } from "./words.js";
import { MEDIA, Recorder } from "./recorder.js";
import { Outbox } from "./outbox.js";
import { setText } from "/screen/dom.js";
import { Sign } from "./sign.js";

const LOST_MS = 10_000;
const GUESTS = /^\/api\/(visit|partner-room)\//;

export class Recording {
  #told = null; #seats = []; #words = null; #recorder = null; #busy = Promise.resolve(); #closed = false; #asksWords = null;

  /** `base`: the room's address; `node`: the room's; `signal`; `mine()`: the tracks that one sends. */
  constructor(base, node, signal, mine) {
    Object.assign(this, { base, node, signal, mine, panel: node.querySelector(".recording") });
    this.isStaff = !GUESTS.test(base);
    this.outbox = new Outbox(base, (message) => this.#refused(message));
    const acts = { ask: () => this.#ask(), goOn: () => this.#queue(() => this.#begin()), stop: () => this.#post(`${this.#path}/stop`), say: (said) => this.#say(said), aloud: () => this.#aloud(), erase: (number) => this.#erase(number) };
    this.sign = new Sign(this.panel, acts);
    this.looking = setInterval(() => this.#act(), 1000);
    if (this.isStaff) this.outbox.send();
  }

  /** What the room is told. Who came is not recorded for a moment: this is before any picture of them is there. */
  told(message) {
    if (message.kind === "room") this.#seats = message.seats;
    if (message.kind === "recording") this.#told = message;
    if (message.kind === "room" || message.kind === "recording") this.#act();
  }

  async close() {
    this.#closed = true;
    clearInterval(this.looking);
    await this.#halt();
    this.panel.querySelector(".acts").replaceChildren();
    this.sign.draw(null, { staff: false, records: false }, null, false);
  }

  get #path() {
    return `${this.base}/recordings/${this.#told.number}`;
  }

  get #isLost() {
    return this.signal.silence > LOST_MS;
  }

  #agreed(seat) {
    return this.#told.agreed.includes(seat === "me" ? this.signal.seat : Number(seat));
  }

  /** Whether this page is to record now. */
  get #may() {
    const { state, seat } = this.#told ?? {};
    if (this.#closed || this.#isLost || seat !== this.signal.seat || !["agreed", "running"].includes(state)) return false;
    return this.#seats.length > 0 && this.#seats.every((one) => this.#agreed(one.seat));
  }

  #act() {
    if (this.#recorder !== null && !this.#may) this.#halt();
    else if (this.#recorder === null && this.#may) this.#queue(() => this.#begin());
    if (this.#told?.state === "stopped" && this.#told.seat === this.signal.seat) this.#queue(() => this.#finish());
    this.draw();
  }

  /** One thing after the other; a fault is said, and tried again with the next word or second. */
  #queue(work) {
    this.#busy = this.#busy.then(work).catch((error) => {
      console.warn(`recording: ${error}`);
      setText(this.panel.querySelector(".fault"), t("recording.fault"));
    });
    return this.#busy;
  }

  async #begin() {
    if (this.#recorder !== null || this.#closed || this.#told === null) return;
    const { number } = this.#told;
    await this.outbox.send();
    const answer = await this.#post(`${this.#path}/runs`, { seat: this.signal.seat });
    if (!answer?.ok) return;
    this.#told = { ...this.#told, seat: this.signal.seat, state: "running" };
    const recorder = new Recorder(this.#path, number, this.signal.seat, answer.data, this.outbox);
    await recorder.start(this.node, this.mine, (seat) => this.#agreed(seat));
    this.#recorder = recorder;
    if (!this.#may) this.#halt();
  }

  /** At once; what was recorded until now is sealed and sent. */
  #halt() {
    const recorder = this.#recorder;
    this.#recorder = null;
    if (recorder === null) return this.#busy;
    const stopping = recorder.stop();
    return this.#queue(async () => (this.count = await stopping));
  }

  /** All that was recorded has been sent: it is closed. */
  async #finish() {
    if (this.#told?.state !== "stopped") return;
    await this.outbox.send();
    if (this.count !== undefined) await this.#post(`${this.#path}/kept`, { chunks: this.count });
    this.#told = { ...this.#told, state: "kept" };
    this.count = undefined;
  }

  #refused(message) {
    setText(this.panel.querySelector(".fault"), t("recording.not-kept", { why: message }));
    this.#halt();
  }

  async #ask() {
    await this.#post(`${this.base}/recordings`, { seat: this.signal.seat, media: MEDIA, language: tongue() });
  }

  async #say(said) {
    await this.#post(`${this.base}/recording/said`, { recording: this.#told.number, seat: this.signal.seat, said, language: tongue() });
  }

  /** What the patient at the bedside said, who has no page. */
  async #aloud() {
    await this.#post(this.base.replace(/room$/, "consents"), { scope: "recording", said: "permit", language: tongue() });
  }

  async #erase(recording) {
    const answer = await this.#post(`${this.base}/recording/erasure`, { recording });
    if (!answer?.ok) return;
    setText(this.panel.querySelector(".fault"), t(answer.data.erased ? "recording.erased" : "recording.erased-later"));
    this.#words = null;
    this.draw();
  }

  async #post(path, body) {
    try {
      const answer = await ask("POST", path, body);
      setText(this.panel.querySelector(".fault"), answer.ok ? "" : answer.message);
      return answer;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // no answer came
      setText(this.panel.querySelector(".fault"), t("recording.not-sent"));
      return undefined;
    }
  }

  draw() {
    if (this.#closed || this.signal.seat === null) return;
    const own = this.#seats.find((one) => one.seat === this.signal.seat);
    const told = this.#told;
    const isGone = told !== null && !this.#seats.some((one) => one.seat === told.seat);
    const me = { staff: this.isStaff, records: this.#words?.may_record ?? false, agreed: told !== null && this.#agreed("me"), mine: isGone && this.isStaff && own?.name === told.by };
    this.#fetchWords();
    this.sign.draw(told, me, this.#words, told?.seat === this.signal.seat && this.#isLost);
  }

  /** What one is asked is the controller's; again when the recording is another, or has ended. */
  async #fetchWords() {
    const key = `${this.#told?.number} ${this.#told?.state}`;
    if (this.#asksWords === key) return;
    this.#asksWords = key;
    try {
      const answer = await ask("GET", `${this.base}/recording`);
      if (answer.ok) this.#words = answer.data;
      else if (answer.status >= 500) this.#asksWords = null;
      this.draw();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      this.#asksWords = null;
    }
  }
}

function tongue() {
  return languageTag().slice(0, 2);
}
