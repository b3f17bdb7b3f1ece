// What a page does about its network, and says of it: a pulse to the others, less picture where the way is narrow,
// vital signs passed on to who hears the controller late, and which picture stands still.
import { el, setText } from "/screen/dom.js";
import { Governing } from "./governing.js";
import { parsed } from "./copies.js";
import { passing } from "./channel-vitals.js";
import { PERIOD_MS, Pulses } from "./pulse.js";
import { Sync } from "./sync.js";
import { t } from "./network-words.js";

/** A picture that brings nothing new for so long is no longer shown as if it were live. */
const STILL_MS = 3000;

export class Network {
  #room = { seats: [], me: null, mode: "mesh" };
  #pulses = new Pulses();
  #newest = new Map();
  #frames = new Map();
  #timer = setInterval(() => this.#beat(), PERIOD_MS);

  /** `node`: the room's; `changed(isOwn)`: what is sent (`isOwn`), or seen, is otherwise. */
  constructor(node, { channels, connections, vitals, changed }) {
    Object.assign(this, { channels, connections, vitals, changed, node });
    this.note = node.querySelector(".network");
    channels.on("vitals", (seat, text) => this.#took(seat, text));
    vitals.passOn = (kind, data, session) => this.#passOn(kind, data, session);
    this.sync = new Sync(node, {
      pcs: () => [...connections.senders.map(({ pc }) => pc), connections.sfu?.down].filter(Boolean),
      rtt: (seat) => this.#pulses.rtt(seat, performance.now()),
      patient: () => this.#room.seats.find(({ part }) => part === "patient")?.seat ?? null,
      vitals,
    });
    this.governing = new Governing({ ways: () => this.#ways(), changed: () => changed(true) });
  }

  close() {
    clearInterval(this.#timer);
    this.governing.close();
    this.sync.close();
    this.vitals.passOn = null;
  }

  /** The room, as the controller tells it: it alone says who is a guest. */
  told(room) {
    this.#room = room;
    const there = new Set(room.seats.map(({ seat }) => seat));
    this.#pulses.only(there);
    for (const kept of [this.#newest, this.#frames]) for (const seat of kept.keys()) if (!there.has(seat)) kept.delete(seat);
  }

  /** By seat, 0: all; what is told to the room. */
  get reduced() {
    return this.governing.reduced;
  }

  /** A seat with what it does not send here by its network, and what is said of that. */
  shown(one) {
    const word = one.reduced?.[this.#room.me] ?? one.reduced?.[0];
    const isBlind = word === "sound" || word === "text";
    const note = word ? t(`network.${word}`) : this.#isStill(one) ? t("network.still") : one.quiet ? t("network.quiet") : "";
    return { ...one, video: one.video && !isBlind && !this.#isStill(one), note };
  }

  draw() {
    const seats = new Map(this.#room.seats.map(({ seat, name }) => [String(seat), name]));
    const whom = Map.groupBy(Object.entries(this.reduced), ([, word]) => word);
    const mine = [...whom].map(([word, of]) => t(`network.mine-${word}`, { name: of.map(([seat]) => seats.get(seat) ?? t("network.all")).join(", ") }));
    const copies = [...this.vitals.seats].map((seat) => seats.get(String(seat))).filter(Boolean);
    const lines = copies.length > 0 ? [...mine, t("network.copies", { names: copies.join(", ") })] : mine;
    if (lines.join("\n") === this.note.dataset.lines) return;
    this.note.dataset.lines = lines.join("\n");
    this.note.replaceChildren(...lines.map((line) => el("span", {}, line)));
  }

  #ways() {
    const now = performance.now();
    return this.connections.senders.map(({ seat, pc }) => ({
      to: seat ?? 0,
      pc,
      rttMs: seat === null ? null : this.#pulses.rtt(seat, now),
      freezes: seat === null ? 0 : this.#pulses.freezes(seat),
    }));
  }

  #beat() {
    const pulse = this.#pulses.make(Math.round(performance.now()), (seat) => this.governing.froze(seat));
    this.channels.send("vitals", JSON.stringify({ k: "pulse", newest: this.vitals.newest, ...pulse }));
    if (this.#looked()) this.changed(false);
    this.draw();
  }

  #took(seat, text) {
    const said = parsed(text);
    const one = this.#room.seats.find((other) => other.seat === seat);
    if (said === null || one === undefined) return;
    if (said.k === "pulse") {
      this.#pulses.took(seat, said, this.#room.me, performance.now());
      this.#newest.set(seat, said.newest ?? -Infinity);
    } else if (one.part !== "guest") this.vitals.take(seat, said);
  }

  /** From each to each to those seats; by the server to all at once, so only where nobody is a guest. */
  #passOn(kind, data, session) {
    const others = this.#room.seats.filter(({ seat }) => this.#newest.has(seat)).map((one) => ({ ...one, newest: this.#newest.get(one.seat) }));
    const [texts, seats] = passing(kind, data, session, others);
    const lines = seats.map((seat) => this.connections.links.get(seat)?.lines).filter(Boolean);
    const isOpen = this.#room.mode === "sfu" && this.#room.seats.every(({ part }) => part !== "guest");
    for (const text of texts) this.channels.send("vitals", text, isOpen ? this.channels.lines() : lines);
  }

  /** Counts each picture's frames; whether one began or ended to stand still. */
  #looked() {
    const now = performance.now();
    let isOther = false;
    for (const tile of this.node.querySelectorAll(".tile[data-seat]:not(.me)")) {
      const seat = Number(tile.dataset.seat);
      const frames = Math.max(0, ...[...tile.querySelectorAll("video")].map((video) => video.getVideoPlaybackQuality().totalVideoFrames));
      const before = this.#frames.get(seat);
      const kept = before?.frames === frames ? before : { frames, since: now, isStill: false };
      const isStill = frames > 0 && now - kept.since > STILL_MS;
      isOther ||= isStill !== (before?.isStill ?? false);
      this.#frames.set(seat, { ...kept, isStill });
    }
    return isOther;
  }

  #isStill({ seat, video }) {
    return video && (this.#frames.get(seat)?.isStill ?? false);
  }
}
