// What stands on the pictures of a room, asked of the controller: with each seat that is had, and when somebody may
// see more or less than before. What is told while the answer is on its way counts more than the answer.

export class Standing {
  #turn = 0; #told = new Set();

  constructor(marks) {
    this.marks = marks;
  }

  /** `id`: of a mark, or "image" for which one is shown. */
  told(id) {
    this.#told.add(id);
  }

  /** What the controller has is so. */
  async look() {
    const { marks } = this;
    const { base, signal } = marks.room;
    const turn = (this.#turn += 1);
    this.#told.clear();
    const answer = await got(`${base}/marks?seat=${signal.seat}`);
    if (answer === null || turn !== this.#turn) return;
    const { guests, checklist, lists } = answer;
    Object.assign(marks, { guests, checklist, lists });
    marks.kept.only([...answer.marks.map((one) => one.id), ...this.#told]);
    for (const mark of answer.marks) marks.kept.add(mark, true, performance.now());
    marks.stills.joined(answer.stills);
    if (!this.#told.has("image")) marks.image.told(answer.image);
    marks.draw();
  }
}

/** null: refused, or no answer; it is asked again when the seat is had again. */
async function got(address) {
  try {
    const response = await fetch(address, { cache: "no-store" });
    return response.ok ? await response.json() : null;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
