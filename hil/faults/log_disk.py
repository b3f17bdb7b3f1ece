"""A disk that remembers: an image file over FUSE whose every write, flush and mark is logged in one order.

`hil.faults.log_disk_server` serves it. A loop device on it passes on the file system's writes and flushes;
`mark` puts what a process promises between them. The log says what a disk with a volatile cache may hold at
any moment: every write before the last flush, and any part of those after it.
"""

import json
import os
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WRITE, FLUSH, MARK = b"W", b"F", b"M"
SECTOR = 512
"""What a disk writes whole or not at all."""
_SUPERBLOCK = 1024
"""Where ext4's superblock begins, and how long it is. Torn, its checksum is wrong and no ext4 can be mounted,
so it is written whole or not at all: the gateway's journal is what is tried here.
"""
_ENTRY = struct.Struct("<cQI")
_NAME = "user.mark"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that the disk was told. `data`: what was written at `place`, or the mark (JSON)."""

    kind: bytes
    place: int
    data: bytes


def packed(kind: bytes, place: int = 0, data: bytes = b"") -> bytes:
    """An entry as it lies in the log."""
    return _ENTRY.pack(kind, place, len(data)) + data


def mark(disk: Path, what: dict[str, Any]) -> None:
    """Put `what` into the log of the disk; it is there when this returns. Raises OSError."""
    os.setxattr(disk, _NAME, json.dumps(what).encode())


def entries(log: Path) -> list[Entry]:
    """What the disk was told."""
    data, place, found = log.read_bytes(), 0, list[Entry]()
    while place + _ENTRY.size <= len(data):
        kind, where, length = _ENTRY.unpack_from(data, place)
        place += _ENTRY.size
        found.append(Entry(kind, where, data[place : place + length]))
        place += length
    return found


class PowerCuts:
    """The disk after power cuts: `cuts.at(index, rng)` for growing `index` into the entries."""

    def __init__(self, image: bytes, told: Sequence[Entry]) -> None:
        self._told = told
        self._durable = bytearray(image)
        self._next = 0
        self.dropped = 0
        """How many sectors the last cut took away."""

    def at(self, index: int, rng: random.Random) -> bytearray:
        """The disk as it may be when the power goes just after the entry `index`."""
        flushes = (n for n in range(index, self._next - 1, -1) if self._told[n].kind == FLUSH)
        flushed = next(flushes, self._next)
        for one in self._writes(self._next, flushed):
            self._durable[one.place : one.place + len(one.data)] = one.data
        self._next, self.dropped = flushed, 0
        disk, chance = bytearray(self._durable), rng.choice((0.0, 0.5, 0.9, 1.0))
        for one in self._writes(flushed, index + 1):
            self._write_some(disk, one, chance, rng)
        return disk

    def _writes(self, first: int, end: int) -> Iterator[Entry]:
        return (one for one in self._told[first:end] if one.kind == WRITE)

    def _write_some(self, disk: bytearray, one: Entry, chance: float, rng: random.Random) -> None:
        start = 0
        while start < len(one.data):
            end = start + (_SUPERBLOCK if one.place + start == _SUPERBLOCK else SECTOR)
            part = one.data[start:end]
            if rng.random() < chance:
                disk[one.place + start : one.place + start + len(part)] = part
            else:
                self.dropped += 1
            start = end
