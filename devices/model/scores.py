"""NEWS2, the National Early Warning Score 2, with the reason for every point.

score = news2({Parameter.PULSE: Seen(96, at_ms, limit_ms), ...}, now_ms, scale=1)

Royal College of Physicians, 2017 (devices/model/scores_chart.py has the chart), chart 2 for the risk. It is
for people of 16 years and more who are not pregnant (same, recommendations). Of a parameter that is missing,
too old or flawed nothing is known: the score is incomplete then, and what is known is a lower bound, never
the score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from devices.model.scores_chart import CVPU_POINTS, OXYGEN_POINTS, Parameter, row_of

_HIGH, _MEDIUM, _RED = 7, 5, 3
FUTURE_MS = 2_000
"""Two clocks may differ by so much before a value counts as undated."""


class Risk(StrEnum):
    """Chart 2: the clinical risk."""

    LOW = "low"
    LOW_MEDIUM = "low-medium"
    """Up to 4 in all, and 3 for one parameter."""
    MEDIUM = "medium"
    HIGH = "high"


class Lack(StrEnum):
    """Why a parameter does not count."""

    MISSING = "missing"
    STALE = "stale"
    FLAWED = "flawed"
    """It is there, and the device or the gateway says something against it."""
    UNDATED = "undated"
    """It is of a time to come: nobody knows how old it is."""


class Seen(NamedTuple):
    """What a parameter was at `at_ms`; it counts until it is `limit_ms` old (None: for ever)."""

    value: float
    at_ms: int
    limit_ms: int | None
    flawed: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the score. `points` None: it does not count, because of `lack`."""

    parameter: Parameter
    seen: Seen | None
    points: int | None
    reason: str = ""
    """The chart's field, as the chart prints it."""
    under: str = ""
    lack: Lack | None = None


@dataclass(frozen=True, slots=True)
class News2:
    """A score, and all that it was made of."""

    parts: tuple[Part, ...]
    scale: int

    @property
    def least(self) -> int:
        """The sum of what is known: the score if it is complete, else a lower bound."""
        return sum(part.points or 0 for part in self.parts)

    @property
    def missing(self) -> tuple[Parameter, ...]:
        """What does not count."""
        return tuple(part.parameter for part in self.parts if part.points is None)

    @property
    def total(self) -> int | None:
        """The score; None when something is missing."""
        return None if self.missing else self.least

    @property
    def risk(self) -> Risk:
        """The band of what is known: of an incomplete score the real one is this or a higher one."""
        if self.least >= _HIGH:
            return Risk.HIGH
        if self.least >= _MEDIUM:
            return Risk.MEDIUM
        return Risk.LOW_MEDIUM if any(part.points == _RED for part in self.parts) else Risk.LOW

    @property
    def oldest_ms(self) -> int | None:
        """When the oldest was seen of what counts; None: nothing does."""
        counted = [part.seen.at_ms for part in self.parts if part.seen and part.points is not None]
        return min(counted, default=None)


def news2(seen: Mapping[Parameter, Seen], now_ms: int, scale: int = 1) -> News2:
    """The score of what was `seen`, at `now_ms` of the same time scale. `scale`: of SpO2, 1 or 2."""
    lacks = {parameter: lack_of(seen.get(parameter), now_ms) for parameter in Parameter}
    oxygen = seen.get(Parameter.OXYGEN) if lacks[Parameter.OXYGEN] is None else None
    # Air, as long as nobody said otherwise, gives the fewer points by scale 2; oxygen is missing then anyway.
    on_oxygen = oxygen is not None and bool(oxygen.value)
    parts = (_part(one, seen.get(one), lacks[one], scale=scale, on_oxygen=on_oxygen) for one in Parameter)
    return News2(tuple(parts), scale)


def lack_of(seen: Seen | None, now_ms: int) -> Lack | None:
    """Why this does not count now; None: it does."""
    if seen is None:
        return Lack.MISSING
    if now_ms - seen.at_ms < -FUTURE_MS:
        return Lack.UNDATED
    if seen.limit_ms is not None and now_ms - seen.at_ms > seen.limit_ms:
        return Lack.STALE
    return Lack.FLAWED if seen.flawed else None


def _part(parameter: Parameter, seen: Seen | None, lack: Lack | None, *, scale: int, on_oxygen: bool) -> Part:
    if seen is None or lack is not None:
        return Part(parameter, seen, None, lack=lack)
    match parameter:
        case Parameter.OXYGEN:
            return Part(parameter, seen, OXYGEN_POINTS if seen.value else 0)
        case Parameter.CONSCIOUSNESS:
            return Part(parameter, seen, CVPU_POINTS if seen.value else 0)
        case _:
            row = row_of(parameter, seen.value, scale, on_oxygen=on_oxygen)
            return Part(parameter, seen, row.points, row.text, row.under)
