"""What is beyond a limit and no alarm yet: since when, and how long it has to hold. Pure.

since = onset.holding(value, condition)                  # without a gap
onset.wait_ns(condition, value, limit)                # longer where it is doubtful, never for ever
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from devices.model.alarm_limits import Condition
from devices.model.identity import LocationId
from devices.model.observation import Instant
from gateway.alarms.alarm import Who
from gateway.alarms.limits import CONTRADICTS

DOUBT = 3
"""So many times longer a doubtful value has to hold."""
LEAST_DOUBT_NS = 10_000_000_000
LONGEST_DOUBT_NS = 45_000_000_000
"""What both its own device and another sensor doubt; no delay, three times as long, is longer."""
OTHER_NS = 5_000_000_000
"""So long a pulse from the other sensor counts against this one."""
GAP_NS = 30_000_000_000
"""After so long without a value beyond the limit, it begins to hold anew; of what has a longer delay after
that: a thermometer in a box may measure once a minute."""

_Key = tuple[Who, str, str]
"""Whose, code and metric: each metric of a device holds for itself, so that none ends what another shows."""


class Value(NamedTuple):
    """A value, as it is judged."""

    who: Who
    metric: str
    value: Decimal
    at: Instant
    is_doubtful: bool


@dataclass(slots=True)
class Onset:
    """Of all devices of one gateway."""

    _since: dict[_Key, tuple[Instant, Instant]] = field(default_factory=dict[_Key, tuple[Instant, Instant]])
    """Since when, and when it was last seen to hold."""
    _witnessed: dict[tuple[LocationId | None, str], tuple[Decimal, Instant]] = field(
        default_factory=dict[tuple[LocationId | None, str], tuple[Decimal, Instant]]
    )

    def witness(self, bed: LocationId | None, metric: str, value: Decimal, at: Instant) -> None:
        """A value that may contradict one of another sensor of the same patient (`WITNESSES`)."""
        self._witnessed[bed, metric] = value, at

    def holding(self, value: Value, one: Condition) -> Instant:
        """Since when the condition holds without a gap, with this value."""
        key = value.who, one.code, value.metric
        since, last = self._since.get(key, (value.at, value.at))
        since = since if value.at - last < max(GAP_NS, one.delay_ns) else value.at
        self._since[key] = since, value.at
        return since

    def wait_ns(self, one: Condition, value: Value, limit: Decimal) -> int:
        """For how long it has to hold."""
        doubts = value.is_doubtful + self._is_contradicted(one, value, limit)
        if not doubts:
            return one.delay_ns
        return LONGEST_DOUBT_NS if doubts > 1 else max(DOUBT * one.delay_ns, LEAST_DOUBT_NS)

    def _is_contradicted(self, one: Condition, value: Value, limit: Decimal) -> bool:
        """Whether the other sensor of the same patient says now that all is well."""
        bed = value.who[1]
        other = self._witnessed.get((bed, CONTRADICTS.get(value.metric, "")))
        if bed is None or other is None or value.at - other[1] >= OTHER_NS:
            return False
        return not one.holds(other[0], limit)

    def over(self, who: Who, code: str, metric: str) -> None:
        """It does not hold, or it is an alarm now."""
        self._since.pop((who, code, metric), None)

    def drop(self, which: Callable[[Who], bool]) -> None:
        """Nothing of these holds any more."""
        for key in [key for key in self._since if which(key[0])]:
            del self._since[key]

    def left(self, bed: LocationId) -> None:
        """Another patient comes."""
        self.drop(lambda who: who[1] == bed)
        for key in [key for key in self._witnessed if key[0] == bed]:
            del self._witnessed[key]

    def has(self, device: str) -> bool:
        """Whether anything of the device holds."""
        return any(who[0] == device for who, _, _ in self._since)
