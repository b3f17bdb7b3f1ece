// The other camera of a tablet: from the one that looks at who holds it to the one that looks away, and back. What is
// sent changes without a new offer; marks belong to the camera on whose picture they were drawn (`view`).
const SIDES = { user: "environment", environment: "user" };

export class Turn {
  #cameras = [];
  #seen = [];

  /** `room`: {media, connections, viewed()}. */
  constructor(room) {
    this.room = room;
    navigator.mediaDevices?.addEventListener("devicechange", () => this.look());
  }

  /** Whether there are two, which a browser tells once it may film. */
  get has() {
    return this.#cameras.length > 1;
  }

  async look() {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    this.#cameras = devices.filter((one) => one.kind === "videoinput").map((one) => one.deviceId);
    if (this.#seen.length === 0 && this.room.media.tracks.video) this.#seen.push(idOf(this.room.media.tracks.video));
  }

  /** Many telephones open one camera at a time: the one is let go before the other is asked for, or had again. */
  async turn(tile) {
    const { media, connections } = this.room;
    const old = media.tracks.video;
    const was = old && { id: idOf(old), side: old.getSettings().facingMode, isOn: old.enabled };
    old?.stop();
    const track = (await filmed(this.#other(was))) ?? (await filmed({ deviceId: { exact: was?.id } }));
    if (track === null) return;
    track.enabled = was?.isOn ?? true;
    media.tracks.video = track;
    if (!this.#seen.includes(idOf(track))) this.#seen.push(idOf(track));
    media.view = this.#seen.indexOf(idOf(track));
    const { facingMode } = track.getSettings();
    tile.classList.toggle("outward", facingMode ? facingMode === "environment" : media.view > 0);
    await connections.send();
    this.room.viewed();
  }

  /** By the side that it looks to, where the camera says so; else the next one in the browser's list. */
  #other(was) {
    if (was?.side in SIDES) return { facingMode: { exact: SIDES[was.side] } };
    const at = this.#cameras.indexOf(was?.id);
    return { deviceId: { exact: this.#cameras[(at + 1) % this.#cameras.length] } };
  }
}

const idOf = (track) => track.getSettings().deviceId;

/** null: that camera cannot be had. */
async function filmed(which) {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { ...which, width: { ideal: 1280 }, height: { ideal: 720 } } });
    return stream.getVideoTracks()[0];
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
