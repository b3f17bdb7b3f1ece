// A room: a seat, a connection to each other seat, pictures, and what is written. It comes back by itself.
import { Link } from "./link.js";
import { Media } from "./media.js";
import { ROOM, Signal } from "./signal.js";
import { setText, show } from "/screen/dom.js";
import { t } from "./words.js";
import { Talk } from "./talk.js";
import { Tiles } from "./tiles.js";
import { Vitals } from "./vitals.js";

const LOST_MS = 10_000;
const LOOK_MS = 1000;

export class Room {
  #links = new Map();
  #room = { seats: [] };
  #looking = null;
  #listening = new AbortController();

  /** `base`: the room's address; `node`: holds the parts by class; `over(answer)`: one is out, and why. */
  constructor(base, node, over) {
    Object.assign(this, { base, node });
    this.media = new Media();
    this.tiles = new Tiles(node.querySelector(".tiles"));
    this.talk = new Talk(node.querySelector(".lines"), node.querySelector(".write"), (text) => this.signal.say(ROOM, { k: "chat", text, key: crypto.randomUUID() }), this.#listening.signal);
    this.vitals = new Vitals(node);
    this.signal = new Signal(base, {
      told: (message) => this.#told(message),
      joined: (data) => this.#joined(data),
      refused: (answer) => this.#end(answer, over),
    });
    for (const kind of ["audio", "video"]) node.querySelector(`.${kind}`).addEventListener("click", () => this.#toggle(kind), { signal: this.#listening.signal });
    addEventListener("pagehide", () => this.signal.leave(), { signal: this.#listening.signal });
  }

  async enter() {
    await this.media.open();
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
    await this.signal.join();
  }

  /** By one's own will. */
  leave() {
    this.signal.leave();
    this.#close();
  }

  #end(answer, over) {
    this.#close();
    over(answer);
  }

  #close() {
    this.#listening.abort();
    clearInterval(this.#looking);
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.tiles.close();
    this.vitals.close();
    this.media.close();
  }

  /** With each seat that is had again, too: what is not connected is not waited for. */
  #joined({ talk, seat, patient }) {
    this.talk.add(talk);
    if (patient !== null) this.vitals.open(`${this.base}/vitals?seat=${seat}`);
    for (const link of this.#links.values()) link.again();
    this.#say();
    this.draw();
  }

  #say() {
    this.signal.say(ROOM, { k: "media", audio: this.media.has("audio"), video: this.media.has("video") });
  }

  #told(message) {
    if (message.kind === "chat") this.talk.add([message.line]);
    else if (message.kind === "signal") this.#link(message.from)?.took(message.body);
    else this.#changed(message);
  }

  #changed(room) {
    this.#room = room;
    const there = new Set(room.seats.map((one) => one.seat));
    for (const [seat, link] of this.#links) {
      if (there.has(seat) && link.me === room.me) continue;
      link.close();
      this.#links.delete(seat);
    }
    for (const seat of there) if (seat !== room.me) this.#link(seat);
    this.tiles.only(there);
    this.draw();
  }

  #link(seat) {
    if (!this.#links.has(seat) && this.#room.seats.some((one) => one.seat === seat)) {
      const say = (body) => this.signal.say(seat, body);
      const shown = (track) => this.tiles.track(seat, track);
      const tracks = () => this.media.tracks;
      this.#links.set(seat, new Link(this.signal.seat, seat, { say, tracks, shown, ice: this.signal.ice, changed: () => this.draw() }));
    }
    return this.#links.get(seat);
  }

  #toggle(kind) {
    this.media.toggle(kind);
    this.#say();
    this.draw();
  }

  /** Loudly when nothing is heard of the controller: the pictures may go on, who is there is not known any more. */
  #look() {
    const silence = this.signal.silence;
    const lost = this.node.querySelector(".lost-room");
    show(lost, silence > LOST_MS);
    setText(lost, t("room.lost", { s: Math.round(silence / 1000) }));
    // Who speaks with somebody touches nothing for a long time: the screen is in use, and does not lock.
    if ([...this.#links.values()].some((link) => link.state === "up")) document.dispatchEvent(new Event("wardlink-in-use"));
  }

  draw() {
    const { seats, me } = this.#room;
    const mine = seats.find((one) => one.seat === me);
    if (mine) this.tiles.self(mine.name, this.media.tracks);
    for (const one of seats) if (one.seat !== me) this.tiles.seat(one, this.#links.get(one.seat)?.state ?? "new");
    setText(this.node.querySelector(".alone"), seats.length === 1 ? t("room.alone") : "");
    setText(this.node.querySelector(".media-problem"), this.media.problem ? t(this.media.problem) : "");
    for (const kind of ["audio", "video"]) {
      const button = this.node.querySelector(`.${kind}`);
      button.disabled = !this.media.tracks[kind];
      button.ariaPressed = String(this.media.has(kind));
      setText(button, t(this.media.has(kind) ? `room.${kind}-off` : `room.${kind}-on`));
    }
    this.talk.draw();
  }

  /** How each connection is, by seat: for tests and for who looks for a fault. */
  get links() {
    return this.#links;
  }
}
