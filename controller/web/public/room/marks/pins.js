// Follows the labels that are pinned to the live picture of one seat, with each picture that is shown.
import { grey } from "./flow.js";
import { Pin, SIDE, isPlain, patchOf } from "./pin.js";

/** Pictures are made so wide for it; a label costs about 3 to 10 ms a picture. */
const WIDTH = 320;
const MOST = 4;
/** Not more than so often, and after each picture a rest of as long as it took: the page has other work. */
const LEAST_MS = 60;

/** Base64 of a patch, and back. */
export const textOf = ({ data }) => btoa(String.fromCharCode(...data));

export function patchFrom(text) {
  const data = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  return data.length === SIDE * SIDE ? { width: SIDE, height: SIDE, data } : null;
}

export class Pins {
  #pins = new Map(); #waits = null; #next = 0; #canvas = null;

  /** `marks()`: the pinned labels there are; `moved()`: draw again. */
  constructor(sheet, marks, moved) {
    Object.assign(this, { sheet, marks, moved });
  }

  /** Begins, if there is something to follow. */
  look() {
    const video = this.sheet.video;
    if (this.#waits !== null || !video || this.marks().length === 0) return;
    const handle = video.requestVideoFrameCallback(() => {
      this.#waits = null;
      this.#step(video);
      this.look();
    });
    this.#waits = { video, handle };
  }

  /** The patch about a point of what is shown now; null: there is nothing to hold on to. */
  patchAt([x, y]) {
    const picture = this.#picture(this.sheet.video);
    if (picture === null) return null;
    const patch = patchOf(picture, x * picture.width, y * picture.height);
    return isPlain(patch) ? null : patch;
  }

  /** `mark` as it is followed now. */
  place(mark) {
    const known = this.#pins.get(mark.id);
    return known ? { ...mark, here: known.at, lost: known.pin.lost } : mark;
  }

  #step(video) {
    const now = performance.now();
    if (now < this.#next) return;
    const picture = this.#picture(video);
    if (picture === null) return;
    const there = this.marks().slice(0, MOST);
    for (const id of this.#pins.keys()) if (!there.some((one) => one.id === id)) this.#pins.delete(id);
    for (const mark of there) this.#follow(mark, picture);
    const end = performance.now();
    this.#next = end + Math.max(LEAST_MS, end - now);
    this.moved();
  }

  #follow(mark, { width, height, ...rest }) {
    if (!this.#pins.has(mark.id)) {
      const [[x, y]] = mark.points;
      const patch = patchFrom(mark.patch);
      if (patch === null) return;
      this.#pins.set(mark.id, { pin: new Pin(patch, x * width, y * height), at: mark.points[0] });
    }
    const known = this.#pins.get(mark.id);
    const { x, y } = known.pin.step({ width, height, ...rest });
    known.at = [x / width, y / height];
  }

  #picture(video) {
    if (!video?.videoWidth) return null;
    const height = Math.round((WIDTH * video.videoHeight) / video.videoWidth);
    if (this.#canvas?.height !== height) this.#canvas = new OffscreenCanvas(WIDTH, height);
    const pen = this.#canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(video, 0, 0, WIDTH, height);
    return grey(pen.getImageData(0, 0, WIDTH, height).data, WIDTH, height);
  }

  close() {
    this.#waits?.video.cancelVideoFrameCallback(this.#waits.handle);
    this.#waits = null;
  }
}
