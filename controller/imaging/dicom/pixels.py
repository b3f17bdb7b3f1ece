"""Where frames of pixel data are (PS3.5, A.4: encapsulated; PS3.3, C.7.6.3: native). Nothing is decoded."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from mmap import mmap
from typing import Final, overload

from controller.imaging.errors import BadDicom

Fragment = tuple[int, int]
"""Offset and length, in bytes."""
MOST_FRAGMENTS: Final = 1_000_000
_ITEM, _END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
_HEADER: Final = struct.Struct("<4sL")


def fragments(buffer: bytes | mmap, at: int, end: int) -> tuple[tuple[Fragment, ...], int]:
    """The items from `at` on and where what follows begins. Raises BadDicom."""
    found: list[Fragment] = []
    while end - at >= 8:
        tag, length = _HEADER.unpack_from(buffer, at)
        at += 8
        if tag == _END:
            if not found:
                raise BadDicom("pixels", "encapsulated pixel data have no basic offset table", at)
            return tuple(found), at
        if tag != _ITEM:
            raise BadDicom("pixels", f"expected a fragment of pixel data, got {tag.hex()}", at - 8)
        if length > end - at:
            raise BadDicom("truncated", f"fragment: expected {length} bytes, {end - at} are left", at)
        if len(found) > MOST_FRAGMENTS:
            raise BadDicom("too-many", f"expected at most {MOST_FRAGMENTS} fragments", at)
        found.append((at, length))
        at += length
    raise BadDicom("truncated", "encapsulated pixel data have no end", at)


def encapsulated_frames(
    buffer: bytes | mmap, items: Sequence[Fragment], frames: int, extended: Sequence[int] = ()
) -> list[list[Fragment]]:
    """The fragments of each frame. `extended`: the Extended Offset Table (7FE0,0001), if there is one.

    Raises BadDicom when fragments cannot be shared out.
    """
    table, parts = items[0], list(items[1:])
    if frames == 1:
        return [parts]
    if len(parts) == frames:
        return [[part] for part in parts]
    offsets = list(extended)
    if not offsets and table[1] // 4 == frames:  # counted before anything is listed
        offsets = list(struct.unpack_from(f"<{table[1] // 4}L", buffer, table[0]))
    if len(offsets) != frames:
        raise BadDicom(
            "pixels", f"expected offsets of {frames} frames in {len(parts)} fragments, the table has others"
        )
    begin = table[0] + table[1]
    places = {begin + offset: number for number, offset in enumerate(offsets)}
    found: list[list[Fragment]] = [[] for _ in offsets]
    current = -1
    for offset, length in parts:
        current = places.get(offset - 8, current)
        if current < 0:
            raise BadDicom("pixels", "the offset table does not name the first fragment", offset)
        found[current].append((offset, length))
    if not all(found):
        raise BadDicom("pixels", "the offset table names a place where no fragment begins")
    return found


@dataclass(frozen=True, slots=True)
class NativeFrames(Sequence[list[Fragment]]):
    """Frames that follow one another: their places are computed when they are asked for, however many."""

    offset: int
    size: int
    """Bytes of one."""
    frames: int

    def __len__(self) -> int:
        return self.frames

    @overload
    def __getitem__(self, index: int) -> list[Fragment]: ...
    @overload
    def __getitem__(self, index: slice) -> list[list[Fragment]]: ...
    def __getitem__(self, index: int | slice) -> list[Fragment] | list[list[Fragment]]:
        if isinstance(index, slice):
            return [self[number] for number in range(self.frames)[index]]
        return [(self.offset + range(self.frames)[index] * self.size, self.size)]


def native_frames(offset: int, length: int, frames: int, frame_bits: int) -> NativeFrames:
    """Each frame of native pixel data; `frame_bits` = rows × columns × samples × bits allocated.

    Raises BadDicom: too short, or frames that do not begin at a byte (bits allocated 1).
    """
    size, over = divmod(frame_bits, 8)
    if over and frames > 1:
        raise BadDicom("pixels", f"frames of {frame_bits} bits do not begin at bytes")
    size += bool(over)
    if size * frames > length:
        raise BadDicom("truncated", f"pixel data: expected {size * frames} bytes, got {length}", offset)
    return NativeFrames(offset, size, frames)
