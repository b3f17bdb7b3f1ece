// The two connections with the hospital's server in one era: this seat offers what it sends, the server offers what
// it passes on. `n` counts the attempts: a new one replaces both, what is said of an older one is void.
import { Lines } from "./channels.js";

const WAIT_MS = 6000;
const LONGEST_MS = 48_000;
const LOST_MS = 3000;
/** A feed's number is its seat's, and which attempt of it: so the server never takes a new one for the old. */
const OF_SEAT = 10_000;

export class Sfu {
  #chain = Promise.resolve();
  #n = 0;
  #timer = null;
  #streams = [];
  #rests = false;
  up = null;
  down = null;
  lines = null;
  state = "new";

  /** `say(body)` to the room, `tracks()`: what is sent, `ice()`, `shown(seat, track)`, `took(seat, text)` by a channel, `changed()`. */
  constructor(era, { say, tracks, ice, shown, took, changed }) {
    Object.assign(this, { era, tracks, ice, shown, changed, heard: took });
    this.say = (body) => say({ ...body, era, n: this.#n });
    this.#again();
  }

  /** Seats that the server passes on, as it says. */
  get seats() {
    return new Set(this.#streams.map((one) => one.seat));
  }

  /** Anew at once if it is not connected. */
  again() {
    if (this.state !== "up") this.#again();
  }

  /** It goes on as it is, and is not made anew: another way takes its place. */
  rest() {
    this.#rests = true;
    clearTimeout(this.#timer);
  }

  #again() {
    if (this.state === "closed" || this.#rests) return;
    this.#n += 1;
    this.#wait();
    this.#do(() => this.#publish());
  }

  /** The wait doubles with each attempt. */
  #wait() {
    this.state = "new";
    this.#later(Math.min(WAIT_MS * 2 ** (this.#n - 1), LONGEST_MS));
  }

  #later(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.again(), ms);
  }

  /** One thing after the other; what fails is tried again by the timer. */
  #do(work) {
    this.#chain = this.#chain.then(() => (this.state === "closed" ? undefined : work())).catch((error) => {
      console.warn(`connection to the server: ${error}`);
      this.fault = String(error);
    });
    return this.#chain;
  }

  #make() {
    const pc = new RTCPeerConnection({ iceServers: this.ice(), bundlePolicy: "max-bundle" });
    pc.onconnectionstatechange = () => (this.up === pc || this.down === pc) && this.#became();
    return pc;
  }

  async #publish() {
    this.#drop();
    const pc = (this.up = this.#make());
    this.lines = new Lines(pc, () => undefined, { negotiated: false });
    for (const kind of ["audio", "video"]) pc.addTransceiver(this.tracks()[kind] ?? kind, { direction: "sendonly" });
    await pc.setLocalDescription(await pc.createOffer());
    this.say({ k: "publish", sdp: pc.localDescription.sdp });
  }

  took(body) {
    if (body.era !== this.era || body.n !== this.#n) return;
    if (body.k === "published") this.#do(() => this.up.setRemoteDescription({ type: "answer", sdp: body.sdp }));
    if (body.k === "subscribe") this.#do(() => this.#subscribe(body));
  }

  async #subscribe({ v, sdp, streams }) {
    if (this.down === null) this.#receive();
    if (this.down.connectionState === "new") this.#wait();
    this.#streams = streams;
    const { down } = this;
    await down.setRemoteDescription({ type: "offer", sdp });
    await down.setLocalDescription(await down.createAnswer());
    this.say({ k: "subscribed", v, sdp: down.localDescription.sdp });
    // A line may be used again for another seat: then no track is new.
    for (const { mid, receiver } of down.getTransceivers()) this.#show(mid, receiver.track);
    this.changed();
  }

  #receive() {
    const pc = (this.down = this.#make());
    pc.createDataChannel("open"); // to whoever has opened none the server sends no data
    pc.ondatachannel = ({ channel }) => {
      const seat = Math.floor(Number(channel.label) / OF_SEAT);
      channel.onmessage = ({ data }) => this.heard(seat, data);
    };
  }

  #show(mid, track) {
    const stream = this.#streams.find((one) => one.mid === mid);
    if (stream && track.readyState === "live") this.shown(stream.seat, track);
  }

  #became() {
    const pcs = [this.up, this.down].filter(Boolean);
    const states = pcs.map((pc) => pc.connectionState);
    for (const pc of pcs) pc.wasUp ||= pc.connectionState === "connected";
    // "new" after it was up: the server has hung up.
    const isLost = pcs.some((pc) => pc.wasUp && !["connected", "connecting"].includes(pc.connectionState));
    if (states.includes("failed")) {
      this.state = "lost";
      this.#again();
    } else if (isLost) {
      this.state = "lost";
      this.#later(LOST_MS);
    } else if (states.every((one) => one === "connected")) {
      this.state = "up";
      clearTimeout(this.#timer);
    }
    this.changed();
  }

  /** What is sent has changed: no new offer is needed. */
  async send() {
    for (const { sender, receiver } of this.up?.getTransceivers() ?? []) await sender.replaceTrack(this.tracks()[receiver.track.kind] ?? null);
  }

  #drop() {
    for (const pc of [this.up, this.down]) pc?.close();
    this.up = this.down = this.lines = null;
    this.#streams = [];
    this.state = "new";
  }

  close() {
    this.#drop();
    this.state = "closed";
    clearTimeout(this.#timer);
  }
}
