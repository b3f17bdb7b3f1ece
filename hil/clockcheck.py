"""The check of time: all that devices said is stored once, in the order and at the time of being said.

It shares no code with the product: it reads what the devices wrote down (`hil.faults.clocked_gateway`) and
the database's tables.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

BOUND_US = 500_000
"""By how much the time of a record may be wrong."""
SET_US = 1_735_689_600_000_000
"""2025-01-01: no clock that was set says an earlier time."""
_ROWS = """SELECT device, boot.boot, mono_us, at_us, utc_us, value FROM observation
JOIN series ON series.id = series JOIN boot ON boot.id = observation.boot
WHERE metric = ? AND observation.id > ? ORDER BY device, at_us, observation.id"""


@dataclass(frozen=True, slots=True)
class Said:
    """One value: `mono_us` by its gateway in the boot `boot`, `steady_us` in true time."""

    device: str
    boot: str
    mono_us: int
    steady_us: int
    value: float

    @property
    def key(self) -> tuple[str, str, int, int]:
        """What is the same in the store."""
        return self.device, self.boot, self.mono_us, round(self.value * 1000)


@dataclass(frozen=True, slots=True)
class Stored:
    """One row."""

    device: str
    boot: str
    mono_us: int
    at_us: int
    utc_us: int | None
    value: float

    @property
    def key(self) -> tuple[str, str, int, int]:
        """What is the same in the device's record."""
        return self.device, self.boot, self.mono_us, round(self.value * 1000)


def said(folder: Path) -> list[Said]:
    """Everything that was said, device by device, in order."""
    return [
        Said(path.stem, one["boot"], one["mono_us"], one["steady_us"], one["value"])
        for path in sorted(folder.glob("*.jsonl"))
        for one in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]


def stored(database: Path, metric: str, after: int = 0) -> list[Stored]:
    """Every row of `metric` after row `after`, device by device, in the order of its time."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as db:
        return [Stored(d, boot.hex(), *rest) for d, boot, *rest in db.execute(_ROWS, (metric, after))]


def last_row(database: Path) -> int:
    """The newest row."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as db:
        return db.execute("SELECT ifnull(max(id), 0) FROM observation").fetchone()[0]


def lost(there: list[Said], here: list[Stored]) -> list[str]:
    """What was said and is not stored."""
    missing = (Counter(one.key for one in there) - Counter(one.key for one in here)).total()
    return [f"{missing} of {len(there)} values are not stored"] * bool(missing)


def surplus(there: list[Said], here: list[Stored]) -> list[str]:
    """What is stored and was not said, or is stored twice."""
    more = (Counter(one.key for one in here) - Counter(one.key for one in there)).total()
    return [f"{more} values are stored that were not said, or twice"] * bool(more)


def out_of_order(there: list[Said], here: list[Stored]) -> list[str]:
    """Where the order of `at_us` is not that of being said."""
    place = {one.key: number for number, one in enumerate(there)}
    known = [one for one in here if one.key in place]
    wrong = [
        (one, other)
        for one, other in pairwise(known)
        if one.device == other.device and place[one.key] > place[other.key]
    ]
    if not wrong:
        return []
    one, other = wrong[0]
    return [
        f"{len(wrong)} values are out of order: of {one.device} first that of boot {one.boot[:6]}, "
        f"{one.mono_us} us, at {one.at_us}, said after that of boot {other.boot[:6]}, {other.mono_us} us, "
        f"at {other.at_us}"
    ]


def errors_us(there: list[Said], here: list[Stored], began_us: int) -> list[tuple[Stored, int]]:
    """By how much each row's time is later than it was said; `began_us`: the scale's time at true time 0."""
    true = {one.key: one.steady_us for one in there}
    return [(one, one.at_us - began_us - true[one.key]) for one in here if one.key in true]


def at_wrong_times(errors: list[tuple[Stored, int]], delays_s: Mapping[str, float]) -> list[str]:
    """Rows whose time is wrong by more than the bound and their boot's delay, if that is known."""
    wrong = [
        (one, us)
        for one, us in errors
        if one.boot in delays_s and abs(us) > BOUND_US + delays_s[one.boot] * 1e6
    ]
    if not wrong:
        return []
    one, us = max(wrong, key=lambda each: abs(each[1]))
    return [f"{len(wrong)} values have a wrong time, one of {one.device} by {us / 1e6:.2f} s"]


def never_set(here: list[Stored]) -> list[str]:
    """Rows with a time that no clock can have had."""
    wrong = sum(one.at_us < SET_US or (one.utc_us is not None and one.utc_us < SET_US) for one in here)
    return [f"{wrong} values are stamped with a time before 2025"] * bool(wrong)
