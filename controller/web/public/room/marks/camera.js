// One picture out of a film, as a JPEG: to freeze it for all, or to keep it for the patient's record.
import { Lens } from "./geometry.js";
import { paint } from "./paint.js";

const WIDEST = 1280;
const LARGEST = 1024 * 1024;
const QUALITIES = [0.9, 0.8, 0.6, 0.4];

/** A canvas of what is shown of a sheet, in its own pixels, never mirrored; null: nothing is. */
export function taken(sheet) {
  const { size } = sheet;
  if (size === null) return null;
  const scale = Math.min(1, WIDEST / size.width);
  const canvas = new OffscreenCanvas(Math.round(size.width * scale), Math.round(size.height * scale));
  canvas.getContext("2d").drawImage(sheet.still?.bitmap ?? sheet.video, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** The same with what is drawn on it. */
export function annotated(bare, scene) {
  const canvas = new OffscreenCanvas(bare.width, bare.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(bare, 0, 0);
  paint(pen, new Lens(canvas, canvas), { ...scene, drafts: [], lasers: [], cross: null }, Math.max(1, canvas.width / 640));
  return canvas;
}

/** As good as fits. */
export async function jpegOf(canvas) {
  for (const quality of QUALITIES) {
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
    if (blob.size <= LARGEST) return blob;
  }
  throw new RangeError("expected a picture that fits in 1 MiB as a JPEG");
}
