// The parts of a patient's page beside the medicines: visits, measurements, consents, and who looked. Each is asked for
// by itself; while one does not come the others are there.
import { consents } from "./consents.js";
import { el, setText, show } from "/screen/dom.js";
import { looks } from "./looks.js";
import { measured } from "./measured.js";
import { pastVisit, sorted, visitCard } from "./visits.js";
import { t } from "./words.js";
import { when } from "./plain.js";
import { asked, reason } from "./wire.js";

const SOON_MS = 50_000;
const LATER_MS = 290_000;

const byId = (id) => document.getElementById(id);

export class Record {
  #visits = null; #measured = null; #consents = null; #looks = null;
  #soon = 0; #later = 0;

  /** `drawn()`: something is to be drawn again. */
  constructor(drawn) {
    this.drawn = drawn;
    byId("looks-show").addEventListener("click", () => this.#readLooks());
  }

  /** Visits anew, each minute at most; the rest not so often: each look is a line of the trail. */
  async read() {
    const now = performance.now();
    if (now < this.#soon) return;
    this.#soon = now + SOON_MS;
    const names = now < this.#later ? ["visits"] : ["visits", "measured", "consents"];
    if (names.length > 1) this.#later = now + LATER_MS;
    const [visits, readings, agreed] = await Promise.all(names.map((name) => asked("GET", `/api/my/${name}`)));
    if (visits.ok) this.#visits = visits.data;
    if (readings?.ok) this.#measured = readings.data;
    if (agreed?.ok) this.#consents = agreed.data;
    this.drawn();
  }

  /** Somebody else may use this phone next. */
  forget() {
    this.#visits = this.#measured = this.#consents = this.#looks = null;
    this.#soon = this.#later = 0;
    for (const id of ["visit-list", "visit-past", "measured-list", "consent-list", "looks-list"]) byId(id).replaceChildren();
  }

  /** Times of the day at which something is to be measured, and those of visits to come. */
  times(now) {
    const { coming } = sorted(this.#visits?.visits ?? [], now.utc);
    return [...(this.#measured?.planned ?? []).flatMap((one) => one.at), ...coming.filter((one) => one.start_ms > now.utc).map((one) => when(one.start_ms, now.utc))];
  }

  draw(now) {
    this.#drawVisits(now);
    show(byId("measured"), this.#measured !== null && this.#measured.readings.length + this.#measured.planned.length > 0);
    byId("measured-list").replaceChildren(...(this.#measured === null ? [] : measured(this.#measured, now, (one, word) => this.#say(one, word))));
    const told = (agreed) => {
      this.#consents = agreed;
      this.drawn();
    };
    byId("consent-list").replaceChildren(...(this.#consents === null ? [] : consents(this.#consents, now, told)));
    byId("looks-list").replaceChildren(...(this.#looks === null ? [] : looks(this.#looks)));
  }

  #drawVisits(now) {
    const { coming, past } = sorted(this.#visits?.visits ?? [], now.utc);
    byId("visit-list").replaceChildren(...coming.map((one) => visitCard(one, now)));
    byId("visit-past").replaceChildren(...past.map((one) => pastVisit(one, now)));
    setText(byId("past-title"), t("my.visits-past", { n: past.length }));
    show(byId("past"), past.length > 0);
    show(byId("visits"), coming.length + past.length > 0);
  }

  async #say(one, word) {
    const answer = await asked("POST", `/api/my/measured/${one.id}`, { said: word });
    setText(byId("measured-problem"), answer.ok ? "" : reason(answer));
    if (answer.ok) this.#measured = answer.data;
    this.drawn();
  }

  async #readLooks() {
    const answer = await asked("GET", "/api/my/looks");
    setText(byId("looks-problem"), answer.ok ? "" : reason(answer));
    if (answer.ok) this.#looks = answer.data;
    this.drawn();
  }
}

/** Links to the parts that there are now, at the top. */
export function partsOf(nav) {
  const titles = [...document.querySelectorAll("#mine [id$='-title'][data-part]")].filter((one) => one.closest("[hidden]") === null);
  const names = titles.map((one) => one.id).join(" ");
  if (nav.dataset.names === `${names} ${document.documentElement.lang}`) return;
  nav.dataset.names = `${names} ${document.documentElement.lang}`;
  nav.replaceChildren(...titles.map((one) => el("a", { class: "button", href: `#${one.id}` }, one.textContent)));
}
