"""Scan reports (20601, A.11.5): which object measured what, by the report's own words or by its value map."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from devices.codecs.ieee11073 import Number
from devices.codecs.phd.mder import Reader, attribute_list, attributes, listed, octets, u16, u32
from devices.codecs.phd.nomenclature import Attribute, Event
from devices.codecs.phd.objects import PhdObject
from devices.model.observation import NoValue

AGENT_INITIATED = 0xF000
"""data-req-id of what the device sends by itself."""
_STAMP_OCTETS = 8
NOBODY = 0xFFFF
"""person-id where persons are not told apart."""
FIXED = frozenset(
    {Event.SCAN_FIXED, Event.SCAN_MP_FIXED, Event.UNBUFFERED_FIXED, Event.UNBUFFERED_MP_FIXED}
    | {Event.BUFFERED_FIXED, Event.BUFFERED_MP_FIXED}
)
MANY_PERSONS = frozenset(
    {Event.SCAN_MP_FIXED, Event.SCAN_MP_VAR, Event.UNBUFFERED_MP_FIXED, Event.UNBUFFERED_MP_VAR}
    | {Event.BUFFERED_MP_FIXED, Event.BUFFERED_MP_VAR}
)
SCANS = FIXED | MANY_PERSONS | {Event.SCAN_VAR, Event.UNBUFFERED_VAR, Event.BUFFERED_VAR}
"""The event types that are scan reports."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one object told: its attributes if the report names them, else their values one after another."""

    handle: int
    told: dict[int, bytes]
    values: bytes = b""
    person: int = NOBODY

    @property
    def raw(self) -> bytes:
        """Its octets, without the handle."""
        return self.values or attribute_list(self.told.items())

    def attributes(self, one: PhdObject) -> dict[int, bytes]:
        """Its attributes, those of the object's value map if the report does not name them. Raises BadBytes.

        Eight octets too many are the time: 11073-10404's own example adds it to configuration 0190.
        """
        if self.told:
            return self.told
        reader = Reader(self.values)
        told = {name: reader.take(size) for name, size in one.values}
        if reader.left == _STAMP_OCTETS and Attribute.STAMP_ABSOLUTE not in told:
            told[Attribute.STAMP_ABSOLUTE] = reader.take(_STAMP_OCTETS)
        return told


@dataclass(frozen=True, slots=True)
class EventReport:
    """An event report of any type: the arguments of the remote operation."""

    handle: int
    event: int
    info: bytes
    time: int = 0xFFFFFFFF
    """The device's relative time."""

    @classmethod
    def decode(cls, data: bytes) -> "EventReport":
        """Read them. Raises BadBytes."""
        reader = Reader(data)
        handle, time, event = reader.u16(), reader.u32(), reader.u16()
        return cls(handle, event, reader.octets(), time)

    def encode(self) -> bytes:
        """Their octets."""
        return u16(self.handle) + u32(self.time) + u16(self.event) + octets(self.info)

    def answer(self, info: bytes = b"\0\0") -> bytes:
        """What acknowledges it; `info` is an ANY DEFINED BY. The manager counts no relative time: 0."""
        return u16(self.handle) + u32(0) + u16(self.event) + info

    def observations(self) -> Iterator[Observation]:
        """Those of a scan report. Raises BadBytes."""
        reader = Reader(self.info)
        reader.take(4)  # data-req-id, scan-report-no
        if self.event not in MANY_PERSONS:
            yield from reader.items(lambda inner: self._observation(inner, NOBODY))
            return
        for group in reader.items(self._group):
            yield from group

    def _group(self, reader: Reader) -> list[Observation]:
        person = reader.u16()
        return list(reader.items(lambda inner: self._observation(inner, person)))

    def _observation(self, reader: Reader, person: int) -> Observation:
        handle = reader.u16()
        if self.event in FIXED:
            return Observation(handle, {}, reader.octets(), person)
        return Observation(handle, attributes(reader), person=person)


def encode_fixed(observations: Iterable[Observation], number: int = 0) -> bytes:
    """A ScanReportInfoFixed."""
    items = listed(u16(one.handle) + octets(one.values) for one in observations)
    return u16(AGENT_INITIATED) + u16(number) + items


def encode_var(observations: Iterable[Observation], number: int = 0) -> bytes:
    """A ScanReportInfoVar."""
    items = listed(u16(one.handle) + attribute_list(one.told.items()) for one in observations)
    return u16(AGENT_INITIATED) + u16(number) + items


INVALID, QUESTIONABLE, NOT_AVAILABLE, CALIBRATING = 0x8000, 0x4000, 0x2000, 0x1000
TEST, DEMONSTRATION, EARLY, ONGOING = 0x0800, 0x0400, 0x0040, 0x0020
"""Bits of Measurement-Status."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number of an object, in its unit, and its Measurement-Status."""

    code: int
    number: Number
    unit: int
    status: int = 0

    @property
    def counted(self) -> Number:
        """The number, unless the device says that it counts for nothing."""
        if isinstance(self.number, NoValue):
            return self.number
        if self.status & INVALID:
            return NoValue.INVALID
        return NoValue.NOT_AVAILABLE if self.status & NOT_AVAILABLE else self.number


def values_of(one: PhdObject, told: Mapping[int, bytes]) -> Iterator[Value]:
    """The numbers that `told`, the attributes of an observation of `one`, holds. Raises BadBytes."""
    status = Reader(told.get(Attribute.MEASUREMENT_STATUS, b"\0\0")).u16()
    for attribute, data in told.items():
        reader = Reader(data)
        match attribute:
            case Attribute.VALUE_BASIC:
                yield Value(one.code, reader.sfloat(), one.unit, status)
            case Attribute.VALUE_SIMPLE:
                yield Value(one.code, reader.float32(), one.unit, status)
            case Attribute.COMPOUND_BASIC:
                yield from _parts(one, reader.items(Reader.sfloat), status)
            case Attribute.COMPOUND_SIMPLE:
                yield from _parts(one, reader.items(Reader.float32), status)
            case Attribute.VALUE:
                yield _full(one, reader, status)
            case Attribute.COMPOUND_VALUE:
                yield from reader.items(lambda inner: _full(one, inner, status))
            case _:
                continue


def _parts(one: PhdObject, numbers: Iterable[Number], status: int) -> Iterator[Value]:
    for index, number in enumerate(numbers):
        code = one.parts[index] if index < len(one.parts) else one.code
        yield Value(code, number, one.unit, status)


def _full(one: PhdObject, reader: Reader, status: int) -> Value:
    """A NuObsValue, which says itself what and in which unit it is."""
    term, state, unit, number = reader.u16(), reader.u16(), reader.u16(), reader.float32()
    return Value(one.code & ~0xFFFF | term, number, unit, state | status)
