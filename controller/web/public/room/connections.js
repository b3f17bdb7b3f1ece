// How pictures, sound and short messages go to the others: from each to each (links), or by the hospital's server
// (sfu); which, the room says. What is there is let go when what takes its place shows everybody, not before.
import { Link } from "./link.js";
import { ROOM } from "./signal.js";
import { Sfu } from "./sfu.js";

/** So long the old way goes on after the new one shows everybody here: perhaps not everybody sees it there. */
const BESIDE_MS = 3000;

export class Connections {
  #room = { seats: [], mode: "mesh" };
  #seen = new Map();
  #leaving = null;
  links = new Map();
  sfu = null;

  /** `signal`; `tracks()`: what is sent; `shown(seat, track, way)`; `took(seat, text)` by a channel; `changed()`. */
  constructor({ signal, tracks, shown, took, changed }) {
    Object.assign(this, { signal, tracks, shown, took, changed });
  }

  /** Lines for short messages, of all connections there are. */
  get lines() {
    return [...this.links.values(), this.sfu].map((one) => one?.lines).filter(Boolean);
  }

  /** What sends: `seat` is null where all of them are sent to at once. */
  get senders() {
    const all = [...this.links].map(([seat, { pc }]) => ({ seat, pc }));
    return [...all, { seat: null, pc: this.sfu?.up ?? null }].filter(({ pc }) => pc !== null);
  }

  /** How the connection to a seat is. */
  state(seat) {
    const link = this.links.get(seat);
    if (link?.state === "up" || this.sfu === null) return link?.state ?? "new";
    return this.sfu.state === "up" && !this.sfu.seats.has(seat) ? "new" : this.sfu.state;
  }

  /** Whether anybody is connected. */
  get isUp() {
    return [...this.links.values(), this.sfu].some((one) => one?.state === "up");
  }

  /** The room, as it is told. */
  told(room) {
    const was = this.#room;
    this.#room = room;
    const others = room.seats.map((one) => one.seat).filter((seat) => seat !== room.me);
    const isBack = was.mode === "sfu" && room.mode === "mesh";
    // One end may have let go of a link that the other has still: after the server all of them are made anew.
    for (const [seat, link] of this.links) if (isBack || !others.includes(seat) || link.me !== room.me) this.#drop(seat);
    if (room.mode === "mesh") {
      this.sfu?.rest();
      for (const seat of others) this.#link(seat);
    } else this.#byServer(`${room.epoch} ${room.era}`);
    this.#settle();
  }

  #byServer(name) {
    if (this.sfu?.name === name) return;
    this.sfu?.close();
    const sfu = (this.sfu = new Sfu(this.#room.era, {
      say: (body) => this.signal.say(ROOM, body),
      shown: (seat, track) => this.#show("sfu", seat, track, sfu),
      took: this.took,
      ...this.#common(),
    }));
    sfu.name = name;
    for (const link of this.links.values()) link.rest();
  }

  #link(seat) {
    if (this.links.has(seat)) return;
    const link = new Link(this.#room.me, seat, {
      say: (body) => this.signal.say(seat, body),
      shown: (track) => this.#show("mesh", seat, track, link),
      took: (text) => this.took(seat, text),
      ...this.#common(),
    });
    this.links.set(seat, link);
  }

  /** What comes late by a way that is not the room's any more is not shown in place of what is. */
  #show(mode, seat, track, way) {
    if (this.#room.mode === mode) this.shown(seat, track, way);
  }

  #common() {
    const changed = () => {
      this.#settle();
      this.changed();
    };
    return { tracks: this.tracks, ice: () => this.signal.ice, changed };
  }

  #drop(seat) {
    this.links.get(seat).close();
    this.links.delete(seat);
  }

  /** What `from` says of a connection. */
  heard(from, body) {
    if (from === ROOM) return this.sfu?.took(body);
    if (this.#room.mode === "mesh" && this.#room.seats.some((one) => one.seat === from)) this.#link(from);
    return this.links.get(from)?.took(body);
  }

  /** A picture of `seat` that came by `way` is on the screen. */
  seen(seat, way) {
    this.#seen.set(seat, way);
    this.#settle();
  }

  /** With each seat that is had again: what is not connected is not waited for. */
  again() {
    for (const one of [...this.links.values(), this.sfu]) one?.again();
  }

  send() {
    for (const one of [...this.links.values(), this.sfu]) one?.send();
  }

  close() {
    clearTimeout(this.#leaving);
    for (const one of [...this.links.values(), this.sfu]) one?.close();
    this.links.clear();
    this.sfu = null;
  }

  /** Let go of the way that is not the room's any more, once the other shows everybody. */
  #settle() {
    const isBoth = this.sfu !== null && (this.#room.mode === "mesh" || this.links.size > 0);
    if (!isBoth || !this.#isShown()) {
      clearTimeout(this.#leaving);
      this.#leaving = null;
      return;
    }
    this.#leaving ??= setTimeout(() => this.#leave(), BESIDE_MS);
  }

  #isShown() {
    const bySfu = this.#room.mode === "sfu";
    return this.#room.seats.every(({ seat, video }) => {
      if (seat === this.#room.me) return true;
      const way = bySfu ? this.sfu : this.links.get(seat);
      return way?.state === "up" && (!video || this.#seen.get(seat) === way);
    });
  }

  #leave() {
    this.#leaving = null;
    if (this.#room.mode === "sfu") for (const seat of this.links.keys()) this.#drop(seat);
    else {
      this.sfu?.close();
      this.sfu = null;
    }
    this.changed();
  }
}
