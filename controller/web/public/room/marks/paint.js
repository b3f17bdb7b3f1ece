// Draws what is on a picture: marks with their authors' names and colours, what is being drawn, laser pointers.
import { measured, scaleOf } from "./geometry.js";
import { t } from "./words.js";

const COLOURS = ["#ffd84d", "#6fe0ff", "#ff9df2", "#9dff8a", "#ffb36b", "#ffffff"];
const HALO = "#000000";
const LOST = "#ff6b6b";
const [LINE, BARB, OPEN, CROSS, DOT, LETTERS] = [3, 16, 0.45, 11, 7, 15];
/** A laser pointer is seen for so long after it was last pointed. */
export const LASER_MS = 1000;

export const colourOf = (seat) => COLOURS[seat % COLOURS.length];

/**
 * `pen`: a canvas's; `lens`: where the picture is; `scene`: {marks, drafts, lasers, cross, now, nameOf(seat)}. A mark with
 * `here` (and `lost`) is a pinned label as it is followed. `measure(mark)`: what stands at a measured line, on pictures of
 * cameras by the known lines among the marks. `grown`: by how much lines and letters are larger.
 */
export function paint(pen, lens, { marks, drafts, lasers, cross, now, nameOf, measure = byKnown(marks) }, grown = 1) {
  const brush = { pen, lens, grown, measure, nameOf };
  for (const mark of [...marks, ...drafts]) draw(brush, mark);
  for (const laser of lasers) pointer(brush, laser, now);
  if (cross) crosshair(brush, lens.toTile(cross));
}

function draw(brush, mark) {
  const points = mark.points.map((one) => brush.lens.toTile(one));
  const colour = mark.lost ? LOST : colourOf(mark.from);
  if (mark.kind === "pen") stroke(brush, points, colour);
  else if (mark.kind === "arrow") stroke(brush, arrow(...points, brush.grown), colour);
  else if (mark.kind === "measure") stroke(brush, ends(...points, brush.grown), colour);
  if (mark.kind === "pin") return pin(brush, mark, colour);
  const words = mark.kind === "measure" ? `${lengthWords(brush.measure(mark))} ` : mark.kind === "text" ? `${mark.text} ` : "";
  return write(brush, points.at(-1), words, brush.nameOf(mark.from), colour);
}

function byKnown(marks) {
  const scale = scaleOf(marks);
  return (mark) => measured(mark, scale);
}

const lengthWords = ({ key, n }) => t(key, { n });

/** A label and the place it is pinned to; dashed where it was last sure, if that is not known now. */
function pin(brush, mark, colour) {
  const { pen, grown } = brush;
  const [x, y] = brush.lens.toTile(mark.here ?? mark.points[0]);
  pen.setLineDash(mark.lost ? [5 * grown, 5 * grown] : []);
  pen.beginPath();
  pen.arc(x, y, DOT * 1.6 * grown, 0, 2 * Math.PI);
  outlined(brush, colour);
  pen.setLineDash([]);
  write(brush, [x + DOT * grown, y], mark.lost ? `${mark.text} (${t("marks.lost")}) ` : `${mark.text} `, brush.nameOf(mark.from), colour);
}

function arrow(begin, end, grown) {
  const along = Math.atan2(end[1] - begin[1], end[0] - begin[0]);
  const barb = (turn) => [end[0] - BARB * grown * Math.cos(along + turn), end[1] - BARB * grown * Math.sin(along + turn)];
  return [begin, end, barb(OPEN), end, barb(-OPEN), end];
}

/** A line with a bar across at each end. */
function ends(begin, end, grown) {
  const across = Math.atan2(end[1] - begin[1], end[0] - begin[0]) + Math.PI / 2;
  const [dx, dy] = [Math.cos(across) * DOT * grown, Math.sin(across) * DOT * grown];
  const bar = ([x, y]) => [[x - dx, y - dy], [x + dx, y + dy], [x, y]];
  return [...bar(begin), ...bar(end)];
}

function stroke(brush, points, colour) {
  brush.pen.beginPath();
  for (const [x, y] of points) brush.pen.lineTo(x, y);
  outlined(brush, colour);
}

function pointer(brush, { at, from, seen }, now) {
  const { pen } = brush;
  const [x, y] = brush.lens.toTile(at);
  pen.globalAlpha = Math.max(0, 1 - (now - seen) / LASER_MS);
  pen.beginPath();
  pen.arc(x, y, DOT * brush.grown, 0, 2 * Math.PI);
  pen.fillStyle = "#ff2020";
  pen.fill();
  outlined(brush, "#ffffff");
  write(brush, [x + DOT, y], "", brush.nameOf(from), colourOf(from));
  pen.globalAlpha = 1;
}

function crosshair(brush, [x, y]) {
  const far = CROSS * brush.grown;
  brush.pen.beginPath();
  for (const [dx, dy] of [[far, 0], [0, far]]) {
    brush.pen.moveTo(x - dx, y - dy);
    brush.pen.lineTo(x + dx, y + dy);
  }
  outlined(brush, "#ffffff");
}

/** Seen on white and on black. */
function outlined({ pen, grown }, colour) {
  pen.lineCap = pen.lineJoin = "round";
  for (const [style, width] of [[HALO, LINE + 3], [colour, LINE]]) {
    pen.strokeStyle = style;
    pen.lineWidth = width * grown;
    pen.stroke();
  }
}

/** Words, and smaller whose they are; within the picture, so that none are cut off. */
function write({ pen, lens, grown }, [x, y], words, name, colour) {
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  const parts = [[words, `650 ${LETTERS * grown}px system-ui, sans-serif`], [name, `500 ${LETTERS * 0.8 * grown}px system-ui, sans-serif`]];
  const wide = parts.map(([text, font]) => {
    pen.font = font;
    return pen.measureText(text).width;
  });
  let left = Math.max(lens.left + 4, Math.min(x + 8 * grown, lens.left + lens.width - wide[0] - wide[1] - 4));
  const line = Math.max(lens.top + LETTERS * grown, Math.min(y - 12 * grown, lens.top + lens.height - LETTERS * grown));
  for (const [n, [text, font]] of parts.entries()) {
    pen.font = font;
    pen.strokeStyle = HALO;
    pen.lineWidth = 4 * grown;
    pen.strokeText(text, left, line);
    pen.fillStyle = colour;
    pen.fillText(text, left, line);
    left += wide[n];
  }
}
