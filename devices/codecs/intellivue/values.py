"""Observed values of the Data Export protocol: numbers, samples, texts and times."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntFlag
from typing import NamedTuple

from devices.codecs.ieee11073 import Number, decode_float, encode_float
from devices.codecs.intellivue.message import TICKS_PER_S, Attributes, Octets
from devices.errors import BadBytes
from devices.model.observation import NoValue, Quality

NUMERIC_VALUE, NUMERIC_VALUES = 0x0950, 0x094B
SAMPLES, SAMPLES_OF_SEVERAL = 0x096E, 0x0967
SAMPLE_ARRAY, SAMPLE_PERIOD, SCALE_AND_RANGE, FIXED_VALUES = 0x096D, 0x098D, 0x096F, 0x0A16
UNIT = 0x0996
LABEL_TEXT, ABSOLUTE_STAMP, RELATIVE_STAMP = 0x0927, 0x0990, 0x0991
ABSOLUTE_TIME, RELATIVE_TIME = 0x0987, 0x098F
SYSTEM_MODEL, PRODUCTION, BED_LABEL, OPERATING_MODE = 0x0928, 0x092D, 0x091E, 0x0946
PATIENT_ALARMS, TECHNICAL_ALARMS = 0x0902, 0x0904
_DIGITS, _GREATEST = 12, 9
"""Decimal places of a scale, and the power of ten that no range reaches."""
_YEARS = range(1990, 2200)
"""A year outside is a clock that is not set."""
_EXTENDED_RANGE, _INVALID_MASK = 0x1000, 1
_SPECIAL_MANTISSAS = {0x7FFFFE, 0x7FFFFF, 0x800000, 0x800002}


class State(IntFlag):
    """A value's measurement state. It is valid if the high byte is 0."""

    INVALID = 0x8000
    QUESTIONABLE = 0x4000
    UNAVAILABLE = 0x2000
    CALIBRATING = 0x1000
    TEST_DATA = 0x0800
    DEMO_DATA = 0x0400
    VALIDATED = 0x0080
    EARLY = 0x0040
    ONGOING = 0x0020
    IN_ALARM = 0x0002
    ALARMS_OFF = 0x0001


_REASONS = (
    (State.INVALID, NoValue.INVALID),
    (State.UNAVAILABLE, NoValue.NOT_AVAILABLE),
    (State.CALIBRATING, NoValue.MEASURING),
)


def reason(state: int) -> NoValue | None:
    """Why a value of `state` is none."""
    return next((why for bit, why in _REASONS if state & bit), None)


def quality(state: int) -> Quality:
    """What `state` says against a value. Demo data are no patient's."""
    found = Quality.TEST_DATA if state & (State.TEST_DATA | State.DEMO_DATA) else Quality.GOOD
    return found | (Quality.QUESTIONABLE if state & (State.QUESTIONABLE | State.EARLY) else Quality.GOOD)


def number(data: bytes) -> Number:
    """A FLOAT: exponent, then mantissa. Special mantissas are so with any exponent."""
    if int.from_bytes(data[1:], "big") in _SPECIAL_MANTISSAS:
        data = b"\0" + data[1:]
    return decode_float(data[::-1])


@dataclass(frozen=True, slots=True)
class Observed:
    """A numeric observed value."""

    code: int
    """Physiological identifier."""
    state: int
    unit: int
    number: Number

    @classmethod
    def decode(cls, octets: Octets) -> "Observed":
        """Take one. Raises BadBytes."""
        return cls(octets.uint(2), octets.uint(2), octets.uint(2), number(octets.take(4)))

    def encode(self) -> bytes:
        """The value's 10 bytes."""
        return struct.pack(">HHH", self.code, self.state, self.unit) + encode_float(self.number)[::-1]


@dataclass(frozen=True, slots=True)
class Samples:
    """A sample array observed value; `data` are the samples as they are sent."""

    code: int
    state: int
    data: bytes

    @classmethod
    def decode(cls, octets: Octets) -> "Samples":
        """Take one. Raises BadBytes."""
        code, state = octets.uint(2), octets.uint(2)
        return cls(code, state, octets.take(octets.uint(2)))

    def encode(self) -> bytes:
        """The value."""
        return struct.pack(">HHH", self.code, self.state, len(self.data)) + self.data


class Line(NamedTuple):
    """An absolute value is a sample × `factor` + `offset`."""

    factor: Decimal
    offset: Decimal


@dataclass(frozen=True, slots=True)
class Scale:
    """How samples are to be read: told once for each object, and when it changes."""

    bits: int
    """Of a sample that mean its value."""
    width: int
    """Bytes of a sample."""
    seconds: Decimal
    """That one observed value covers. Two objects were seen under one handle, with a value of 64 and one of
    128 samples: this is true of both, a rate would not be."""
    line: Line | None
    """Through the samples' absolute values; None for samples that have none, a pleth's."""
    unit: int | None
    """Of the absolute values, where it is told."""
    is_marked: bool = False
    """Whether bits above the significant ones mark pacer, defibrillator and saturation."""
    invalid: int = 0
    """Bits that a sample has if it is none; 0 if there are no such."""

    @classmethod
    def decode(cls, attributes: Attributes) -> "Scale | None":
        """What an object's attributes say; None if they do not. Raises BadBytes."""
        if SAMPLE_ARRAY not in attributes or SAMPLE_PERIOD not in attributes:
            return None
        array = Octets(attributes[SAMPLE_ARRAY])
        count, width, bits, flags = array.uint(2), array.uint(1) // 8, array.uint(1), array.uint(2)
        ticks = Octets(attributes[SAMPLE_PERIOD]).uint(4)
        if width not in (1, 2) or not 0 < bits <= 8 * width or not count or not ticks:
            raise BadBytes("range", f"{count} samples of {width} bytes, {bits} bits, every {ticks} ticks")
        seconds = Decimal(count * ticks) / TICKS_PER_S
        line = _line(attributes.get(SCALE_AND_RANGE))
        unit = Octets(attributes[UNIT]).uint(2) if UNIT in attributes else None
        invalid = _invalid_mask(attributes.get(FIXED_VALUES))
        return cls(bits, width, seconds, line, unit, bool(flags & _EXTENDED_RANGE), invalid)

    def read(self, data: bytes) -> list[int | None]:
        """The samples, unsigned; None for one that is none."""
        whole = len(data) // self.width
        packed = struct.unpack(f">{whole}{'H' if self.width == 2 else 'B'}", data[: whole * self.width])
        mask = (1 << self.bits) - 1 if self.is_marked else 0xFFFF
        invalid = self.invalid
        return [None if invalid and raw & invalid == invalid else raw & mask for raw in packed]


def _invalid_mask(data: bytes | None) -> int:
    """The invalid sample mask among an object's fixed values."""
    if data is None:
        return 0
    count, fixed = Octets(data).list()
    masks = {fixed.uint(2): fixed.uint(2) for _ in range(count)}
    return masks.get(_INVALID_MASK, 0)


def _line(data: bytes | None) -> Line | None:
    """The line through the lower and the upper (scaled, absolute)."""
    if data is None:
        return None
    octets = Octets(data)
    low, high, first, last = number(octets.take(4)), number(octets.take(4)), octets.uint(2), octets.uint(2)
    if isinstance(low, NoValue) or isinstance(high, NoValue) or first == last:
        return None
    if (high - low).adjusted() > _GREATEST:
        raise BadBytes("range", f"a range from {low} to {high}")
    factor = round((high - low) / (last - first), _DIGITS)
    return Line(factor, low - first * factor)


def observed(attributes: Attributes) -> list[Observed]:
    """The numeric observed values of an object. Raises BadBytes."""
    return [Observed.decode(octets) for octets in _each(attributes, NUMERIC_VALUE, NUMERIC_VALUES)]


def sampled(attributes: Attributes) -> list[Samples]:
    """The sample array observed values of an object. Raises BadBytes."""
    return [Samples.decode(octets) for octets in _each(attributes, SAMPLES, SAMPLES_OF_SEVERAL)]


def _each(attributes: Attributes, one: int, several: int) -> Iterator[Octets]:
    """Where each value begins: the one in attribute `one`, and those in the list in attribute `several`."""
    if one in attributes:
        yield Octets(attributes[one])
    if several in attributes:
        count, values = Octets(attributes[several]).list()
        for _ in range(count):
            yield values


def texts(data: bytes) -> str:
    """A String: its length and its text in UTF-16."""
    octets = Octets(data)
    return octets.take(octets.uint(2)).decode("utf-16-be", "replace").partition("\0")[0].strip()


def labels(data: bytes) -> list[str]:
    """The VariableLabels of a SystemModel: length and characters, each."""
    octets = Octets(data)
    return [_label(octets), _label(octets)]


def _label(octets: Octets) -> str:
    return octets.take(octets.uint(2)).partition(b"\0")[0].decode("latin-1").strip()


def production(data: bytes) -> dict[int, str]:
    """The first text of each kind in a ProductionSpec: 1 serial number, 4 software revision."""
    count, listed_ = Octets(data).list()
    found: dict[int, str] = {}
    for _ in range(count):
        kind, _ = listed_.uint(2), listed_.uint(2)
        found.setdefault(kind, _label(listed_))
    return found


def absolute_time(data: bytes) -> datetime | None:
    """An AbsoluteTime, in binary coded decimal; None where it is not known."""
    digits = data.hex()
    if len(digits) != 16 or not digits.isdecimal():
        return None
    if int(digits[:4]) not in _YEARS:
        return None
    month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(4, 14, 2))
    try:
        return datetime(int(digits[:4]), month, day, hour, minute, second)  # noqa: DTZ001 - told without a zone
    except ValueError:
        return None


def encode_time(moment: datetime) -> bytes:
    """`moment` as an AbsoluteTime."""
    return bytes.fromhex(f"{moment:%Y%m%d%H%M%S}00")


def encode_text(text: str) -> bytes:
    """`text` as a String."""
    data = text.encode("utf-16-be") + b"\0\0"
    return struct.pack(">H", len(data)) + data
