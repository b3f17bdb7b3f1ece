// The frames of a series, one after the other; what was drawn on each, saved or not.

export class Stack {
  /** `place`: {patient, study, series}; `images` as the controller lists them. */
  constructor(place, images) {
    this.place = place;
    this.frames = images.flatMap((image) => Array.from({ length: image.frames }, (_, n) => ({ image, frame: n + 1 })));
    this.at = 0;
  }

  get length() {
    return this.frames.length;
  }

  get now() {
    return this.frames[this.at] ?? null;
  }

  placeOf({ image, frame }) {
    return { ...this.place, instance: image.instance, frame };
  }

  /** Goes to a frame of an instance; to the first one if there is none of these. */
  find(instance, frame) {
    const found = this.frames.findIndex((one) => one.image.instance === instance && one.frame === frame);
    this.at = Math.max(found, 0);
  }

  /** Goes `steps` on, not beyond the ends. */
  move(steps) {
    this.at = Math.min(Math.max(this.at + steps, 0), this.length - 1);
  }

  /** Those around where one is, the nearest first, at most `n`. */
  around(n) {
    const steps = Array.from({ length: n }, (_, i) => (i % 2 ? -1 : 1) * (Math.floor(i / 2) + 1));
    return steps.map((step) => this.frames[this.at + step]).filter(Boolean);
  }
}

const isOn = (on, { image, frame }) =>
  on.some((one) => one.instance === image.instance && (one.frames.length === 0 || one.frames.includes(frame)));

/** Of each state what belongs to `here`: {image, frame}; states with nothing there are left out. */
export function statesOn(states, here) {
  return states
    .filter((state) => isOn(state.on, here))
    .map((state) => ({
      ...state,
      lines: state.lines.filter((one) => isOn(one.on, here)),
      words: state.words.filter((one) => isOn(one.on, here)),
    }));
}

/** What was drawn here and is not saved: by frame, in the order of drawing. */
export class Drafts {
  constructor() {
    this.of = new Map();
  }

  /** Every frame that has some: [{here, marks, window}]. */
  get all() {
    return [...this.of.values()];
  }

  get count() {
    return this.all.reduce((sum, one) => sum + one.marks.length, 0);
  }

  on(here) {
    return this.of.get(key(here))?.marks ?? [];
  }

  add(here, place, mark, window) {
    const marks = [...this.on(here), mark];
    this.of.set(key(here), { here, place, marks, window });
  }

  /** Takes the last one of a frame away. */
  undo(here) {
    const held = this.of.get(key(here));
    held?.marks.pop();
    if (held?.marks.length === 0) this.of.delete(key(here));
  }

  forget(here) {
    this.of.delete(key(here));
  }

  clear() {
    this.of.clear();
  }
}

const key = ({ image, frame }) => `${image.instance} ${frame}`;
