// What is recorded of a room as one picture and one sound: the tiles of who agreed, their voices, and below them the
// time and the patient's numbers with their ages, as they stand on this page.
import { languageTag } from "/screen/i18n.js";

const WIDTH = 960;
const HEIGHT = 540;
const STRIP = 40;
const PER_S = 12;
const FONT = "18px sans-serif";

export class Composite {
  #canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  #paint = this.#canvas.getContext("2d", { alpha: false });
  #sound = new AudioContext();
  #out = this.#sound.createMediaStreamDestination();
  #heard = new Map();
  #drawing = null;

  /** `room`: its node; `mine()`: the tracks that one sends; `agreed(seat)`: a tile's, "me" is one's own. */
  constructor(room, mine, agreed) {
    Object.assign(this, { room, mine, agreed });
  }

  /** What is recorded. A context that may not sound yet would record silence: it is waited for. */
  async open() {
    await this.#sound.resume();
    this.#draw();
    this.#drawing = setInterval(() => this.#draw(), 1000 / PER_S);
    return new MediaStream([...this.#canvas.captureStream(PER_S).getVideoTracks(), ...this.#out.stream.getAudioTracks()]);
  }

  close() {
    clearInterval(this.#drawing);
    for (const track of this.#out.stream.getTracks()) track.stop();
    return this.#sound.close();
  }

  #draw() {
    const tiles = [...this.room.querySelectorAll(".tile")].filter((tile) => this.agreed(tile.dataset.seat));
    this.#mix(tiles);
    this.#paint.fillStyle = "#000";
    this.#paint.fillRect(0, 0, WIDTH, HEIGHT);
    const across = Math.ceil(Math.sqrt(tiles.length)) || 1;
    const width = WIDTH / across;
    const height = (HEIGHT - STRIP) / (Math.ceil(tiles.length / across) || 1);
    tiles.forEach((tile, n) => this.#tile(tile, (n % across) * width, Math.floor(n / across) * height, width, height));
    this.#paint.fillStyle = "#fff";
    this.#paint.font = FONT;
    this.#paint.fillText(strip(this.room), 8, HEIGHT - 13, WIDTH - 16);
  }

  #tile(tile, x, y, width, height) {
    const video = tile.querySelector("video:not([hidden])");
    if (video?.videoWidth > 0 && tile.querySelector(".blind").hidden) {
      const scale = Math.min(width / video.videoWidth, height / video.videoHeight);
      const [w, h] = [video.videoWidth * scale, video.videoHeight * scale];
      this.#paint.drawImage(video, x + (width - w) / 2, y + (height - h) / 2, w, h);
    }
    this.#paint.font = FONT;
    this.#paint.strokeText(tile.querySelector(".name").textContent, x + 8, y + height - 10, width - 16);
    this.#paint.fillStyle = "#fff";
    this.#paint.fillText(tile.querySelector(".name").textContent, x + 8, y + height - 10, width - 16);
  }

  /** Who has not agreed is not heard either. */
  #mix(tiles) {
    const tracks = new Set(tiles.flatMap((tile) => (tile.dataset.seat === "me" ? [this.mine().audio] : voices(tile))).filter(Boolean));
    for (const [track, source] of this.#heard) {
      if (tracks.has(track)) continue;
      source.disconnect();
      this.#heard.delete(track);
    }
    for (const track of tracks) {
      if (this.#heard.has(track)) continue;
      const source = this.#sound.createMediaStreamSource(new MediaStream([track]));
      source.connect(this.#out);
      this.#heard.set(track, source);
    }
  }
}

function voices(tile) {
  return [...tile.querySelectorAll("video")].flatMap((video) => video.srcObject?.getAudioTracks() ?? []);
}

/** The time, and the numbers that are shown: what is too old is none, as on the page. */
function strip(room) {
  const cells = [...room.querySelectorAll(".vitals:not([hidden]) .cell:not([hidden])")];
  const text = (cell, part) => cell.querySelector(part)?.textContent ?? "";
  const numbers = cells.map((cell) => [text(cell, ".label"), text(cell, ".number"), text(cell, ".unit"), text(cell, ".why"), text(cell, ".age") && `(${text(cell, ".age")})`].filter(Boolean).join(" "));
  return [new Date().toLocaleString(languageTag()), ...numbers].join("  ·  ");
}
