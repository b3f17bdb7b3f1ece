// The viewer by the keyboard alone: looking, and drawing with a crosshair.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SCROLL = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 };
const TOOLS = { w: "window", p: "pan", z: "zoom", s: "scroll", l: "length", a: "arrow", t: "text" };
const ZOOM = { "+": 1.25, "=": 1.25, "-": 0.8, _: 0.8 };
/** Parts of the window's width: wider, narrower, darker, brighter. */
const WINDOW = { "]": [0, 0.1], "[": [0, -0.1], ",": [0.05, 0], ".": [-0.05, 0] };
const PAN = 40;
const FAST = 10;

/** Whether `event` on the canvas meant something; `to` is the viewer. */
export function key(event, to) {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  const act = drawing(event, to) ?? looking(event, to);
  act?.();
  return act !== undefined;
}

/** The arrows move the crosshair while something is drawn; Enter begins and ends a line. */
function drawing(event, to) {
  if (!to.draws) return undefined;
  const step = ARROWS[event.key];
  if (step) return () => to.pen.moveCross(...step.map((one) => one * (event.shiftKey ? FAST : 1)));
  if (event.key === "Enter") return () => to.pen.placeCross();
  return undefined;
}

function looking(event, to) {
  const { key: name } = event;
  if (event.shiftKey && name in ARROWS) return () => to.pan(...ARROWS[name].map((one) => -one * PAN));
  if (name in SCROLL) return () => to.scroll(SCROLL[name]);
  if (name in ZOOM) return () => to.magnify(ZOOM[name]);
  if (name in WINDOW) return () => to.changeWindow(...WINDOW[name]);
  if (name in TOOLS) return () => to.tool(TOOLS[name]);
  if (name === " ") return () => to.cine.toggle();
  if (name === "0") return () => to.fit();
  if (/^[1-9]$/.test(name)) return () => to.controls.presetAt(Number(name) - 1);
  if (name === "Backspace" || name === "Delete") return () => to.undo();
  return undefined;
}
