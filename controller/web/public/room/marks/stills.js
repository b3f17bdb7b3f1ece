// Pictures that are frozen for all, so that everybody draws on the same pixels. The controller keeps them in memory
// only: the page that froze one gives it again if the controller was started again.
import { jpegOf, taken } from "./camera.js";
import { t } from "./words.js";

export class Stills {
  #stills = new Map();

  constructor(marks) {
    this.marks = marks;
  }

  /** Of a seat's picture: {id, from, name, bitmap, jpeg}; null: it is live. */
  of(seat) {
    return [...this.#stills.values()].find((one) => one.seat === seat) ?? null;
  }

  /** Freezes what is shown of a seat, for all. */
  async freeze(sheet) {
    const picture = taken(sheet);
    if (picture === null) return this.marks.bar.say(t("marks.no-picture"));
    const still = { id: crypto.randomUUID(), seat: sheet.seat, jpeg: await jpegOf(picture) };
    return this.#give(still);
  }

  async #give(still) {
    this.#stills.set(still.id, { ...still, bitmap: null, from: this.marks.me, name: this.marks.nameOf(this.marks.me) });
    const { base, signal } = this.marks.room;
    const why = await put(`${base}/stills/${still.id}?seat=${signal.seat}&of=${still.seat}`, still.jpeg);
    if (why !== null) {
      this.#stills.delete(still.id);
      this.marks.bar.say(t("marks.not-frozen", { why }));
    } else await this.#show(still.id);
    this.marks.draw();
  }

  /** Somebody froze one. */
  told(still) {
    if (this.#stills.has(still.id)) return;
    this.#stills.set(still.id, { ...still, bitmap: null, jpeg: null });
    this.#show(still.id);
  }

  gone(id) {
    this.#stills.delete(id);
  }

  /** What the controller has; of others there is nothing any more, and what is one's own is given again. */
  joined(stills) {
    const there = new Set(stills.map((one) => one.id));
    for (const [id, still] of this.#stills) {
      if (there.has(id)) continue;
      this.#stills.delete(id);
      if (still.from === this.marks.me && still.jpeg) this.#give(still);
    }
    for (const still of stills) this.told(still);
  }

  async #show(id) {
    const { base, signal } = this.marks.room;
    const known = this.#stills.get(id);
    const jpeg = known.jpeg ?? (await picture(`${base}/stills/${id}?seat=${signal.seat}`));
    if (jpeg === null) return;
    const bitmap = await createImageBitmap(jpeg);
    if (this.#stills.has(id)) this.#stills.set(id, { ...known, jpeg, bitmap });
    this.marks.draw();
  }
}

/** Why it was refused; null: it was not. */
async function put(address, jpeg) {
  try {
    const response = await fetch(address, { method: "PUT", headers: { "Content-Type": "image/jpeg" }, body: jpeg });
    return response.ok ? null : (await response.json()).error.message;
  } catch (error) {
    if (error instanceof TypeError) return t("marks.offline");
    throw error;
  }
}

async function picture(address) {
  try {
    const response = await fetch(address, { cache: "no-store" });
    return response.ok ? await response.blob() : null;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
