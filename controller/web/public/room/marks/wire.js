// What pages say to each other of marks by the short way. A page may lie: what is not as it should be is passed over,
// and who says it follows from the seat that it comes from, not from the words.

const POINTS = { pen: [2, 400], arrow: [2, 2], measure: [2, 2], text: [1, 1], pin: [1, 1] };
const ID = /^[0-9A-Za-z_-]{22,64}$/;
const STILL = /^[0-9A-Za-z_-]{0,64}$/;
/** An image of a case, which is a still of seat 0, the room itself. */
const IMAGE = /^image-\d{1,15}$/;
const LONGEST = 120;
const LONGEST_PATCH = 4 * 49 * 49;

const isPart = (value) => typeof value === "number" && value >= 0 && value <= 1;
const isPoint = (value) => Array.isArray(value) && value.length === 2 && value.every(isPart);
const isSide = (value) => Number.isInteger(value) && value >= 1 && value <= 16_384;
const isText = (value, most) => typeof value === "string" && value.length <= most;

function hasPlace({ seat, still, view = 0, size }) {
  return Number.isInteger(view) && view >= 0 && view < 16 && Number.isInteger(seat) && seat >= 0 && typeof still === "string" && STILL.test(still) && (seat > 0 || IMAGE.test(still)) && Array.isArray(size) && size.length === 2 && size.every(isSide);
}

function hasShape({ id, kind, points, text, mm, patch }) {
  const [least, most] = Object.hasOwn(POINTS, kind) ? POINTS[kind] : [1, 0];
  const isNamed = typeof id === "string" && ID.test(id) && isText(text, LONGEST) && isText(patch, LONGEST_PATCH);
  const isLong = mm === undefined || (typeof mm === "number" && mm > 0 && mm <= 3000);
  return isNamed && isLong && Array.isArray(points) && points.length >= least && points.length <= most && points.every(isPoint);
}

const READ = {
  mark: (word) => hasPlace(word) && word.seat > 0 && hasShape(word), // on images of cases the controller alone says them
  draft: (word) => hasPlace(word) && hasShape(word),
  laser: (word) => hasPlace({ ...word, size: [1, 1] }) && isPoint(word.at),
};

/** {k: "mark" | "draft" | "laser", …}; null: it is none of these. */
export function read(text) {
  try {
    const word = JSON.parse(text);
    return word !== null && typeof word === "object" && Object.hasOwn(READ, word.k) && READ[word.k](word) ? word : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Who may draw; the controller says the same. */
export function mayDraw(part, guestsMay) {
  return part === "staff" || part === "patient" || (part === "guest" && guestsMay);
}
