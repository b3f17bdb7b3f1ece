"""One numeric OBX of a monitor as a reading: its value, or why there is none, and when it was measured."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from devices.codecs.device_clock import FRESH_S, Moment
from devices.codecs.hl7.message import Segment
from devices.codecs.hl7.terms import in_metric_unit, metric_of, unit_of
from devices.model.glucose import measured_in
from devices.model.metrics import Metric, by_name
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading, later

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(?:(\d\d))?)?(?:\.?\d*)([+-]\d{4})?")
"""HL7's DTM; Mindray leaves the point before the fraction out."""
_PAST_S = 2.0
_NUMERIC = frozenset({"", "NM", "ST", "SN"})
_SENTINELS = frozenset({Decimal(-100), Decimal(-999), Decimal("-99.9")})
_NEVER_NEGATIVE = Decimal(-1)
_NO_NUMBER = frozenset({"", "nan", "na", "n/a", "null", "inv", "invalid", "unavailable"})
"""Texts in the place of a number, without the marks around them."""
_NO_RESULT = frozenset({"X", "N", "D", "W"})
"""OBX-11 (table 0085): no results, not asked for, deleted, wrong."""
_STATES = {"INV": NoValue.INVALID, "NAV": NoValue.NOT_AVAILABLE, "NOTAVAIL": NoValue.NOT_AVAILABLE}
_QUALITIES = {
    "QUES": Quality.QUESTIONABLE,
    "EARLY": Quality.QUESTIONABLE,
    "DEMO": Quality.TEST_DATA,
    "TEST": Quality.TEST_DATA,
    "CAL": Quality.TEST_DATA,
    "CALIB": Quality.TEST_DATA,
}
"""OBX-8: the measurement states that IHE PCD adds to table 0078."""
_SETTINGS = frozenset({"ASET", "MSET", "RSET"})
"""OBX-17: automatic, manual and remote setting."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A reading, and the device's time of it: `time` as it was told, `clock` its DEVICE_CLOCK event."""

    reading: Reading
    time: str
    clock: DeviceEvent | None
    is_past: bool
    """Whether it was measured before its message was made: it may have been told already."""


class Clock:
    """The device's clock as one message shows it: MSH-7, else OBR-7, is now."""

    def __init__(self, header: Segment, order: Segment, now: Instant) -> None:
        self._now = now
        self._shown = header.component(7, 1) or order.component(7, 1)
        self._observed = order.component(7, 1) or self._shown

    def placed(self, obx: Segment) -> tuple[Moment, str, DeviceEvent | None]:
        """When `obx` was measured (OBX-14, else OBR-7), the device's own time of that, and the event."""
        told = obx.component(14, 1) or self._observed
        when = _parsed(told)
        if when is None:
            return Moment(self._now), told, None
        age_s = _age_s(when, _parsed(self._shown))
        if age_s is None or age_s < -FRESH_S:
            moment = Moment(self._now, Quality.QUESTIONABLE)
        else:
            stored = Quality.STORED if age_s > FRESH_S else Quality.GOOD
            moment = Moment(later(self._now, -max(age_s, 0.0)), stored)
        event = DeviceEvent(EventKind.DEVICE_CLOCK, moment.at, {"time": when[0].isoformat(), "set": 1})
        return moment, told, event

    def is_past(self, moment: Moment) -> bool:
        """Whether `moment` was so long before the message that it may repeat what was told already."""
        return moment.at <= later(self._now, -_PAST_S)


_Told = tuple[datetime, timedelta | None]
"""A local time, and its offset from UTC where that is told."""


def _parsed(text: str) -> _Told | None:
    """HL7's DTM; None if it is none."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    try:
        when = datetime(*(int(part or 0) for part in match.groups()[:6]), tzinfo=None)  # noqa: DTZ001 - as told
        zone = match[7]
        offset = (
            timedelta(hours=int(f"{zone[0]}{zone[1:3]}"), minutes=int(zone[0] + zone[3:])) if zone else None
        )
    except ValueError:
        return None
    return when, offset


def _age_s(when: _Told, shown: _Told | None) -> float | None:
    """How long before `shown` it was `when`; zones count where both tell theirs."""
    if shown is None:
        return None
    age = shown[0] - when[0]
    if shown[1] is not None and when[1] is not None:
        age -= shown[1] - when[1]
    return age.total_seconds()


def read(obx: Segment, header: Segment, clock: Clock) -> Observation | None:
    """The reading that `obx` is; None if its metric, unit or kind is not known without doubt."""
    metric = _metric(obx)
    if metric is None or metric.is_waveform or obx.component(2, 1).upper() not in _NUMERIC:
        return None
    if obx.component(17, 1).upper() in _SETTINGS and not metric.name.endswith("_set"):
        return None
    found = _value(obx, metric)
    if found is None:
        return None
    moment, time, event = clock.placed(obx)
    value, reason = (None, found) if isinstance(found, NoValue) else (found, None)
    reading = Reading(metric.name, moment.at, value, reason, moment.quality | _quality(obx, header))
    return Observation(reading, time, event, clock.is_past(moment))


def _metric(obx: Segment) -> Metric | None:
    """Of glucose the one that is in the unit that is told, whichever of both its term is."""
    metric = metric_of(obx)
    return metric and by_name(measured_in(metric.name, unit_of(obx)))


def _value(obx: Segment, metric: Metric) -> Decimal | NoValue | None:
    """The value in the metric's unit, why there is none, or None where it cannot be told what it is."""
    states = [one.split(obx.marks.component, 1)[0].strip().upper() for one in obx.repetitions(8)]
    told = next((_STATES[state] for state in states if state in _STATES), None)
    text = _number_text(obx)
    if (
        told is not None
        or obx.component(11, 1).upper() in _NO_RESULT
        or text.strip("-*?. ").lower() in _NO_NUMBER
    ):
        return told or NoValue.NOT_AVAILABLE
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    never_negative = metric.physio_low is None or metric.physio_low >= 0
    if number in _SENTINELS or (number == _NEVER_NEGATIVE and never_negative):
        return NoValue.NOT_AVAILABLE
    value = in_metric_unit(number, unit_of(obx), metric)
    is_below = value is not None and value < min(metric.reject_low, Decimal(0))
    return NoValue.NOT_AVAILABLE if is_below else value


def _number_text(obx: Segment) -> str:
    """OBX-5 as one text; a structured number (SN) as its number, if it has no comparator and but one."""
    comparator, number, *others = [*obx.components(5), ""]
    is_plain = comparator.strip() in ("", "=") and not any(others)
    return number.strip() if is_plain and number else obx.text(5)


def _quality(obx: Segment, header: Segment) -> Quality:
    states = [one.split(obx.marks.component, 1)[0].strip().upper() for one in obx.repetitions(8)]
    quality = Quality.TEST_DATA if header.component(11, 1).upper() == "T" else Quality.GOOD
    for state in states:
        quality |= _QUALITIES.get(state, Quality.GOOD)
    return quality
