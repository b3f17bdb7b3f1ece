"""Puritan Bennett 840 and 980, port for reports: asks for one after the other, tells what is in them.

Settings are never told as measured values: of those only the set rate has a metric. 77, the delivered oxygen,
is blank when the O2 sensor is switched off; the set one is not put in its place.
The result of a manoeuvre is repeated by the ventilator for hours: only the report that brings a new one makes
a reading. It is a STORED one if nobody knows when it was measured: in the first report, in that of another
ventilator, and after a time without reports.
"""

from collections.abc import Mapping
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.puritan_bennett.fields import (
    DATE,
    IDENTITY,
    NUMBER,
    SILENCE,
    TIME,
    Field,
    Kind,
    fields_of,
)
from devices.codecs.puritan_bennett.report import SNDA, SNDF, Report, ReportReader, decode_time
from devices.model.metrics import by_name
from devices.model.observation import (
    DeviceEvent,
    EventKind,
    Instant,
    NoValue,
    Quality,
    Reading,
    later,
)
from devices.model.units import converted

_PRIORITIES = {"LOW": "low", "MEDIUM": "medium", "HIGH": "high"}
_ACTIVE = {"ALARM", "ALERT", *_PRIORITIES}


class PuritanBennett:
    """Gives the metrics of a report's fields, DEVICE_CLOCK, IDENTITY, DEVICE_ALARM, the STATUS
    `alarm-silenced`, UNMAPPED for all other fields when they change, BAD_BYTES and REFUSED.

    SNDF is asked for; until it was answered once, SNDA in turn with it, which is all that the oldest software
    knows. Where that is answered, SNDF is tried again now and then: its answer may have been damaged.
    """

    PERIOD_S = 3.0
    """A report of 1245 bytes takes 1.3 s at 9600 baud."""
    PATIENCE_S = 6.0
    LAPSE_S = 30.0
    """After so long without a report, what is new may have been so for a while."""
    FULL_AGAIN = 20
    """After so many short reports the full one is asked for again."""

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = ReportReader(self._bad)
        self._conditions = Conditions()
        self._told: dict[tuple[str, int], str] = {}
        self._identity = ""
        self._last: Instant | None = None
        self._is_resumed = True
        self._gives_full = False
        self._shorts = 0
        self._request = SNDF
        self._outgoing = SNDF
        self._waiting = True
        self._due: Instant | None = None

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take bytes; a report's values have the time at which its last byte came."""
        self._due = self._due or later(now, self.PATIENCE_S)
        said: list[Said] = []
        for report in self._reader.feed(data):
            said += self._report(report, now)
            self._waiting = False
            self._due = later(now, self.PERIOD_S)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The request for a report, when it is due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When to ask again, or to tell counted bytes."""
        due = self._due if self._due is not None else Instant(0)
        bad = self._bad.due()
        return due if bad is None else min(due, bad)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Ask for the next report; say that the last one was not answered."""
        said: list[Said] = [*self._bad.told(now)]
        if self._due is None:
            self._due = later(now, self.PATIENCE_S)
        elif now >= self._due:
            said += self._ask(now)
        return said

    def _ask(self, now: Instant) -> list[Said]:
        said: list[Said] = []
        if self._waiting:
            detail = {"command": self._request.decode("ascii").strip(), "answer": "none"}
            said.append(DeviceEvent(EventKind.REFUSED, now, detail))
            self._request = SNDA if self._request == SNDF and not self._gives_full else SNDF
        elif self._request == SNDA:
            self._shorts += 1
            self._request = SNDF if self._gives_full or self._shorts % self.FULL_AGAIN == 0 else SNDA
        self._outgoing, self._waiting = self._request, True
        self._due = later(now, self.PATIENCE_S)
        return said

    def _report(self, report: Report, now: Instant) -> list[Said]:
        identity = report.fields.get(IDENTITY, "")
        model, _, serial = identity.rpartition(" ")
        said = self._clock(report, now)
        self._is_resumed = self._last is None or now >= later(self._last, self.LAPSE_S)
        self._last = now
        self._gives_full |= report.name == "MISCF"
        if identity != self._identity:
            self._identity, self._is_resumed = identity, True
            detail = {"model": model, "serial": serial} if model else {"serial": serial}
            said.append(DeviceEvent(EventKind.IDENTITY, now, detail))
        silenced = report.fields.get(SILENCE[report.name]) == "ON"
        said += self._conditions.become(["alarm-silenced"] * silenced, now)
        known = fields_of(report.name, model)
        for number, text in report.fields.items():
            said += self._field(report.name, number, known.get(number), text, now)
        return said

    def _clock(self, report: Report, now: Instant) -> list[Said]:
        moment = decode_time(report.fields.get(DATE[report.name], ""), report.fields.get(TIME, ""))
        if moment is None:
            return []
        return [DeviceEvent(EventKind.DEVICE_CLOCK, now, {"time": moment.isoformat(), "set": 1})]

    def _field(self, name: str, number: int, field: Field | None, text: str, now: Instant) -> list[Said]:
        before = self._told.get((name, number))
        self._told[name, number] = text
        known = field or Field("")
        code: dict[str, str | int] = {"code": f"{name}-{number}", "text": known.text}
        if known.metric and known.kind is not Kind.MANOEUVRE:
            return [self._reading(known, text, now)]
        if text == before or (before is None and not text) or _is_told_elsewhere(name, number):
            return []
        if known.kind is Kind.ALARM:
            return _alarm(code, text, before or "", now)
        if known.kind is Kind.MANOEUVRE and known.metric:
            quality = Quality.STORED if before is None or self._is_resumed else Quality.GOOD
            return [self._reading(known, text, now, quality)] if _number(text) else []  # 0: never made
        detail = {**code, "system": "puritan-bennett", "value": text, "unit": known.unit}
        return [DeviceEvent(EventKind.UNMAPPED, now, detail)]

    def _reading(self, field: Field, text: str, now: Instant, quality: Quality = Quality.GOOD) -> Reading:
        number = _number(text)
        if number is None:
            reason = NoValue.INVALID if text else NoValue.NOT_AVAILABLE
            return Reading(field.metric, now, None, reason, quality)
        value = converted(number, field.unit, by_name(field.metric).unit)
        return Reading(field.metric, now, value, None, quality)


def _is_told_elsewhere(name: str, number: int) -> bool:
    """Times, names and the alarms' silence are no values; a MISCA repeats its time."""
    return number in (TIME, IDENTITY, DATE[name], SILENCE[name]) or (name, number) in _REPEATED


_REPEATED = {("MISCA", number) for number in (60, 62, 84, 87, 89, 91, 92, 94)}
"""Fields that say again what others say: time, date, pressure at the end of inspiration, apnoea settings, the
limit of circuit pressure, the apnoea alarm."""


def _alarm(code: Mapping[str, str | int], text: str, before: str, now: Instant) -> list[Said]:
    """The alarm of a field that changed; nothing if it was and is not active."""
    if text not in _ACTIVE and before not in _ACTIVE:
        return []
    detail: dict[str, str | int] = {**code, "active": int(text in _ACTIVE)}
    if text in _PRIORITIES:
        detail["priority"] = _PRIORITIES[text]
    return [DeviceEvent(EventKind.DEVICE_ALARM, now, detail)]


def _number(text: str) -> Decimal | None:
    return Decimal(text) if NUMBER.fullmatch(text) else None
