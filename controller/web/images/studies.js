// The studies of one patient, asked for again and again; the first picture of the newest ones is fetched before it is wanted.
import { get } from "/board/api.js";
import { picturePath, QUICK, studiesPath } from "./paths.js";
import { prefetch } from "./pictures.js";

const EVERY_MS = 20_000;
/** Of so many studies. */
const BEFORE = 3;

export class Studies {
  /** `changed()` is called when there is something new to show; it ends when nobody is `there()` to see it. */
  constructor(changed, there = () => true) {
    Object.assign(this, { changed, there, patient: null, all: [], problem: "", timer: null });
  }

  /** From now on those of `patient`, an identifier; null: of nobody. */
  of(patient) {
    if (patient === this.patient) return;
    clearInterval(this.timer);
    Object.assign(this, { patient, all: [], problem: "" });
    if (patient === null) return;
    this.timer = setInterval(() => this.#load(), EVERY_MS);
    this.#load();
  }

  async #load() {
    if (!this.there()) return this.of(null);
    const { patient } = this;
    try {
      const { studies } = await get(studiesPath(patient));
      if (patient !== this.patient) return;
      Object.assign(this, { all: studies, problem: "" });
      this.#before(patient);
    } catch (error) {
      if (patient === this.patient) this.problem = error.message;
    }
    this.changed();
  }

  async #before(patient) {
    for (const { study, series } of this.all.slice(0, BEFORE)) {
      if (patient !== this.patient) return;
      if (series.length > 0) await prefetch(picturePath({ patient, study, ...series[0] }, null, QUICK));
    }
  }
}
