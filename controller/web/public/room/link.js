// The connection to one other seat. The higher seat, the newcomer, makes every offer; the other may only ask for one,
// so that two never cross. Each offer has a number: answers and candidates of an older one are void.
import { fingerprint, shortCode } from "./code.js";
import { Lines } from "./channels.js";

const WAIT_MS = 6000;
const LONGEST_MS = 48_000;
const LOST_MS = 1500;
const ASK_MS = 9000;

export class Link {
  #chain = Promise.resolve();
  #n = 0;
  #vain = 0;
  #answered = false;
  #rests = false;
  #waiting = [];
  #timer = null;
  pc = null;
  lines = null;
  state = "new";
  code = "";

  /** `say(body)`, `tracks()`: what is sent now, `ice()`, `shown(track)`, `took(text)` by a channel, `changed()`. */
  constructor(me, other, { say, tracks, ice, shown, took, changed }) {
    Object.assign(this, { me, other, say, tracks, ice, shown, changed, heard: took });
    this.offers = me > other;
    if (this.offers) this.#do(() => this.#offer(true));
    else this.#later(ASK_MS, () => this.say({ k: "ask" }));
  }

  /** One thing after the other; what fails is tried again by the timer. */
  #do(work) {
    this.#chain = this.#chain.then(() => (this.state === "closed" ? undefined : work())).catch((error) => {
      console.warn(`connection to seat ${this.other}: ${error}`);
      this.fault = String(error);
    });
    return this.#chain;
  }

  #later(ms, work) {
    clearTimeout(this.#timer);
    if (this.#rests) return;
    this.#timer = setTimeout(() => {
      if (this.state === "up" || this.state === "closed") return;
      this.#later(Math.min(2 * ms, LONGEST_MS), work);
      work();
    }, ms);
  }

  #make() {
    this.pc?.close();
    const pc = (this.pc = new RTCPeerConnection({ iceServers: this.ice(), bundlePolicy: "max-bundle" }));
    this.lines = new Lines(pc, this.heard, { negotiated: true });
    this.#waiting = [];
    pc.onicecandidate = ({ candidate }) => candidate && this.say({ k: "candidate", n: this.#n, candidate: candidate.toJSON() });
    pc.ontrack = ({ track }) => this.shown(track);
    pc.onconnectionstatechange = () => this.pc === pc && this.#became(pc.connectionState);
  }

  async #offer(fresh) {
    this.#n += 1;
    this.#answered = false;
    const isNew = fresh || this.pc === null;
    if (isNew) {
      this.#make();
      for (const kind of ["audio", "video"]) this.pc.addTransceiver(this.tracks()[kind] ?? kind, { direction: "sendrecv" });
    }
    // The wait doubles with each attempt in vain: with a fixed one a busy machine never gets further than beginning.
    this.#later(Math.min(WAIT_MS * 2 ** this.#vain++, LONGEST_MS), () => this.#do(() => this.#offer(true)));
    await this.pc.setLocalDescription(await this.pc.createOffer({ iceRestart: !isNew }));
    this.say({ k: "offer", n: this.#n, fresh: isNew, sdp: this.pc.localDescription.sdp });
  }

  /** It goes on as it is, and is not made anew: another way takes its place. */
  rest() {
    this.#rests = true;
    clearTimeout(this.#timer);
  }

  /** At once, unless it is connected. */
  again() {
    if (this.state === "up" || this.#rests) return;
    this.#vain = 0;
    if (this.offers) this.#do(() => this.#offer(true));
    else this.say({ k: "ask" });
  }

  took(body) {
    if (body.k === "ask" && this.offers) this.#do(() => (this.state === "up" ? undefined : this.#offer(true)));
    if (body.k === "offer" && !this.offers) this.#do(() => this.#answer(body));
    if (body.k === "answer" && this.offers) this.#do(() => this.#accept(body));
    if (body.k === "candidate") this.#do(() => this.#candidate(body));
  }

  async #answer({ n, fresh, sdp }) {
    if (n <= this.#n && this.pc !== null && !fresh) return;
    this.#n = n;
    if (fresh || this.pc === null) this.#make();
    await this.pc.setRemoteDescription({ type: "offer", sdp });
    for (const transceiver of this.pc.getTransceivers()) {
      await transceiver.sender.replaceTrack(this.tracks()[transceiver.receiver.track.kind] ?? null);
      transceiver.direction = "sendrecv";
    }
    await this.pc.setLocalDescription(await this.pc.createAnswer());
    this.say({ k: "answer", n, sdp: this.pc.localDescription.sdp });
    await this.#drain();
    this.#later(ASK_MS, () => this.say({ k: "ask" }));
  }

  async #accept({ n, sdp }) {
    if (n !== this.#n || this.#answered) return;
    this.#answered = true;
    await this.pc.setRemoteDescription({ type: "answer", sdp });
    await this.#drain();
  }

  async #candidate({ n, candidate }) {
    if (n !== this.#n || this.pc === null) return;
    this.#waiting.push(candidate);
    if (this.pc.remoteDescription && (!this.offers || this.#answered)) await this.#drain();
  }

  async #drain() {
    for (const candidate of this.#waiting.splice(0)) await this.pc.addIceCandidate(candidate);
  }

  #became(state) {
    if (state === "connected") {
      this.state = "up";
      this.#vain = 0;
      clearTimeout(this.#timer);
      this.#compare();
    } else if (state !== "connecting") this.#lost(state);
    this.changed();
  }

  /** "new" after it was up: the other has hung up, and perhaps knows nothing of it any more. */
  #lost(state) {
    if (this.state === "up") this.state = "lost";
    const hasHungUp = state === "new" || state === "closed";
    if (!this.offers) return this.#later(hasHungUp ? LOST_MS : ASK_MS, () => this.say({ k: "ask" }));
    if (this.#rests) return undefined;
    // Its own network may be back in a moment, so not at once.
    clearTimeout(this.#timer);
    const again = () => (this.pc.connectionState === "connected" ? undefined : this.#offer(hasHungUp));
    this.#timer = setTimeout(() => this.#do(again), state === "failed" ? 0 : LOST_MS);
    return undefined;
  }

  /** What both people can read to each other: the same if nobody stands between them. */
  async #compare() {
    this.code = await shortCode(fingerprint(this.pc.localDescription.sdp), fingerprint(this.pc.remoteDescription.sdp));
    this.changed();
  }

  /** What is sent has changed: no new offer is needed. */
  async send() {
    const tracks = this.tracks();
    for (const transceiver of this.pc?.getTransceivers() ?? []) {
      await transceiver.sender.replaceTrack(tracks[transceiver.receiver.track.kind] ?? null);
    }
  }

  close() {
    this.state = "closed";
    clearTimeout(this.#timer);
    this.pc?.close();
  }
}
