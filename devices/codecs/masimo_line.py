"""Masimo ASCII 1: the line. Once a second, at 9600 baud, a line of `KEY=value`, ended by CR, LF or both.

    02/22/16 22:47:45 SN=0000056661 SPO2=098% BPM=097 PI=03.60% SPCO=--.-% ... ALARM=0000 EXC=000800

Which keys there are, in which order and how wide, depends on the model: a line is scanned, never cut at
columns. Dashes are "none"; `%` is missing on some; ALARM, EXC and EXC1 are hexadecimal masks, EXC with the
names of its bits behind a colon on some. The date is month/day/year.
Source: Masimo Rad-8 Operator's Manual (7-3, serial interface; 4-24, exceptions); lines that real devices
sent, and the meanings of the bits: nmenon/masimo-datacapture (Rad-8, Radical-7), MD PnP poxrad_discrete.h
(Radical-5, Radical-7). Masimo tells the meaning of the alarm bits under agreement only: nmenon found them by
trial, MD PnP's table agrees.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from devices.codecs.gatt import DeviceTime

_LINE = re.compile(r"(\d\d)/(\d\d)/(\d\d) +(\d\d):(\d\d):(\d\d) +(\S.*)")
_PAIR = re.compile(r"([A-Za-z]\w*)= ?((?:(?![A-Za-z]\w*=)[^\s=])*)")
_SAME = {"PR": "BPM"}
"""Other names of keys."""

ALARMS: Mapping[int, str] = {
    0x0001: "SpO2 high",
    0x0002: "SpO2 low",
    0x0004: "pulse rate high",
    0x0008: "pulse rate low",
    0x0010: "alarm active",
    0x0100: "SpCO high",
    0x0200: "SpCO low",
    0x0400: "SpMet high",
    0x0800: "SpMet low",
    0x1000: "desaturation index",
    0x2000: "perfusion index rate of change",
}
ALARM_SILENCED, LOW_BATTERY = 0x0020, 0x0040
"""Bits of ALARM that are no alarm of the patient."""
LOW_PERFUSION, SEARCHING, INTERFERENCE, SENSOR_OFF = 0x04, 0x08, 0x10, 0x20
AMBIENT_LIGHT, LOW_SIGNAL, SET, CALIBRATING = 0x40, 0x400, 0x800, 0x20000
LOW_SPCO, LOW_SPMET = 0x200000, 0x400000
NO_SENSOR_BITS = 0x01 | 0x02 | SENSOR_OFF | 0x80 | 0x100 | 0x1000 | 0x4000 | 0x8000 | 0x10000 | 0x100000
"""Those of EXC with which nothing is measured."""
EXCEPTIONS: Mapping[int, str] = {
    0x000001: "no-sensor",
    0x000002: "defective-sensor",
    LOW_PERFUSION: "low-perfusion",
    SEARCHING: "searching",
    INTERFERENCE: "interference",
    SENSOR_OFF: "sensor-off",
    AMBIENT_LIGHT: "ambient-light",
    0x000080: "unrecognized-sensor",
    0x000100: "incompatible-sensor",
    LOW_SIGNAL: "low-signal-quality",
    0x001000: "no-cable",
    0x002000: "cable-life-expired",
    0x004000: "incompatible-cable",
    0x008000: "unrecognized-cable",
    0x010000: "defective-cable",
    CALIBRATING: "calibrating",
    0x040000: "sensor-life-expired",
    0x080000: "emitter-temperature",
    0x100000: "sensor-current-exceeded",
    LOW_SPCO: "low-confidence-spco",
    LOW_SPMET: "low-confidence-spmet",
}
"""SET is left out: it says that the device measures as it should."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line."""

    time: DeviceTime
    fields: Mapping[str, str]
    """By key, in capitals; without `%`."""

    @classmethod
    def decode(cls, text: str) -> "Line | None":
        """The line in `text`, without its end; None if it is none."""
        match = _LINE.fullmatch(text.strip())
        if match is None or _PAIR.sub("", match[7]).strip():
            return None
        month, day, year, hour, minute, second = (int(match[group]) for group in range(1, 7))
        fields: dict[str, str] = {}
        for pair in _PAIR.finditer(match[7]):
            key = pair[1].upper()
            fields[_SAME.get(key, key)] = pair[2].rstrip("%")
        return cls(DeviceTime(2000 + year, month, day, hour, minute, second), fields)

    def encode(self) -> bytes:
        """The line, with CR and LF; `%` is not put behind any value."""
        time = self.time
        date = f"{time.month:02}/{time.day:02}/{time.year % 100:02}"
        words = [date, f"{time.hour:02}:{time.minute:02}:{time.second:02}"]
        words += [f"{key}={value}" for key, value in self.fields.items()]
        return " ".join(words).encode("ascii") + b"\r\n"


def is_none(value: str) -> bool:
    """Whether a value is told as dashes (`---`, `--.-`, `+--`), or not at all."""
    return not value.strip("-+.")
