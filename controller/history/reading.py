"""What was measured on a bed, found again: trends of readings, runs of waveforms.

Extremes are those of the rows, whether they come from rollups or from the rows themselves. What a patient at
home says was not measured of them is in none; find_disowned has it.
"""

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from controller.history.rollup import MINUTE, MINUTE_US, OURS, waiting
from controller.store import Store

WHOLE_MINUTES_FROM_US = 30_000_000
"""Steps longer than this are made of whole minutes, so that rollups can answer."""
FAR_BEHIND = 200_000
"""Observations not rolled up yet that are too many to look through: then all is answered from the rows."""
LONGEST_RUN_US = 60_000_000
"""No waveform record is longer."""


class Steps:
    """At most `points` equal steps that cover `from_ms` to `to_ms`; long ones begin at whole minutes."""

    def __init__(self, from_ms: int, to_ms: int, points: int) -> None:
        self.from_us, self.to_us = from_ms * 1000, to_ms * 1000
        unit, self.start_us = 1000, self.from_us
        if self.to_us - self.from_us > WHOLE_MINUTES_FROM_US * points:
            unit, self.start_us = MINUTE_US, self.from_us // MINUTE_US * MINUTE_US
        self.length_us = -(-(self.to_us - self.start_us) // (points * unit)) * unit
        self.count = -(-(self.to_us - self.start_us) // self.length_us)

    @property
    def are_whole_minutes(self) -> bool:
        """Whether each step is some minutes of the rollup."""
        return self.length_us % MINUTE_US == 0 and self.start_us % MINUTE_US == 0

    def middle_ms(self, step: int) -> int:
        """The time in the middle of a step."""
        return (self.start_us + step * self.length_us + self.length_us // 2) // 1000


class Found(NamedTuple):
    """What was measured of a metric in one step."""

    metric: str
    step: int
    low: float
    high: float
    mean: float


class Alien(NamedTuple):
    """A reading that the patient says is somebody else's."""

    metric: str
    at_us: int
    value: float


class Run(NamedTuple):
    """Samples without a gap: value i, at `at_us` + i / rate, is sample i × scale + offset; -32768: none."""

    metric: str
    device: str
    at_us: int
    rate_mhz: int
    scale: float
    offset: float
    quality: int
    samples: bytes
    """int16, little-endian."""


_WANTED = """WITH wanted AS MATERIALIZED (
  SELECT id, metric FROM series WHERE bed = :bed AND metric IN (SELECT value FROM json_each(:metrics)))"""
_STEP = """SELECT metric, (at_us - :start) / :length AS step, min(low), max(high), sum(total) / sum(readings)
FROM ({parts}) GROUP BY metric, step"""
_VALUES = "metric, at_us, value AS low, value AS high, value AS total, 1 AS readings"
_IN_ROLLUP = "metric, minute * 60000000 AS at_us, low, high, total, readings"

_ROWS = f"""SELECT {_VALUES} FROM wanted CROSS JOIN observation ON series = wanted.id
WHERE at_us >= :{{begin}} AND at_us < :{{end}} AND value IS NOT NULL AND observation.{OURS}"""
# Of a minute whose rows are gone only this is known. It is shown whole where the time asked for cuts it.
_DROPPED = f"""SELECT {_IN_ROLLUP.replace("minute * 60000000", "max(:first, minute * 60000000)")}
FROM wanted CROSS JOIN rollup ON series = wanted.id
WHERE dropped = 1 AND readings > 0 AND minute >= :dropped_begin AND minute < :dropped_end"""
_ROLLED_UP = f"""SELECT {_IN_ROLLUP} FROM wanted CROSS JOIN rollup ON series = wanted.id
WHERE dropped = 0 AND readings > 0 AND minute >= :minute_begin AND minute < :minute_end
  AND NOT EXISTS (SELECT 1 FROM rollup_doubtful AS doubtful
    WHERE doubtful.series = rollup.series AND doubtful.minute = rollup.minute)"""
_DOUBTFUL = f"""SELECT {_VALUES} FROM wanted CROSS JOIN rollup_doubtful AS doubtful
CROSS JOIN observation ON doubtful.series = wanted.id AND observation.series = wanted.id
  AND at_us >= minute * 60000000 AND at_us < (minute + 1) * 60000000
WHERE minute >= :minute_begin AND minute < :minute_end AND value IS NOT NULL AND observation.{OURS}"""
_WAITING = f"""SELECT {_VALUES} FROM observation CROSS JOIN wanted ON wanted.id = series
WHERE observation.id > (SELECT value FROM meta WHERE key = 'rolled-up')
  AND at_us >= :minute_begin * 60000000 AND at_us < :minute_end * 60000000 AND value IS NOT NULL
  AND observation.{OURS}
  AND NOT EXISTS (SELECT 1 FROM rollup_doubtful AS doubtful
    WHERE doubtful.series = wanted.id AND doubtful.minute = {MINUTE})"""


def _query(*parts: str) -> str:
    return f"{_WANTED} {_STEP.format(parts=' UNION ALL '.join(parts))}"


FROM_ROWS = _query(_ROWS.format(begin="first", end="to"), _DROPPED)
FROM_ROLLUPS = _query(
    _ROLLED_UP,
    _WAITING,
    _DOUBTFUL,
    _ROWS.format(begin="first", end="head_end"),
    _ROWS.format(begin="tail_begin", end="to"),
    _DROPPED,
)
_DISOWNED = """SELECT metric, at_us, value FROM disowned JOIN observation ON observation.id = reading
JOIN series ON series.id = series WHERE bed = ? AND metric IN (SELECT value FROM json_each(?))
AND at_us >= ? AND at_us < ? AND value IS NOT NULL ORDER BY at_us"""
_RUNS = """SELECT metric, device, at_us, rate_mhz, scale, "offset", quality, samples
FROM series CROSS JOIN waveform ON waveform.series = series.id
WHERE bed = ? AND metric = ? AND at_us >= ? AND at_us < ? ORDER BY at_us, waveform.id"""


async def find_steps(
    store: Store, bed: str, metrics: Iterable[str], steps: Steps, began_us: int
) -> list[Found]:
    """The steps in which anything was measured on `bed` since `began_us`. Raises StoreError."""
    first_us = max(steps.from_us, began_us)
    if first_us >= steps.to_us:
        return []
    by_rollup = steps.are_whole_minutes and await waiting(store) <= FAR_BEHIND
    about = {
        "bed": bed,
        "metrics": json.dumps(list(metrics)),
        "start": steps.start_us,
        "length": steps.length_us,
    }
    edges = _edges(first_us, steps.to_us, began_us)
    rows = await store.read(FROM_ROLLUPS if by_rollup else FROM_ROWS, about | edges)
    return [Found(*row) for row in rows]


def _edges(first_us: int, to_us: int, began_us: int) -> dict[str, int]:
    """Where whole minutes begin and end; what is before and after them is answered from rows.

    A dropped minute counts wherever the time asked for touches it, but not if another patient was in it.
    """
    minute_begin, minute_end = -(-first_us // MINUTE_US), to_us // MINUTE_US
    minute_end = max(minute_begin, minute_end)
    return {
        "first": first_us,
        "to": to_us,
        "minute_begin": minute_begin,
        "minute_end": minute_end,
        "head_end": min(minute_begin * MINUTE_US, to_us),
        "tail_begin": minute_end * MINUTE_US,
        "dropped_begin": max(first_us // MINUTE_US, -(-began_us // MINUTE_US)),
        "dropped_end": -(-to_us // MINUTE_US),
    }


async def find_disowned(store: Store, bed: str, metrics: Iterable[str], span: tuple[int, int]) -> list[Alien]:
    """What was measured on `bed` from a time to another (µs), and not of its patient, as they say. Raises
    StoreError."""
    rows = await store.read(_DISOWNED, (bed, json.dumps(list(metrics)), *span))
    return [Alien(*row) for row in rows]


async def measured_on(store: Store, bed: str) -> set[str]:
    """The metrics that were ever measured on `bed`. Raises StoreError."""
    return {row["metric"] for row in await store.read("SELECT metric FROM series WHERE bed = ?", (bed,))}


async def find_runs(store: Store, bed: str, metric: str, from_us: int, to_us: int) -> list[Run]:
    """The waveform records of `bed` with samples from `from_us` to `to_us`, in order. Raises StoreError."""
    rows = await store.read(_RUNS, (bed, metric, from_us - LONGEST_RUN_US, to_us))
    runs = (_run(row) for row in rows)
    return [run for run in runs if end_us(run) > from_us]


def end_us(run: Run) -> float:
    """When the sample after the last one was due."""
    return run.at_us + len(run.samples) // 2 * 1_000_000_000 / run.rate_mhz


def _run(row: sqlite3.Row) -> Run:
    """The one place that knows how samples lie in the store."""
    return Run(*tuple(row))
