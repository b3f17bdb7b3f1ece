"""Readings of numeric objects.

An object without a value measures nothing: if it did before, that is told once. Of several objects with one
metric (two temperatures of no named place) the first keeps it while it has a value; others are UNMAPPED.
A measurement with a time stamp (a cuff's) is told once, and its age is that of its stamp.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.device_clock import FRESH_S
from devices.codecs.intellivue import nomenclature, values
from devices.codecs.intellivue.message import TICKS_PER_S, Observation, Octets, Polled
from devices.errors import UnknownUnit
from devices.model.metrics import METRICS
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading, later
from devices.model.units import converted

_MM_PER_MV = 10
"""ST is told in mm of paper at 10 mm/mV. Perfusion is told without a unit, and is the percentage."""
_GREATEST = 9
"""The power of ten that no number of a metric reaches."""
_LONGEST_AGE_S = 30 * 86_400.0
"""A stamp that is older, or of the future, is of a clock that was set in between: it places nothing."""
_UNKNOWN_S = 2 * _LONGEST_AGE_S
"""The age where the monitor has not yet told what its clock shows."""
_MOST_OBJECTS = 1000
"""More than a monitor has."""
_SCALAR = {"1", "{count}", "{score}"}

_Key = tuple[int, int]
"""Context and handle."""
_Owner = tuple[_Key, int]
"""With the physiological identifier."""
_OWNED_S = 5.0
"""A metric that its object has not told for so long is free: objects may vanish without a word."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What the monitor's two clocks showed at once."""

    absolute: datetime
    ticks: int

    def at(self, ticks: int) -> datetime:
        """The absolute time when the relative one is `ticks` (32 bits: it turns over)."""
        passed = (ticks - self.ticks + 2**31) % 2**32 - 2**31
        return self.absolute + timedelta(seconds=passed / TICKS_PER_S)


class Numerics:
    """Gives readings and UNMAPPED."""

    def __init__(self) -> None:
        self._owners: dict[str, tuple[_Owner, Instant]] = {}
        self._metrics: dict[_Key, set[str]] = {}
        self._labels: dict[_Key, str] = {}
        self._stamped: dict[_Key, tuple[object, ...]] = {}
        self._unmapped: dict[_Owner, str] = {}

    def told(self, polled: Polled, clock: Clock | None, now: Instant) -> Iterator[Said]:
        """What a poll's result says. Raises BadBytes."""
        if len(self._labels) + len(self._stamped) + len(self._unmapped) > _MOST_OBJECTS:
            self._labels, self._stamped, self._unmapped = {}, {}, {}
        for one in polled.observations:
            key = one.context, one.handle
            if values.LABEL_TEXT in one.attributes:
                self._labels[key] = values.texts(one.attributes[values.LABEL_TEXT])
            observed = values.observed(one.attributes)
            if not observed:
                yield from self._ended(key, set(), now)
                continue
            mine = [self._owns((key, value.code), now) for value in observed]
            age_s = _age_s(one, polled.ticks, clock)
            if age_s is not None and not self._is_new(key, one, observed):
                continue
            pairs = zip(observed, mine, strict=True)
            readings = [said for value, name in pairs for said in self._value(key, value, name, now)]
            yield from (_aged(said, age_s, now) for said in readings)
            yield from self._ended(key, {said.metric for said in readings if isinstance(said, Reading)}, now)

    def _is_new(self, key: _Key, one: Observation, observed: list[values.Observed]) -> bool:
        stamp = one.attributes.get(values.ABSOLUTE_STAMP) or one.attributes.get(values.RELATIVE_STAMP)
        told = (stamp, *((value.code, value.number, values.reason(value.state)) for value in observed))
        is_new = self._stamped.get(key) != told
        self._stamped[key] = told
        return is_new

    def _ended(self, key: _Key, metrics: set[str], now: Instant) -> Iterator[Said]:
        for name in sorted(self._metrics.pop(key, set()) - metrics):
            self._owners.pop(name, None)
            yield Reading(name, now, None, NoValue.NOT_AVAILABLE)
        if metrics:
            self._metrics[key] = metrics

    def _owns(self, owner: _Owner, now: Instant) -> str | None:
        """The metric of `owner`; None if it has none, or another object has it."""
        name = nomenclature.numeric(owner[1])
        if name is None:
            return None
        present, told_at = self._owners.get(name, (owner, now))
        if present != owner and now < later(told_at, _OWNED_S):
            return None
        self._owners[name] = owner, now
        return name

    def _value(self, key: _Key, value: values.Observed, name: str | None, now: Instant) -> Iterator[Said]:
        reason = values.reason(value.state)
        number = reason if reason is not None else value.number
        if name:
            reading = _reading(name, number, nomenclature.unit(value.unit), now, values.quality(value.state))
            if reading is not None:
                yield reading
                return
        owner = key, value.code
        if isinstance(number, Decimal) and self._unmapped.get(owner) != str(number):
            self._unmapped[owner] = str(number)
            detail: dict[str, str | int] = {"code": str(value.code), "system": nomenclature.SYSTEM}
            detail |= {"value": str(number), "unit": nomenclature.unit(value.unit)}
            text = self._labels.get(key)
            yield DeviceEvent(EventKind.UNMAPPED, now, detail | ({"text": text} if text else {}))


def _reading(
    name: str, number: Decimal | NoValue, unit: str, now: Instant, quality: Quality
) -> Reading | None:
    """None if the number is in a unit that cannot become the metric's."""
    if isinstance(number, NoValue):
        return Reading(name, now, None, number, quality)
    wanted = METRICS[name].unit
    if (unit, wanted) == ("mm", "mV"):
        return Reading(name, now, number / _MM_PER_MV, None, quality)
    if {unit, wanted} <= _SCALAR or (name == "pi" and unit == "1"):
        return Reading(name, now, number, None, quality)
    if unit == "1" or number.adjusted() > _GREATEST:
        return None
    try:
        return Reading(name, now, converted(number, unit, wanted), None, quality)
    except UnknownUnit:
        return None


def _age_s(one: Observation, ticks: int, clock: Clock | None) -> float | None:
    """How long ago a stamped measurement was, by the monitor's clocks; None for one without a stamp."""
    if values.RELATIVE_STAMP in one.attributes:
        stamp = Octets(one.attributes[values.RELATIVE_STAMP]).uint(4)
        return ((ticks - stamp) % 2**32) / TICKS_PER_S
    if values.ABSOLUTE_STAMP not in one.attributes:
        return None
    moment = values.absolute_time(one.attributes[values.ABSOLUTE_STAMP])
    if moment is None:
        return 0.0
    return (clock.at(ticks) - moment).total_seconds() if clock else _UNKNOWN_S


def _aged(said: Said, age_s: float | None, now: Instant) -> Said:
    if age_s is None or abs(age_s) <= FRESH_S or not isinstance(said, Reading) or said.value is None:
        return said
    if not 0 <= age_s <= _LONGEST_AGE_S:
        return replace(said, quality=said.quality | Quality.STORED | Quality.QUESTIONABLE)
    return replace(said, at=later(now, -age_s), quality=said.quality | Quality.STORED)
