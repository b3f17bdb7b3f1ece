"""Frames: how blocks lie in a file so that damage costs only what it hits, and always shows.

frame = magic, length, number, CRC-32C of these; CRC-32C of these and of the body; body

The header has a checksum of its own: a frame that a crash cut off (its header is whole, or its bytes
simply end) can so be told from one that was damaged later.
"""

import struct
from dataclasses import dataclass, field

from devices.wire.checksum import crc32c

MAGIC = b"\xa5WL\x5a"
_FIELDS = struct.Struct("<4sIQ")
_CHECKS = struct.Struct("<II")
HEADER = _FIELDS.size + _CHECKS.size
"""Bytes before the body."""


@dataclass(frozen=True, slots=True)
class Found:
    """A whole frame: its number and where its body lies."""

    number: int
    start: int
    end: int


@dataclass(slots=True)
class Scan:
    """What a file holds: whole frames in order, and the parts that are not one.

    `damaged`: (start, end) of bytes that were a frame, or something else, once. `torn`: where the last
    append was cut off, or None: nothing of it was accepted.
    """

    frames: list[Found] = field(default_factory=list[Found])
    damaged: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    torn: int | None = None


def frame(number: int, body: bytes) -> bytes:
    """`body` as a frame."""
    fields = _FIELDS.pack(MAGIC, len(body), number)
    return fields + _CHECKS.pack(crc32c(fields), crc32c(fields + body)) + body


def _header_at(data: bytes, place: int) -> tuple[int, int, int] | None:
    """(number, end of the frame, checksum of all) of an undamaged header at `place`."""
    if place + HEADER > len(data):
        return None
    magic, length, number = _FIELDS.unpack_from(data, place)
    own, whole = _CHECKS.unpack_from(data, place + _FIELDS.size)
    if magic != MAGIC or crc32c(data[place : place + _FIELDS.size]) != own:
        return None
    return number, place + HEADER + length, whole


def _frame_at(data: bytes, place: int) -> Found | None:
    header = _header_at(data, place)
    if header is None or header[1] > len(data):
        return None
    number, end, whole = header
    fields, body = data[place : place + _FIELDS.size], data[place + HEADER : end]
    return Found(number, place + HEADER, end) if crc32c(fields + body) == whole else None


def _is_torn(data: bytes, place: int) -> bool:
    """Whether the bytes from `place` to the end are an append that a crash cut off.

    A file system may have grown the file before it wrote into it: then they are zeros.
    """
    rest = len(data) - place
    if rest < HEADER:
        return data[place : place + len(MAGIC)] == MAGIC[:rest] or not any(data[place:])
    header = _header_at(data, place)
    return (header is not None and header[1] > len(data)) or not any(data[place:])


def _next_whole(data: bytes, place: int) -> int:
    """Where the first whole frame after `place` begins, or the end."""
    while (place := data.find(MAGIC, place + 1)) >= 0:
        if _frame_at(data, place):
            return place
    return len(data)


def scan(data: bytes) -> Scan:
    """Find every whole frame in `data`, whatever else it holds."""
    found, place = Scan(), 0
    while place < len(data):
        if (whole := _frame_at(data, place)) is not None:
            found.frames.append(whole)
            place = whole.end
            continue
        end = _next_whole(data, place)
        if end == len(data) and _is_torn(data, place):
            found.torn = place
        else:
            found.damaged.append((place, end))
        place = end
    return found


def numbers_in(data: bytes, stretch: tuple[int, int]) -> list[int]:
    """The block numbers of undamaged headers in a damaged stretch."""
    place, end = stretch
    numbers: list[int] = []
    while 0 <= place < end:
        if (header := _header_at(data, place)) is not None:
            numbers.append(header[0])
        place = data.find(MAGIC, place + 1, end)
    return numbers
