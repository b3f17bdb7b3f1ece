// What test_pages.py asks of the page's modules.
import { Lens, measured as lengthAt, measuredOn, scaleOf, simpler } from "../../../../../controller/web/public/room/marks/geometry.js";
import { Kept } from "../../../../../controller/web/public/room/marks/kept.js";
import { mayDraw, read } from "../../../../../controller/web/public/room/marks/wire.js";

const box = ([width, height]) => ({ width, height });

export function thereAndBack(tile, picture, at, mirrored) {
  const lens = new Lens(box(tile), box(picture), mirrored);
  return lens.toPicture(lens.toTile(at));
}

export const toPicture = (tile, picture, at) => new Lens(box(tile), box(picture)).toPicture(at);

export const measured = (marks, mark) => lengthAt(mark, scaleOf(marks));

export function kept(steps) {
  const all = new Kept();
  for (const [what, ...given] of steps) all[what](...given);
  return all.all();
}

export function keptOn(marks, ...shown) {
  const all = new Kept();
  for (const mark of marks) all.add(mark, true, 0);
  return all.on(...shown).map((one) => one.id);
}

export { mayDraw, measuredOn, read, simpler };
