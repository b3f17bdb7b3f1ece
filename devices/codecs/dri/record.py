"""Frames and records of the DRI: a record's header and subrecords, between flags, with a checksum.

    7E  header (40 bytes)  subrecords  checksum  7E      within: 7E is 7D 5E, 7D is 7D 5D

Bytes are little endian. The checksum is the sum of the record's bytes mod 256 (CI, Application data
structure). The byte after 7D has its bit 5 set to restore it (CI, Data transparency); other readers flip the
bit, or set more: the same for the two values there are.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from devices.codecs.health import BadByteCounter
from devices.errors import BadBytes

_FLAG, _CONTROL, _RESTORED = 0x7E, 0x7D, 0x20
_HEADER = struct.Struct("<hBBHIBBHh")
_DESCRIPTOR = struct.Struct("<hB")
_DESCRIPTORS = 8
_HEADER_BYTES = _HEADER.size + _DESCRIPTORS * _DESCRIPTOR.size
END_OF_LIST = 0xFF
_LONGEST = 2 * (_HEADER_BYTES + 1450 + 1)
"""Of a frame, every byte escaped (DRI table 2-1: 1450 bytes of data)."""


class MainType(IntEnum):
    """What a record is about (DRI table 2-3)."""

    PHYSIOLOGICAL = 0
    WAVEFORM = 1
    ALARM = 4


@dataclass(frozen=True, slots=True)
class Subrecord:
    """One subrecord: what `kind` means depends on the record's main type."""

    kind: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """A Datex-Ohmeda record (DRI 2.2)."""

    main_type: int
    subrecords: tuple[Subrecord, ...]
    level: int = 0
    """DRI level: 2 is '95, 10 is '09; hosts send 0."""
    time: int = 0
    """Seconds since 1970 by the monitor's clock."""
    number: int = 0

    @classmethod
    def decode(cls, frame: bytes) -> "Record":
        """The record in what stood between two flags, restored. Raises BadBytes."""
        if len(frame) <= _HEADER_BYTES:
            raise BadBytes("length", f"expected more than {_HEADER_BYTES} bytes, got {len(frame)}")
        body, checksum = frame[:-1], frame[-1]
        if sum(body) % 256 != checksum:
            raise BadBytes("checksum", f"expected {sum(body) % 256}, got {checksum}")
        length, number, level, _, time, _, _, _, main_type = _HEADER.unpack_from(body)
        if length != len(body):
            raise BadBytes("length", f"the record says {length} bytes and has {len(body)}")
        return cls(main_type, _subrecords(body), level, time, number)

    def encode(self) -> bytes:
        """The frame, flags included. Up to 8 subrecords."""
        data = b"".join(one.data for one in self.subrecords)
        descriptors, offset = b"", 0
        for one in self.subrecords:
            descriptors += _DESCRIPTOR.pack(offset, one.kind)
            offset += len(one.data)
        if len(self.subrecords) < _DESCRIPTORS:
            descriptors += _DESCRIPTOR.pack(0, END_OF_LIST)
        header = _HEADER.pack(
            _HEADER_BYTES + len(data), self.number, self.level, 0, self.time, 0, 0, 0, self.main_type
        )
        body = (header + descriptors).ljust(_HEADER_BYTES, b"\0") + data
        return _framed(body + bytes((sum(body) % 256,)))


def _subrecords(body: bytes) -> tuple[Subrecord, ...]:
    """Each reaches to where the next begins."""
    data = body[_HEADER_BYTES:]
    found: list[tuple[int, int]] = []
    for offset, kind in _DESCRIPTOR.iter_unpack(body[_HEADER.size : _HEADER_BYTES]):
        if kind == END_OF_LIST:
            break
        if not 0 <= offset < len(data):
            raise BadBytes("range", f"a subrecord begins at {offset} of {len(data)} bytes")
        found.append((offset, kind))
    found.sort()
    found.append((len(data), END_OF_LIST))
    return tuple(Subrecord(kind, data[start:end]) for (start, kind), (end, _) in pairwise(found))


def _framed(content: bytes) -> bytes:
    escaped = content.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e")
    return bytes((_FLAG,)) + escaped + bytes((_FLAG,))


def _restored(escaped: bytes) -> bytes:
    first, *others = escaped.split(bytes((_CONTROL,)))
    return first + b"".join(bytes((part[0] | _RESTORED,)) + part[1:] for part in others if part)


class RecordReader:
    """Finds records in a stream of bytes; counts what is none. A damaged byte costs the frames it touched."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[Record | None]:
        """Each record that `data` completes; None for a frame that could not be read."""
        *complete, rest = data.split(bytes((_FLAG,)))
        for piece in complete:
            self._add(piece)
            yield from self._close()
        self._add(rest)

    def _add(self, piece: bytes) -> None:
        """Of what is longer than any frame nothing is kept."""
        before, self._size = self._size, self._size + len(piece)
        if self._size <= _LONGEST:
            self._pieces.append(piece)
        elif before <= _LONGEST:
            self._pieces.clear()
            self._bad.count("framing")

    def _close(self) -> Iterator[Record | None]:
        frame, size = b"".join(self._pieces), self._size
        self._pieces.clear()
        self._size = 0
        if size > _LONGEST:
            yield None
        elif frame:
            yield self._read(frame)

    def _read(self, frame: bytes) -> Record | None:
        try:
            return Record.decode(_restored(frame))
        except BadBytes as bad:
            self._bad.count(bad.reason)
            return None
