"""Annotations of PhysioNet's records in MIT format (annot(5)): beats, rhythms, and where nothing counts.

read = read_annotations(folder / "201.atr")
read.beats            # sample numbers
read.rhythms          # [(sample number from which on, "AFIB"), …]
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hil.errors import HilError

_BEATS = frozenset((*range(1, 14), 25, 34, 35, 38, 41))
"""Codes of beats (ecgcodes.h): normal, bundle branch block, ectopic, paced, …"""
_RHYTHM, _FLUTTER_BEGINS, _FLUTTER_ENDS = 28, 32, 33
_SKIP, _NUM, _SUB, _CHN, _AUX = 59, 60, 61, 62, 63


@dataclass(slots=True)
class Annotations:
    """Of one record; sample numbers, ascending."""

    beats: list[int] = field(default_factory=list)
    rhythms: list[tuple[int, str]] = field(default_factory=list)
    """From where on which, as "N", "AFIB", "B"; before the first nothing is known."""
    fluttering: list[tuple[int, int]] = field(default_factory=list)
    """Ventricular flutter or fibrillation: there are no beats to be found (ANSI/AAMI EC57, 4.2.1)."""

    def share(self, rhythm: str, begin: int, end: int) -> float:
        """How much of that time is `rhythm`, 0 to 1."""
        ends = [start for start, _ in self.rhythms[1:]] + [max(end, 1 << 60)]
        inside = sum(
            max(0, min(stop, end) - max(start, begin))
            for (start, name), stop in zip(self.rhythms, ends, strict=True)
            if name == rhythm
        )
        return inside / (end - begin)


def read_annotations(path: Path) -> Annotations:
    """Raises HilError."""
    try:
        return annotations_in(path.read_bytes())
    except (OSError, struct.error) as error:
        raise HilError(f"{path}: expected annotations in MIT format: {error}") from error


def annotations_in(data: bytes) -> Annotations:
    """Raises struct.error: they end in the middle of one."""
    found, begun = Annotations(), None
    for sample, code, text in _entries(data):
        if code in _BEATS:
            found.beats.append(sample)
        elif code == _RHYTHM and text.startswith("("):
            found.rhythms.append((sample, text[1:]))
        elif code == _FLUTTER_BEGINS:
            begun = sample
        elif code == _FLUTTER_ENDS and begun is not None:
            found.fluttering.append((begun, sample))
            begun = None
    return found


def _entries(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Sample number, code, and the text that belongs to it."""
    place, sample = 0, 0
    waiting: tuple[int, int, str] | None = None
    while place + 2 <= len(data):
        (word,) = struct.unpack_from("<H", data, place)
        place, code, more = place + 2, word >> 10, word & 0x3FF
        if word == 0:
            break
        if code == _SKIP:
            high, low = struct.unpack_from("<HH", data, place)
            place, sample = place + 4, sample + _signed(high << 16 | low)
        elif code == _AUX:
            text = data[place : place + more].rstrip(b"\0").decode("ascii", "replace")
            place += more + more % 2
            if waiting is not None:
                waiting = waiting[0], waiting[1], text
        elif code not in (_NUM, _SUB, _CHN):
            if waiting is not None:
                yield waiting
            sample += more
            waiting = sample, code, ""
    if waiting is not None:
        yield waiting


def _signed(word: int) -> int:
    return word - (1 << 32) if word >= 1 << 31 else word
