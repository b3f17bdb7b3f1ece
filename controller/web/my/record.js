// The parts of a patient's page beside the medicines: visits, measurements, consents, and who looked. Each is asked for
// by itself; while one does not come the others are there.
import { consents } from "./consents.js";
import { el, setText, show } from "/screen/dom.js";
import { looks } from "./looks.js";
import { measured } from "./measured.js";
import { recordings } from "./recordings.js";
import { pastVisit, sorted, visitCard } from "./visits.js";
import { t } from "./words.js";
import { when } from "./plain.js";
import { asked, reason } from "./wire.js";

const SOON_MS = 50_000;
const LATER_MS = 290_000;

const byId = (id) => document.getElementById(id);

export class Record {
  #visits = null; #measured = null; #consents = null; #recordings = null; #looks = null;
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
    const names = now < this.#later ? ["visits"] : ["visits", "measured", "consents", "recordings"];
    if (names.length > 1) this.#later = now + LATER_MS;
    const [visits, readings, agreed, recorded] = await Promise.all(names.map((name) => asked("GET", `/api/my/${name}`)));
    if (visits.ok) this.#visits = visits.data;
    if (readings?.ok) this.#measured = readings.data;
    if (agreed?.ok) this.#consents = agreed.data;
    if (recorded?.ok) this.#recordings = recorded.data;
    this.drawn();
  }

  /** Somebody else may use this phone next. */
  forget() {
    this.#visits = this.#measured = this.#consents = this.#recordings = this.#looks = null;
    this.#soon = this.#later = 0;
    for (const id of ["visit-list", "visit-past", "measured-list", "consent-list", "recorded-list", "looks-list"]) byId(id).replaceChildren();
  }

  /** Times of the day at which something is to be measured, and those of visits to come. */
  times(now) {
    const { coming } = sorted(this.#visits?.visits ?? [], now.utc);
    return [...(this.#measured?.planned ?? []).flatMap((one) => one.at), ...coming.filter((one) => one.start_ms > now.utc).map((one) => when(one.start_ms, now.utc))];
  }

  /** In words: the next visit, and of each thing to be measured the next time. */
  upcoming(now) {
    const visit = sorted(this.#visits?.visits ?? [], now.utc).coming.filter((one) => one.start_ms > now.utc).toSorted((a, b) => a.start_ms - b.start_ms)[0];
    const planned = (this.#measured?.planned ?? []).filter((one) => one.next_ms !== null);
    const measure = planned.map((one) => t("my.remind-measure", { what: t(`my.kind-${one.what}`), when: when(one.next_ms, now.utc) }));
    return [...(visit === undefined ? [] : [t("my.remind-visit", { when: when(visit.start_ms, now.utc) })]), ...measure];
  }

  draw(now) {
    this.#drawVisits(now);
    show(byId("measured"), this.#measured !== null && this.#measured.readings.length + this.#measured.planned.length + this.#measured.targets.length > 0);
    byId("measured-list").replaceChildren(...(this.#measured === null ? [] : measured(this.#measured, now, (one, word) => this.#say(one, word))));
    const told = (agreed) => {
      this.#consents = agreed;
      this.drawn();
    };
    byId("consent-list").replaceChildren(...(this.#consents === null ? [] : consents(this.#consents, now, told)));
    this.#drawRecordings(now);
    byId("looks-list").replaceChildren(...(this.#looks === null ? [] : looks(this.#looks)));
  }

  #drawRecordings(now) {
    const told = (recorded) => {
      this.#recordings = recorded;
      document.activeElement?.blur();
      this.drawn();
    };
    const all = this.#recordings === null ? [] : recordings(this.#recordings, now, told);
    show(byId("recorded"), all.length > 0);
    setText(byId("recorded-note"), all.length > 0 ? t(this.#recordings.is_at_once ? "my.recorded-note" : "my.recorded-kept", this.#recordings) : "");
    const sure = document.activeElement?.dataset.key?.endsWith("/sure"); // who is about to press it
    if (!sure) byId("recorded-list").replaceChildren(...all);
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
