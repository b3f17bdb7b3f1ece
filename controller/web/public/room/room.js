// A room: a seat, a connection to each other seat, pictures, and what is written. It comes back by itself.
import { Channels } from "./channels.js";
import { Connections } from "./connections.js";
import { Marks } from "./marks/marks.js";
import { Media } from "./media.js";
import { Recording } from "./recording/recording.js";
import { ROOM, Signal } from "./signal.js";
import { Network } from "./network.js";
import { Privacy } from "./privacy.js";
import { setText, show } from "/screen/dom.js";
import { t } from "./words.js";
import { Talk } from "./talk.js";
import { Tiles } from "./tiles.js";
import { Vitals } from "./vitals.js";

const LOST_MS = 10_000;
const LOOK_MS = 1000;

export class Room {
  #room = { seats: [], mode: "mesh" };
  #looking = null;
  #listening = new AbortController();

  /** `base`: the room's address; `node`: holds the parts by class; `over(answer)`: one is out, and why. */
  constructor(base, node, over) {
    Object.assign(this, { base, node });
    this.media = new Media();
    this.tiles = new Tiles(node.querySelector(".tiles"), (seat, way) => this.connections.seen(seat, way));
    this.talk = new Talk(node.querySelector(".lines"), node.querySelector(".write"), (text) => this.signal.say(ROOM, { k: "chat", text, key: crypto.randomUUID() }), this.#listening.signal);
    this.vitals = new Vitals(node);
    this.privacy = new Privacy(node.querySelector(".privacy"));
    this.channels = new Channels(() => this.connections.lines);
    this.marks = new Marks(this);
    this.signal = new Signal(base, {
      told: (message) => this.#told(message),
      joined: (data) => this.#joined(data),
      refused: (answer) => this.#end(answer, over),
      unsaid: (body) => this.talk.unsaid(body),
    });
    this.connections = new Connections({
      signal: this.signal,
      tracks: () => this.media.tracks,
      shown: (seat, track, way) => this.tiles.track(seat, track, way),
      took: (seat, text) => this.channels.took(seat, text),
      changed: () => this.draw(),
    });
    this.network = new Network(node, { channels: this.channels, connections: this.connections, vitals: this.vitals, changed: (isTold) => this.#reduced(isTold) });
    this.recording = new Recording(base, node, this.signal, () => this.media.tracks);
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
    this.recording.close();
    this.marks.close();
    this.network.close();
    this.connections.close();
    this.tiles.close();
    this.vitals.close();
    this.media.close();
  }

  /** With each seat that is had again, too. */
  #joined({ talk, seat, patient }) {
    this.talk.add(talk);
    if (patient !== null) this.vitals.open(`${this.base}/vitals?seat=${seat}`);
    this.connections.again();
    this.marks.joined();
    this.#say();
    this.draw();
  }

  #say() {
    this.signal.say(ROOM, { k: "media", audio: this.media.has("audio"), video: this.media.has("video"), view: this.media.view, reduced: this.network.reduced });
  }

  /** By another camera now. */
  viewed() {
    this.#say();
    this.draw();
  }

  #reduced(isOwn) {
    if (isOwn) this.#say();
    this.draw();
  }

  #told(message) {
    this.marks.told(message);
    this.recording.told(message); // first: who came is connected to after this
    if (message.kind === "chat") this.talk.add([message.line]);
    else if (message.kind === "signal") this.connections.heard(message.from, message.body);
    else if (message.kind === "room") this.#changed(message);
    else this.node.dispatchEvent(new CustomEvent("wardlink-told", { detail: message })); // of another part of the page
  }

  #changed(room) {
    this.#room = room;
    this.connections.told(room);
    this.network.told(room);
    this.tiles.only(new Set(room.seats.map((one) => one.seat)));
    this.draw();
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
    if (this.connections.isUp) document.dispatchEvent(new Event("wardlink-in-use"));
  }

  draw() {
    const { seats, me } = this.#room;
    const mine = seats.find((one) => one.seat === me);
    if (mine) this.tiles.self(mine.name, this.media.tracks);
    for (const one of seats) if (one.seat !== me) this.tiles.seat(this.network.shown(one), this.connections.state(one.seat));
    setText(this.node.querySelector(".alone"), seats.length === 1 ? t("room.alone") : "");
    setText(this.node.querySelector(".media-problem"), this.media.problem ? t(this.media.problem) : "");
    for (const kind of ["audio", "video"]) {
      const button = this.node.querySelector(`.${kind}`);
      button.disabled = !this.media.tracks[kind];
      button.ariaPressed = String(this.media.has(kind));
      setText(button, t(this.media.has(kind) ? `room.${kind}-off` : `room.${kind}-on`));
    }
    this.network.draw();
    this.privacy.draw(this.#room, this.connections.links);
    this.recording.draw();
    this.marks.draw();
    this.talk.draw();
  }
}
