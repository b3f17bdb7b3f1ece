// What lies behind one journal's counts: its lanes, which blocks are missing, why others were given up.
import { clock as clockWords, count, heard, oldest, ranges, span, waits, why } from "./told.js";
import { el, setText } from "/screen/dom.js";
import { Refused } from "./refused.js";
import { t } from "/public/i18n.js";

const COUNTS = ["produced", "committed", "missing", "quarantined", "shed", "resent"];

export class Detail {
  constructor(cell) {
    this.cell = cell;
  }

  /** Draws `detail`; null: it is still being asked for. Only what ages is touched when nothing else is new. */
  update(detail, now) {
    if (detail === null) {
      this.drawn = null;
      setText(this.cell, t("ledger.waiting"));
      return;
    }
    const drawn = JSON.stringify([detail.journal.lanes, detail.lanes, detail.quarantine, document.documentElement.lang]);
    if (this.drawn !== drawn) this.#draw(detail);
    this.drawn = drawn;
    setText(this.about, about(detail.journal, now));
    this.refused.show(detail.quarantine.messages, now);
  }

  #draw(detail) {
    this.about = el("p", { class: "clock" });
    const table = el("table");
    this.refused = new Refused(table);
    const messages = detail.quarantine.count ? [el("h2", {}, t("ledger.quarantined-blocks")), table] : [];
    this.cell.replaceChildren(this.about, lanes(detail), ...missing(detail), ...gaps(detail), ...messages);
  }
}

function about(journal, now) {
  const parts = [t("ledger.heard-ago", { ago: heard(journal.heard_ms, now) }), clockWords(journal.clock)];
  if (journal.clock) parts.push(t("ledger.boot", { boot: journal.clock.boot }));
  const told = oldest(journal.lanes, journal.told_ms, now);
  if (told) parts.push(`${told.what} (${told.asOf})`);
  return parts.join(" · ");
}

function lanes(detail) {
  const names = ["ledger.lane", ...COUNTS.map((name) => `count.${name}`), "ledger.oldest-title"];
  const titles = names.map((key, i) => el("th", { scope: "col", class: i ? "count" : null }, t(key)));
  const rows = detail.journal.lanes.map((lane) => el(
    "tr", {},
    el("th", { scope: "row" }, t(`lane.${lane.lane}`)),
    ...COUNTS.map((name) => el("td", { class: "count" }, count(lane[name]))),
    el("td", { class: "count" }, lane.waiting === null ? "–" : waits([lane])),
  ));
  return el("table", {}, el("thead", {}, el("tr", {}, ...titles)), el("tbody", {}, ...rows));
}

const section = (key, items) => (items.length ? [el("h2", {}, t(key)), el("ul", {}, ...items.map((text) => el("li", {}, text)))] : []);

function missing(detail) {
  const holed = detail.lanes.filter((lane) => lane.holes);
  return section("ledger.missing-blocks", holed.map((lane) => `${t(`lane.${lane.lane}`)}: ${ranges(lane.missing_ranges, lane.holes)}`));
}

function gaps(detail) {
  const lines = detail.lanes.flatMap((lane) => [
    ...lane.gaps.map((gap) => `${t(`lane.${lane.lane}`)}: ${ranges(gap.ranges)} · ${why(gap.why)} · ${span(gap)}`),
    ...(lane.gap_count > lane.gaps.length ? [t("ledger.more-gaps", { n: count(lane.gap_count - lane.gaps.length) })] : []),
  ]);
  return section("ledger.gaps", lines);
}
