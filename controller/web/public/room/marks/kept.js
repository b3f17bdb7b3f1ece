// The marks of a room as a page knows them. A mark comes by two ways, from page to page and by the controller, under
// the same id: the first is drawn, the second makes it sure. What the controller never confirms goes again.

/** A mark that came from a page alone is shown for so long, while the controller is heard. */
export const DOUBT_MS = 10_000;

/** Whether a mark, or what is being drawn, belongs to what is shown of a seat: what was frozen is of no camera. */
export function isOn(one, { seat, still, view }) {
  return one.seat === seat && one.still === still && (still !== "" || (one.view ?? 0) === view);
}

export class Kept {
  #marks = new Map();
  #gone = new Set();

  /** `isSure`: the controller has told it. True: it is new. */
  add(mark, isSure, now) {
    if (this.#gone.has(mark.id)) return false;
    const known = this.#marks.get(mark.id);
    this.#marks.set(mark.id, { ...(isSure || !known ? mark : known), sure: isSure || (known?.sure ?? false), since: known?.since ?? now });
    return known === undefined;
  }

  /** They were taken away: what is said late of them does not bring them back. */
  remove(ids) {
    for (const id of ids) {
      this.#marks.delete(id);
      this.#gone.add(id);
    }
  }

  /** The controller has these and no others: what it once confirmed and does not have any more is gone. Marks on an image
   * of a case (seat 0) may be back: who may not see it for a while is told of none. */
  only(ids) {
    const there = new Set(ids);
    const missing = [...this.#marks.values()].filter((one) => one.sure && !there.has(one.id));
    this.remove(missing.filter((one) => one.seat !== 0).map((one) => one.id));
    for (const { id } of missing) this.#marks.delete(id);
  }

  /** Takes away what was not confirmed in time; whether anything was. Own marks are on their way for as long as it takes. */
  doubt(now, me) {
    const old = [...this.#marks.values()].filter((one) => !one.sure && one.from !== me && now - one.since > DOUBT_MS);
    for (const { id } of old) this.#marks.delete(id);
    return old.length > 0;
  }

  /** On a seat's live picture by its camera `view`, or on a still of it. */
  on(seat, still, view = 0) {
    return [...this.#marks.values()].filter((one) => isOn(one, { seat, still, view }));
  }

  /** Of who sits at `from`, the oldest first. */
  by(from) {
    return [...this.#marks.values()].filter((one) => one.from === from);
  }

  all() {
    return [...this.#marks.values()];
  }
}
