// The other camera of a tablet: from the one that looks at who holds it to the one that looks away, and back.

const SIDES = { user: "environment", environment: "user" };

export class Turn {
  #side = "user";

  /** Whether there are two, which a browser tells once it may film. */
  has = false;

  /** `room`: {media, connections, draw()}. */
  constructor(room) {
    this.room = room;
    navigator.mediaDevices?.addEventListener("devicechange", () => this.look());
  }

  async look() {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    this.has = devices.filter((one) => one.kind === "videoinput").length > 1;
  }

  /** Many telephones open one camera at a time: the one is let go before the other is asked for, or had again. */
  async turn(tile) {
    const { media, connections } = this.room;
    media.tracks.video?.stop();
    for (const side of [SIDES[this.#side], this.#side]) {
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: { ideal: side }, width: { ideal: 1280 }, height: { ideal: 720 } } });
        [media.tracks.video] = stream.getVideoTracks();
        this.#side = side;
        break;
      } catch (error) {
        if (!(error instanceof DOMException)) throw error;
      }
    }
    tile.classList.toggle("outward", this.#side === "environment");
    await connections.send();
    this.room.draw();
  }
}
