// The others in the room, each with picture, name and how the connection is; and oneself.
import { el, setState, setText, show } from "/screen/dom.js";
import { t } from "./words.js";

/** So long the sound waits for its picture when both come another way. */
const SOUND_MS = 4000;

export class Tiles {
  #tiles = new Map();
  #screens = new Map();

  /** `seen(seat, way)`: a picture that came that way is on the screen. */
  constructor(node, seen) {
    Object.assign(this, { node, seen });
  }

  /** `mine`: the tracks one sends oneself. */
  self(name, mine) {
    const tile = this.#tile("me");
    tile.classList.add("me");
    setText(tile.querySelector(".name"), t("room.me", { name }));
    this.#put(tile.querySelector("video"), mine.video ?? null);
    tile.querySelector("video").muted = true;
    setState(tile, "up");
    show(tile.querySelector(".blind"), !mine.video?.enabled);
  }

  /** A seat as the room tells it, and how the connection to it is. */
  seat(one, state) {
    const tile = this.#tile(one.seat);
    setText(tile.querySelector(".name"), `${one.name} · ${t(`room.part-${one.part}`)}`);
    setState(tile, state);
    setText(tile.querySelector(".state"), state === "up" ? (one.note ?? "") : t(`room.link-${state}`));
    show(tile.querySelector(".blind"), !one.video);
    show(tile.querySelector(".mute"), !one.audio);
    const screen = this.#screens.get(one.seat);
    if (screen?.next && !one.video) this.#turn(one.seat, screen.next);
  }

  /** What comes another way is shown when its first picture is there, and not before; where none is sent, at once. */
  track(seat, track, way) {
    const tile = this.#tile(seat);
    const screen = this.#screens.get(seat) ?? { now: tile.querySelector("video"), next: null };
    this.#screens.set(seat, screen);
    const on = [screen.next, screen.now].find((video) => video?.way === way);
    if (on) return this.#put(on, track);
    screen.next?.remove();
    const isFirst = screen.now.way === undefined;
    const isNext = () => screen.next === next && this.#screens.get(seat) === screen;
    const next = (screen.next = Object.assign(makeVideo(), { way, muted: !isFirst, hidden: true }));
    screen.now.before(next);
    this.#put(next, track);
    next.requestVideoFrameCallback(() => isNext() && this.#turn(seat, next));
    if (!isFirst) setTimeout(() => isNext() && Object.assign(screen.now, { muted: !(next.muted = false) }), SOUND_MS);
    return undefined;
  }

  #turn(seat, video) {
    const screen = this.#screens.get(seat);
    screen.now.srcObject = null;
    screen.now.remove();
    Object.assign(video, { hidden: false, muted: false });
    Object.assign(screen, { now: video, next: null });
    this.seen(seat, video.way);
  }

  /** Only these are there. */
  only(seats) {
    for (const [key, tile] of this.#tiles) {
      if (key === "me" || seats.has(key)) continue;
      tile.remove();
      this.#tiles.delete(key);
      this.#screens.delete(key);
    }
    this.node.dataset.count = this.#tiles.size;
  }

  /** The room is left. */
  close() {
    for (const tile of this.#tiles.values()) tile.remove();
    this.#tiles.clear();
    this.#screens.clear();
  }

  #tile(key) {
    if (this.#tiles.has(key)) return this.#tiles.get(key);
    const video = makeVideo();
    const words = el("figcaption", {}, el("span", { class: "name" }), " ", el("span", { class: "mute", hidden: true }, t("room.mute")), " ", el("span", { class: "state" }));
    const tile = el("figure", { class: "tile", "data-seat": key }, video, el("p", { class: "blind", hidden: true }, t("room.blind")), words);
    this.#tiles.set(key, tile);
    this.node.append(tile);
    return tile;
  }

  #put(video, track) {
    if (track === null || video.srcObject.getTracks().includes(track)) return;
    for (const old of video.srcObject.getTracks()) if (old.kind === track.kind) video.srcObject.removeTrack(old);
    video.srcObject.addTrack(track);
  }
}

function makeVideo() {
  const video = el("video", { autoplay: true, playsinline: true });
  video.srcObject = new MediaStream();
  return video;
}
