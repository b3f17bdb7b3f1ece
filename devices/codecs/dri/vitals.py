"""Readings of the physiological subrecords of the DRI.

A group that does not measure gives nothing, but when it stops, each of its metrics is told once more, without
a value. What a monitor goes on showing after one measurement (NIBP, bolus cardiac output, wedge pressure) is
told once for each measurement: it shows it for hours. Two channels of one metric (both labelled ART): the
first keeps it, the other is UNMAPPED, as are all values that the metric table lacks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.device_alarms import Alarms
from devices.codecs.dri import labels
from devices.codecs.dri.physiological import CLASSES, Field, Measured, Physiological
from devices.codecs.health import Conditions
from devices.codecs.ieee11073 import Number
from devices.model.metrics import METRICS
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading
from devices.model.units import converted

_STORED = Quality.STORED | Quality.QUESTIONABLE
"""Older than a minute when it was first seen: true then, and nobody says when that was."""
_TRAIN_OF_FOUR, _NO_COUNT = 0, 31
_CONTINUOUS = 2
_PTC_LIMIT = -31000


@dataclass(frozen=True, slots=True)
class _Batch:
    """Fields that are measured at once, and the bit of the label that says that this was over 60 s ago."""

    fields: tuple[str, ...]
    old_bit: int


_BATCHES = {
    "nibp": (_Batch(("sys", "dia", "mean", "hr"), 8),),
    "co_wedge": (_Batch(("co", "ref"), 0), _Batch(("pcwp",), 1)),
}
_SHOWN_FOR_LONG = {"nibp_sys", "nibp_dia", "nibp_map", "pr_nibp", "co", "pawp"}


class _ClassTold:
    """What one class said last."""

    def __init__(self) -> None:
        self.metrics: set[str] = set()
        self.conditions = Conditions()
        self.alarms = Alarms()


class Vitals:
    """Gives readings, STATUS, DEVICE_ALARM, MARK and UNMAPPED."""

    def __init__(self) -> None:
        self._told = [_ClassTold() for _ in CLASSES]
        self._batches: dict[_Batch, tuple[tuple[int, ...], bool]] = {}
        self._unmapped: dict[str, str] = {}
        self._marker: int | None = None
        self._is_train_of_four = False

    def told(self, classes: Sequence[Physiological], level: int, now: Instant) -> list[Said]:
        """What the classes say that arrived at `now` in one record of `level`."""
        said: list[Said] = []
        readings: dict[str, Reading] = {}
        for one in classes:
            told, others = self._told[one.number], set(readings)
            said += told.conditions.become(labels.conditions(one.groups), now)
            said += [*told.alarms.become(labels.alarms(one.groups), now), *self._mark(one.marker, now)]
            for group in one.groups.values():
                if group.is_active:
                    said += self._group(group, level, now, readings)
            ended = sorted(told.metrics - set(readings))
            told.metrics = set(readings) - others - _SHOWN_FOR_LONG
            readings |= {name: Reading(name, now, None, NoValue.NOT_AVAILABLE) for name in ended}
        return [*said, *readings.values()]

    def _group(
        self, one: Measured, level: int, now: Instant, readings: dict[str, Reading]
    ) -> Iterator[DeviceEvent]:
        """Put the group's values into `readings`; give those that cannot be there."""
        qualities = self._qualities(one)
        for field, raw in zip(one.group.fields, one.raw, strict=True):
            for name, metric, number, unit in self._values(one, field, raw, level):
                quality = qualities.get(field.name, labels.quality(one))
                if quality is None:
                    continue
                before = readings.get(metric) if metric else None
                if metric and (before is None or before.value is None):
                    readings[metric] = _reading(metric, number, unit, now, quality)
                elif isinstance(number, Decimal) and (before is None or before.value != number):
                    yield from self._changed(name, number, unit, labels.text(one), now)

    def _values(
        self, one: Measured, field: Field, raw: int, level: int
    ) -> Iterator[tuple[str, str | None, Number, str]]:
        """(code, metric, number, unit) of what one field says."""
        name = f"{one.group.name}.{field.name}"
        number = field.number(raw)
        match name:
            case "co2.et" | "co2.fi":
                yield name, f"{field.name}co2", labels.partial_pressure(one, number), "mm[Hg]"
            case "co2.amb_press" | "arrh_ecg.low" | "arrh_ecg.high" | "arrh_ecg.hr":
                return
            case "nmt.ptc":
                self._is_train_of_four = one.bits(2, 3) == _TRAIN_OF_FOUR
                yield from _twitches(raw)
            case "nmt2.count":
                yield name, "tof_count" if self._is_train_of_four else None, number, "1"
            case _:
                yield name, labels.metric(one, field, level), number, field.unit

    def _qualities(self, one: Measured) -> dict[str, Quality | None]:
        """Of the fields that a monitor goes on showing: None where this measurement was told already."""
        found: dict[str, Quality | None] = {}
        for batch in _BATCHES.get(one.group.name, ()):
            pairs = zip(one.group.fields, one.raw, strict=True)
            values = tuple(raw for field, raw in pairs if field.name in batch.fields)
            is_old = bool(one.label >> batch.old_bit & 1)
            values_before, was_old = self._batches.get(batch, ((), True))
            self._batches[batch] = values, is_old
            is_continuous = one.group.name == "co_wedge" and one.label >> 2 & 7 == _CONTINUOUS
            is_new = values != values_before or (was_old and not is_old) or is_continuous
            quality = (_STORED if is_old else Quality.GOOD) if is_new else None
            found |= dict.fromkeys(batch.fields, quality)
        return found

    def _changed(
        self, code: str, number: Decimal, unit: str, text: str, now: Instant
    ) -> Iterator[DeviceEvent]:
        value = str(number)
        if self._unmapped.get(code) != value:
            self._unmapped[code] = value
            detail: dict[str, str | int] = {
                "code": code,
                "system": labels.SYSTEM,
                "value": value,
                "unit": unit,
            }
            yield DeviceEvent(EventKind.UNMAPPED, now, detail | ({"text": text} if text else {}))

    def _mark(self, marker: int, now: Instant) -> list[DeviceEvent]:
        before, self._marker = self._marker, marker
        if before is None or marker == before:
            return []
        return [DeviceEvent(EventKind.MARK, now, {"code": str(marker), "text": f"mark {marker}"})]


def _twitches(raw: int) -> Iterator[tuple[str, str | None, Number, str]]:
    """The two counts and the current in field `ptc` (DRI table 3-43). The train's count is nmt2's to tell."""
    if raw <= _PTC_LIMIT:
        return
    bits = raw & 0xFFFF
    if bits & 31 != _NO_COUNT:
        yield "nmt.post_tetanic_count", None, Decimal(bits & 31), "1"
    yield "nmt.stimulus_current", None, Decimal(bits >> 9), "mA"


def _reading(metric: str, number: Number, unit: str, now: Instant, quality: Quality) -> Reading:
    if isinstance(number, NoValue):
        return Reading(metric, now, None, number, quality)
    wanted = METRICS[metric].unit
    same = {unit, wanted} <= {"1", "{count}"}
    return Reading(metric, now, number if same else converted(number, unit, wanted), None, quality)
