"""Masimo ASCII 1: a pulse oximeter's line a second (`masimo_line`) as readings, conditions and alarms.

There is no checksum. A line with anything in it that is not as its key has it is left out as a whole; and so
is, once, a line in which a number has fewer digits or other decimals than before (`98` after `098`): a
character may be lost. More digits (`100` after `98`) are those of a model that puts no zeros in front.
Numbers beside "sensor off" are no values: a Rad-8 was seen to go on with SpO2 and rate, without PI.
A number with dashes for "none" gives a reading if the model measures it: SpO2, rate and perfusion index, and
whatever it once told.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from devices.codecs import Said
from devices.codecs.device_alarms import Alarm, Alarms
from devices.codecs.device_clock import as_datetime
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.masimo_line import (
    ALARM_SILENCED,
    ALARMS,
    AMBIENT_LIGHT,
    CALIBRATING,
    EXCEPTIONS,
    INTERFERENCE,
    LOW_BATTERY,
    LOW_PERFUSION,
    LOW_SIGNAL,
    LOW_SPCO,
    LOW_SPMET,
    NO_SENSOR_BITS,
    SEARCHING,
    SET,
    Line,
    is_none,
)
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading

METRICS: Mapping[str, str] = {
    "SPO2": "spo2",
    "BPM": "pr_spo2",
    "PI": "pi",
    "SPCO": "spco",
    "SPMET": "spmet",
    "SPHB": "sphb",
    "SPOC": "spoc",
    "PVI": "pvi",
    "RRA": "rr_acoustic",
    "RRP": "rr_pleth",
}
"""By key; all in the unit that the device shows, SpHb in g/dL."""
_ALWAYS = {"SPO2", "BPM", "PI"}
_NONE_AT_ZERO = {"SPO2", "BPM", "PI"}
"""What is 0 while nothing is measured."""
_MASKS = {"ALARM", "EXC", "EXC1"}
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_MASK = re.compile(r"([0-9A-Fa-f]{1,8})(?::[\w,]*)?")
_LONGEST = 512
_KNOWN_ALARMS = sum(ALARMS) | ALARM_SILENCED | LOW_BATTERY
_KNOWN_EXCEPTIONS = sum(EXCEPTIONS) | SET
_QUALITY = {
    LOW_PERFUSION: Quality.LOW_PERFUSION,
    INTERFERENCE: Quality.ARTIFACT,
    AMBIENT_LIGHT: Quality.ARTIFACT,
    LOW_SIGNAL: Quality.QUESTIONABLE,
    SEARCHING: Quality.QUESTIONABLE,
}
_OWN_QUALITY = {"SPCO": LOW_SPCO, "SPMET": LOW_SPMET}
_END = re.compile(rb"[\r\n]+")


class _Masks(NamedTuple):
    alarm: int
    exception: int


class MasimoAscii:
    """Gives METRICS, DEVICE_CLOCK, IDENTITY (`serial`), STATUS, DEVICE_ALARM, UNMAPPED and BAD_BYTES."""

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._buffer = bytearray()
        self._is_first = True
        self._overlong = False
        self._digits: dict[str, tuple[int, int]] = {}
        self._conditions = Conditions()
        self._alarms = Alarms()
        self._serial = ""
        self._unmapped: dict[str, str] = {}
        self._measured: set[str] = set(_ALWAYS)

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes that arrived at `now`."""
        said: list[Said] = []
        *ended, rest = _END.split(data)
        for part in ended:
            self._buffer += part
            said += self._ended(now)
        self._buffer += rest
        if len(self._buffer) > _LONGEST:
            self._buffer.clear()
            self._overlong = True
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """Nothing: the device sends by itself."""
        return b""

    def next_timer(self) -> Instant | None:
        """When counted lines are to be told."""
        return self._bad.due()

    def handle_timer(self, now: Instant) -> list[Said]:
        """Tell counted lines."""
        return [*self._bad.told(now)]

    def _ended(self, now: Instant) -> list[Said]:
        """What the line that has ended says; the first may be the rest of one, and is then no fault."""
        text = self._buffer.decode("ascii", "replace").strip(" \0")
        overlong, self._overlong = self._overlong or len(self._buffer) > _LONGEST, False
        self._buffer.clear()
        if not text and not overlong:
            return []
        is_first, self._is_first = self._is_first, False
        line = None if overlong else Line.decode(text)
        if line is not None:
            return self._line(line, now)
        if overlong or not is_first:
            self._bad.count("length" if overlong else "framing")
        return []

    def _line(self, line: Line, now: Instant) -> list[Said]:
        fault = self._fault(line)
        if fault:
            self._bad.count(fault)
            return []
        masks = _Masks(_mask(line, "ALARM"), _mask(line, "EXC"))
        said: list[Said] = [*self._status(masks, now), *self._alarm(masks.alarm, now)]
        said += self._identity(line, now)
        said.append(line.time.event(now, as_datetime(line.time) is not None))
        for key, value in line.fields.items():
            if key in METRICS:
                said += self._reading(key, value, masks.exception, now)
        return [*said, *self._others(line, now)]

    def _fault(self, line: Line) -> str:
        """What is wrong with the line as a whole; empty if nothing is."""
        lost = False
        for key, value in line.fields.items():
            if key in _MASKS and not _MASK.fullmatch(value):
                return "range"
            if key not in METRICS or is_none(value):
                continue
            if not _NUMBER.fullmatch(value):
                return "range"
            whole, _, decimals = value.lstrip("+-").partition(".")
            digits = len(whole), len(decimals)
            before = self._digits.get(key, digits)
            lost |= digits[0] < before[0] or digits[1] != before[1]
            self._digits[key] = digits
        return "length" if lost else ""

    def _status(self, masks: _Masks, now: Instant) -> list[DeviceEvent]:
        names = [name for bit, name in EXCEPTIONS.items() if bit & masks.exception]
        names += [f"exception-{bit:06x}" for bit in _bits(masks.exception & ~_KNOWN_EXCEPTIONS)]
        names += ["alarm-silenced"] * bool(masks.alarm & ALARM_SILENCED)
        names += ["low-battery"] * bool(masks.alarm & LOW_BATTERY)
        return self._conditions.become(names, now)

    def _alarm(self, mask: int, now: Instant) -> list[DeviceEvent]:
        active = {f"{bit:04X}": Alarm(text) for bit, text in ALARMS.items() if bit & mask}
        unknown = {f"{bit:04X}": Alarm(f"alarm {bit:04X}") for bit in _bits(mask & ~_KNOWN_ALARMS)}
        return self._alarms.become(active | unknown, now)

    def _identity(self, line: Line, now: Instant) -> list[Said]:
        serial = line.fields.get("SN", "")
        if is_none(serial) or serial == self._serial:
            return []
        self._serial = serial
        return [DeviceEvent(EventKind.IDENTITY, now, {"serial": serial})]

    def _reading(self, key: str, value: str, exception: int, now: Instant) -> list[Said]:
        number = None if is_none(value) else Decimal(value)
        if number is not None:
            self._measured.add(key)
        if key not in self._measured:
            return []
        quality = Quality.GOOD
        for bit, flag in _QUALITY.items():
            quality |= flag if bit & exception else Quality.GOOD
        quality |= Quality.QUESTIONABLE if _OWN_QUALITY.get(key, 0) & exception else Quality.GOOD
        if number is None or exception & NO_SENSOR_BITS or (key in _NONE_AT_ZERO and not number):
            return [Reading(METRICS[key], now, None, _reason(exception), quality)]
        return [Reading(METRICS[key], now, number, None, quality)]

    def _others(self, line: Line, now: Instant) -> list[Said]:
        """What has no metric, when it changes; nothing while it has never been told."""
        said: list[Said] = []
        for key, value in line.fields.items():
            told = self._unmapped.get(key, "")
            if key in METRICS or key in {"SN", "ALARM", "EXC"} or value == told:
                continue
            if told or not is_none(value.strip("0")):
                self._unmapped[key] = value
                detail: dict[str, str | int] = {"code": key, "system": "masimo", "value": value}
                said.append(DeviceEvent(EventKind.UNMAPPED, now, detail))
        return said


def _mask(line: Line, key: str) -> int:
    match = _MASK.fullmatch(line.fields.get(key, "0"))
    return int(match[1], 16) if match else 0


def _bits(mask: int) -> list[int]:
    return [1 << place for place in range(mask.bit_length()) if mask >> place & 1]


def _reason(exception: int) -> NoValue:
    if exception & NO_SENSOR_BITS:
        return NoValue.SENSOR_OFF
    if exception & (SEARCHING | CALIBRATING):
        return NoValue.MEASURING
    return NoValue.NOT_AVAILABLE
