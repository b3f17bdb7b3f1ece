// Draws an image and what is on it: what was saved, what is not saved yet, where the keyboard points.
import { lengthWords } from "./measure.js";

const SAVED = "#ffd84d";
const DRAFT = "#6fe0ff";
const HALO = "#000000";
const [LINE, BARB, OPEN, CROSS] = [2, 14, 0.4, 9];

/** `scene`: {picture, lens, saved: [{lines, words}], drafts: [mark], scale, cross}. */
export function paint(pen, { picture, lens, saved, drafts, scale, cross }) {
  pen.clearRect(0, 0, lens.width, lens.height);
  if (!picture) return;
  pen.imageSmoothingEnabled = lens.scale < 3;
  pen.drawImage(picture, lens.left, lens.top, lens.columns * lens.scale, lens.rows * lens.scaleY);
  for (const { lines, words } of saved) {
    for (const line of lines) stroke(pen, line.points.map((one) => lens.toCanvas(one)), SAVED, line.closed);
    for (const one of words) write(pen, lens.toCanvas(one.at), one.text, SAVED);
  }
  for (const mark of drafts) draft(pen, lens, mark, scale);
  if (cross) crosshair(pen, lens.toCanvas(cross));
}

function draft(pen, lens, mark, scale) {
  if (mark.kind === "text") return write(pen, lens.toCanvas(mark.at), mark.text, DRAFT);
  const [begin, end] = [lens.toCanvas(mark.begin), lens.toCanvas(mark.end)];
  stroke(pen, mark.kind === "arrow" ? arrow(begin, end) : [begin, end], DRAFT);
  if (mark.kind === "length") write(pen, end, lengthWords(scale, mark.begin, mark.end), DRAFT);
}

function arrow(begin, end) {
  const along = Math.atan2(end[1] - begin[1], end[0] - begin[0]);
  const barb = (turn) => [end[0] - BARB * Math.cos(along + turn), end[1] - BARB * Math.sin(along + turn)];
  return [begin, end, barb(OPEN), end, barb(-OPEN)];
}

function stroke(pen, points, colour, closed = false) {
  if (points.length === 1) points = [points[0], [points[0][0] + 1, points[0][1]]];
  pen.beginPath();
  for (const [x, y] of points) pen.lineTo(x, y);
  if (closed) pen.closePath();
  outlined(pen, colour);
}

function crosshair(pen, [x, y]) {
  pen.beginPath();
  for (const [dx, dy] of [[CROSS, 0], [0, CROSS]]) {
    pen.moveTo(x - dx, y - dy);
    pen.lineTo(x + dx, y + dy);
  }
  outlined(pen, DRAFT);
}

/** Seen on white and on black. */
function outlined(pen, colour) {
  pen.lineCap = pen.lineJoin = "round";
  for (const [style, width] of [[HALO, LINE + 3], [colour, LINE]]) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.stroke();
  }
}

function write(pen, [x, y], words, colour) {
  pen.font = `600 16px ${getComputedStyle(document.body).fontFamily}`;
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  words.split("\n").forEach((line, n) => {
    pen.strokeStyle = HALO;
    pen.lineWidth = 4;
    pen.strokeText(line, x + 8, y + n * 20);
    pen.fillStyle = colour;
    pen.fillText(line, x + 8, y + n * 20);
  });
}
