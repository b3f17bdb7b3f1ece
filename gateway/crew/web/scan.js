// Reads a wristband: by the camera where the browser can, else by a hand scanner, which types into the field.
import { el, show } from "/screen/dom.js";

const LOOK_MS = 200;

export class Scan {
  /** `onText(text)` is given what stands in the first code that is seen. */
  constructor(onText) {
    Object.assign(this, { onText, stream: null });
    this.video = el("video", { muted: true, playsinline: true, hidden: true });
    this.button = el("button", { type: "button", hidden: true, "data-t": "patient.scan", onclick: () => this.#toggle() });
    if ("BarcodeDetector" in globalThis && navigator.mediaDevices) this.#offer();
  }

  async #offer() {
    const formats = await BarcodeDetector.getSupportedFormats();
    if (formats.length === 0) return;
    this.detector = new BarcodeDetector({ formats });
    show(this.button, true);
  }

  async #toggle() {
    if (this.stream) return this.stop();
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      return show(this.button, false); // no camera, or not allowed: the field is still there
    }
    this.video.srcObject = this.stream;
    show(this.video, true);
    await this.video.play();
    this.#look();
  }

  async #look() {
    while (this.stream) {
      const [code] = await this.detector.detect(this.video);
      if (code) {
        this.stop();
        return this.onText(code.rawValue);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  stop() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    show(this.video, false);
  }
}
