"""Frames and blocks of a gateway's journal, read by code that is not the product's, to judge a journal by.

frames(data)          the frames of an undamaged file, by docs/decisions/003
told(block)           whose block it is, which blocks it gives up, where it says that journals ended
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import cbor2
import google_crc32c

from hil.blocks import groups_of

_FRAME = struct.Struct("<4sIQII")
_MAGIC = b"\xa5\x57\x4c\x5a"
_OWN_CHECKED = 16
_GAP, _OPENED = 5, 6

Key = tuple[bytes, int, int]
"""Journal, lane, number."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Block `number`; the bytes from `start` to `end` of a file belong to it."""

    number: int
    start: int
    end: int
    block: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """What a block says. `lost`: blocks that will never come, each with the reason that is given."""

    key: Key
    lost: dict[Key, str] = field(default_factory=dict[Key, str])
    ended: dict[bytes, list[int]] = field(default_factory=dict[bytes, list[int]])


def checksum(data: bytes) -> int:
    """CRC-32C."""
    return int(google_crc32c.value(data))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def frames(data: bytes) -> Iterator[Frame]:
    """Every frame of a file in which nothing else is. Raises ValueError."""
    place = 0
    while place < len(data):
        magic, length, number, own, whole = _FRAME.unpack_from(data, place)
        fields = data[place : place + _OWN_CHECKED]
        body = data[place + _FRAME.size : place + _FRAME.size + length]
        if (magic, own, whole) != (_MAGIC, checksum(fields), checksum(fields + body)):
            raise ValueError(f"expected an undamaged frame at byte {place}")
        yield Frame(number, place, place + _FRAME.size + length, body)
        place += _FRAME.size + length


def told(block: bytes) -> Told:
    """Read a block. Raises ValueError."""
    header, packed, own = cbor2.loads(block)
    if checksum(header + packed) != own:
        raise ValueError("expected a block whose checksum is right")
    about = cbor2.loads(header)
    found = Told((about[2], about[3], about[4]))
    for group in groups_of(block):
        for record in group[3]:
            _note(record, found)
    return found


def _note(record: list[Any], found: Told) -> None:
    if record[0] == _OPENED:
        found.ended.update({journal: list(ends) for journal, ends in record[2].items()})
    elif record[0] == _GAP:
        _, _, journal, lane, ranges, _, _, why = record
        for key in spread(journal, lane, ranges):
            found.lost[key] = why


def spread(journal: bytes, lane: int, ranges: list[list[int]]) -> list[Key]:
    """Each block of inclusive ranges of numbers."""
    return [(journal, lane, number) for first, last in ranges for number in range(first, last + 1)]
