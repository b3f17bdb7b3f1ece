"""How warm it was: extremes, time outside of the range, and gaps, from a box's readings alone. Pure.

course = course_of(readings, begin_ms, allowed, gap_ms)
course.until(now_ms)                    # a Record: the time since the last reading counts, too

A reading stands until the next, but no longer than a gap: what nobody measured is unknown, and neither warm
nor cold. Temperatures are °C; the ends of a range are within it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import inf
from typing import NamedTuple


class Range(NamedTuple):
    """As what label or pharmacopoeia says, °C."""

    low: Decimal
    high: Decimal

    def holds(self, value: float) -> bool:
        """Whether `value` is within it."""
        return float(self.low) <= value <= float(self.high)

    def within(self, other: "Range") -> "Range":
        """What both allow."""
        return Range(max(self.low, other.low), min(self.high, other.high))


COLD = Range(Decimal(2), Decimal(8))
"""What a formulary calls cooled, and labels "store in a refrigerator" (WHO TRS 961, annex 9)."""


class Reading(NamedTuple):
    """What a thermometer in the box said; None: it had no value."""

    at_ms: int
    value: float | None


class Gap(NamedTuple):
    """Nobody knows how warm it was."""

    from_ms: int
    to_ms: int


class ColdDoubt(StrEnum):
    """Why somebody has to judge it."""

    RANGE = "range-left"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Record:
    """From packing to a moment. None: nothing was measured."""

    readings: int
    lowest: float | None
    highest: float | None
    last: float | None
    last_ms: int | None
    outside_ms: int
    gaps: tuple[Gap, ...]
    """Longer than may be."""

    @property
    def gap_ms(self) -> int:
        """The longest of them; 0: there is none."""
        return max((one.to_ms - one.from_ms for one in self.gaps), default=0)

    def doubts(self, allowed: Range) -> frozenset[ColdDoubt]:
        """What somebody has to judge."""
        ends = [one for one in (self.lowest, self.highest) if one is not None]
        left = {ColdDoubt.RANGE} if any(not allowed.holds(one) for one in ends) else set[ColdDoubt]()
        return frozenset(left | ({ColdDoubt.GAP} if self.gaps else set()))

    def is_worse(self, judged: "Record", allowed: Range) -> bool:
        """Whether it has something against it that the record which was `judged` had not."""
        more = self.outside_ms > judged.outside_ms or self.gap_ms > judged.gap_ms
        ends = [one for one in (self.lowest, self.highest) if one is not None and not allowed.holds(one)]
        return more or any(one not in (judged.lowest, judged.highest) for one in ends)


class Course:
    """What readings say one after the other; a day has 21,600 of them, one each 4 s."""

    def __init__(self, begin_ms: int, allowed: Range, longest_ms: int) -> None:
        self._low, self._high, self._longest_ms = float(allowed.low), float(allowed.high), longest_ms
        self._since_ms = begin_ms
        """Packed, or the last reading with a value."""
        self._readings = self._outside_ms = 0
        self._lowest, self._highest = inf, -inf
        self._last: float | None = None
        self._gaps: list[Gap] = []

    def add(self, at_ms: int, value: float | None) -> None:
        """The next, which is not earlier than the last."""
        if value is None:
            return
        outside_ms, gap = self._pause(at_ms)
        self._outside_ms += outside_ms
        self._gaps += gap
        self._readings += 1
        self._lowest, self._highest = min(self._lowest, value), max(self._highest, value)
        self._last, self._since_ms = value, at_ms

    def until(self, end_ms: int) -> Record:
        """With the time since the last reading."""
        outside_ms, gap = self._pause(end_ms)
        told = self._outside_ms + outside_ms, (*self._gaps, *gap)
        if self._last is None:
            return Record(0, None, None, None, None, *told)
        return Record(self._readings, self._lowest, self._highest, self._last, self._since_ms, *told)

    def _pause(self, at_ms: int) -> tuple[int, list[Gap]]:
        """Since the last reading: how long it was outside, and the gap if it is one."""
        pause = max(0, at_ms - self._since_ms)
        is_out = self._last is not None and not self._low <= self._last <= self._high
        gap = [Gap(self._since_ms, at_ms)] if pause > self._longest_ms else []
        return min(pause, self._longest_ms) if is_out else 0, gap


def course_of(readings: Iterable[Reading], begin_ms: int, allowed: Range, longest_ms: int) -> Course:
    """Of readings in order of time; a pause longer than `longest_ms` is a gap."""
    course = Course(begin_ms, allowed, longest_ms)
    for at_ms, value in readings:
        course.add(at_ms, value)
    return course
