"""What was measured of a patient in one stay, and the score of it; what is not theirs, as they say, apart."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from controller.handover.case import Alien, Assessed, Stay, Step, Told, Trend, Vital
from controller.history.reading import Found, Steps, find_steps
from controller.history.rollup import OURS
from controller.store import Store
from devices.model.metrics import METRICS
from devices.model.scores_made import score
from devices.model.scores_sources import FEEDS, FLAWS

MOST_STEPS = 240
"""Of a trend: one a minute, for the first four hours."""

_SUMMARY = f"""SELECT metric, count(*) AS readings, count(value) AS valued,
  count(CASE WHEN value IS NOT NULL AND quality & :flaws <> 0 THEN 1 END) AS flawed,
  min(value) AS low, max(value) AS high, avg(value) AS mean
FROM series CROSS JOIN observation ON observation.series = series.id
WHERE bed = :bed AND at_us >= :from AND at_us < :to AND observation.{OURS}
GROUP BY metric ORDER BY metric"""
_LAST = f"""SELECT metric, device, at_us / 1000 AS at_ms, value, reason, quality
FROM series CROSS JOIN observation ON observation.id = (SELECT id FROM observation
  WHERE series = series.id AND at_us >= :from AND at_us < :to AND {OURS} {{which}}
  ORDER BY at_us DESC, id DESC LIMIT 1)
WHERE bed = :bed ORDER BY at_us, observation.id"""
_DISOWNED = """SELECT metric, device, at_us / 1000 AS at_ms, value, reason, quality
FROM disowned CROSS JOIN observation ON observation.id = reading CROSS JOIN series ON series.id = series
WHERE bed = :bed AND at_us >= :from AND at_us < :to ORDER BY at_us, observation.id"""


class Span(NamedTuple):
    """A stay, as much of it as is told: from_us included, to_us not."""

    stay: Stay
    from_us: int
    to_us: int

    @classmethod
    def of(cls, stay: Stay, from_ms: int, now_ms: int) -> "Span | None":
        """None: nothing of this stay is told."""
        end_ms = now_ms if stay.to_ms is None else min(stay.to_ms, now_ms)
        begin_ms = max(stay.from_ms, from_ms)
        return cls(stay, begin_ms * 1000, end_ms * 1000) if begin_ms < end_ms else None

    @property
    def steps(self) -> Steps:
        """Those of its trends."""
        minutes = -(-(self.to_us - self.from_us) // 60_000_000) + 1  # it begins at a whole one
        return Steps(self.from_us // 1000, self.to_us // 1000, min(MOST_STEPS, minutes))

    @property
    def about(self) -> Mapping[str, Any]:
        """As parameters of a query."""
        return {"bed": self.stay.bed, "from": self.from_us, "to": self.to_us}


async def read_vitals(store: Store, span: Span) -> list[Vital]:
    """Every metric of the patient. Raises StoreError."""
    rows = await store.read(_SUMMARY, {**span.about, "flaws": int(FLAWS)})
    names = [row["metric"] for row in rows if _is_of_patient(row["metric"])]
    last = {told.metric: told for told in await _last(store, span)}
    last_values = {told.metric: told for told in await _last(store, span, "AND value IS NOT NULL")}
    steps = span.steps
    found = await find_steps(store, span.stay.bed, names, steps, span.from_us)
    return [
        Vital(
            *(span.stay, last[row["metric"]], last_values.get(row["metric"])),
            *(row["readings"], row["valued"], row["flawed"], row["low"], row["high"], row["mean"]),
            _trend(row["metric"], steps, found),
        )
        for row in rows
        if row["metric"] in names
    ]


def _is_of_patient(name: str) -> bool:
    return name in METRICS and METRICS[name].is_of_patient


async def read_aliens(store: Store, span: Span) -> list[Alien]:
    """What was measured there, and not of the patient, as they say. Raises StoreError."""
    told = [Told(*row) for row in await store.read(_DISOWNED, span.about)]
    return [Alien(span.stay, one) for one in told if _is_of_patient(one.metric)]


async def read_score(
    store: Store, span: Span, assessments: Iterable[Assessed], at_ms: int
) -> Mapping[str, Any] | None:
    """SCORE as it was at `at_ms`, of what was measured in this stay; None: there is nothing to score."""
    values = [told for told in await _last(store, span) if told.metric in FEEDS]
    entries = {one.kind: one for one in assessments if one.at_ms <= at_ms}
    return score(values, entries, at_ms).item(at_ms) if values or entries else None


async def _last(store: Store, span: Span, which: str = "") -> list[Told]:
    """The last reading of each series, in order of time."""
    return [Told(*row) for row in await store.read(_LAST.format(which=which), span.about)]


def _trend(name: str, steps: Steps, found: Iterable[Found]) -> Trend:
    of = sorted((one for one in found if one.metric == name), key=lambda one: one.step)
    told = tuple(Step(one.step, one.low, one.high, one.mean) for one in of)
    return Trend(steps.start_us // 1000, steps.length_us // 1000, told)
