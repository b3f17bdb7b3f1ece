// The others in the room, each with picture, name and how the connection is; and oneself.
import { el, setState, setText, show } from "/screen/dom.js";
import { t } from "./words.js";

export class Tiles {
  #tiles = new Map();

  constructor(node) {
    this.node = node;
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
    setText(tile.querySelector(".state"), state === "up" ? "" : t(`room.link-${state}`));
    show(tile.querySelector(".blind"), !one.video);
    show(tile.querySelector(".mute"), !one.audio);
  }

  track(seat, track) {
    this.#put(this.#tile(seat).querySelector("video"), track);
  }

  /** Only these are there. */
  only(seats) {
    for (const [key, tile] of this.#tiles) {
      if (key === "me" || seats.has(key)) continue;
      tile.remove();
      this.#tiles.delete(key);
    }
    this.node.dataset.count = this.#tiles.size;
  }

  /** The room is left. */
  close() {
    for (const tile of this.#tiles.values()) tile.remove();
    this.#tiles.clear();
  }

  #tile(key) {
    if (this.#tiles.has(key)) return this.#tiles.get(key);
    const video = el("video", { autoplay: true, playsinline: true });
    video.srcObject = new MediaStream();
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
