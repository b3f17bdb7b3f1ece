// A QR code as a drawing: rows of 0 and 1, with the quiet zone of four modules that scanners need (ISO/IEC 18004).

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4;

export function qrCode(rows) {
  const size = rows.length + 2 * QUIET;
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", `0 0 ${size} ${size}`);
  drawing.setAttribute("shape-rendering", "crispEdges");
  const path = document.createElementNS(SVG, "path");
  const dark = rows.flatMap((row, y) => [...row].map((one, x) => (one === "1" ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : "")));
  path.setAttribute("d", dark.join(""));
  path.setAttribute("fill", "#000000");
  drawing.append(path);
  return drawing;
}
