"""A data set as DICOM JSON, in one pass (PS3.5, 7: data elements, sequences, items; PS3.18, F.2).

Lengths are checked against what is there before anything is copied, so a hostile one allocates nothing. Large
values are located and not read. A tag that comes twice is an error: two readers could believe two patients.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from mmap import mmap
from typing import Final

from controller.imaging.dicom.charsets import DEFAULT, Decode, decoder
from controller.imaging.dicom.pixels import Fragment, fragments
from controller.imaging.dicom.tags import RAW_KEYS, SIGNED, key_of, vr_of
from controller.imaging.dicom.values import BINARY, MAY_BE_BULK, READ, Json, inline, little
from controller.imaging.errors import BadDicom

Buffer = bytes | mmap
DataSet = dict[str, dict[str, Json]]

UNDEFINED: Final = 0xFFFFFFFF
_LONG: Final = frozenset(
    (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
)
"""VRs with a length of 32 bits (PS3.5, table 7.1-1)."""
_NAMES: Final = {vr.encode(): vr for vr in (*BINARY, *READ["<"], "SQ")}
_ITEM, _ITEM_ENDS, _SEQUENCE_ENDS = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_PIXELS: Final = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))
_CHARACTER_SET, _PIXEL_REPRESENTATION, _PIXEL_DATA = 0x00080005, 0x00280103, 0x7FE00010


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may ask for."""

    inline: int = 1024
    """Bytes of a binary value in the JSON; more is bulk data."""
    value: int = 64 * 1024
    """The same for numbers and long text."""
    largest: int = 16 << 20
    """Bytes of a value that cannot be bulk data."""
    elements: int = 200_000
    """Half a second of one processor; an enhanced image of a thousand frames has some 60,000."""
    depth: int = 24
    """Sequences in sequences."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """A value that stays in the file. Its bytes have the file's order; offsets count in the buffer read."""

    path: str
    """Keys and places of items from 1: "7FE00010", "54000100/1/54001010"."""
    vr: str
    offset: int
    length: int
    """Bytes, with all items if it is encapsulated."""
    fragments: tuple[Fragment, ...] | None = None
    """Of encapsulated pixel data: the first is the basic offset table (PS3.5, A.4)."""


@dataclass(slots=True)
class _Frame:
    """What a data set or item knows that its elements need."""

    path: str
    depth: int
    decode: Decode
    signed: bool
    explicit: bool
    creators: dict[int, str] = field(default_factory=dict[int, str])

    def creator(self, tag: int) -> str | None:
        """Who owns the block of a private tag (PS3.5, 7.8.1)."""
        return self.creators.get(tag >> 8)


class Elements:
    """Reads one data set: `read`, then `bulk` has what was left in the file."""

    def __init__(self, buffer: Buffer, order: str, limits: Limits) -> None:
        self.bulk: list[tuple[Bulk, dict[str, Json]]] = []
        """With the element that is to get the BulkDataURI."""
        self._buffer = buffer
        self._limits = limits
        self._left = limits.elements
        self._big = order == ">"
        self._keys = RAW_KEYS[order]
        self._values = READ[order]
        self._tag = struct.Struct(order + "HH").unpack
        self._explicit = struct.Struct(order + "4s2sH").unpack_from
        self._implicit = struct.Struct(order + "4sL").unpack_from
        self._long = struct.Struct(order + "L").unpack_from

    def read(self, at: int, end: int, *, explicit: bool) -> DataSet:
        """The data set in [at, end). Raises BadDicom."""
        return self._data_set(at, end, _Frame("", 0, DEFAULT, False, explicit), is_item=False)[0]

    def _data_set(self, at: int, end: int, frame: _Frame, *, is_item: bool) -> tuple[DataSet, int]:
        """The elements up to `end`, or to the end of the item; and where what follows begins."""
        found: DataSet = {}
        buffer, keys, explicit = self._buffer, self._keys, frame.explicit
        while at < end:
            if end - at < 8:
                raise BadDicom(
                    "truncated", f"expected an element's header of 8 bytes, {end - at} are left", at
                )
            raw = buffer[at : at + 4]
            known = keys.get(raw)
            tag, key = known if known is not None else self._unlisted(raw)
            if tag >= 0xFFFE0000:
                if is_item and tag == _ITEM_ENDS:
                    return found, at + 8
                raise BadDicom("structure", f"expected an element, got the delimiter {key}", at)
            begin, vr, length = (
                self._explicit_header(at, end) if explicit else self._implicit_header(at, tag, frame)
            )
            if length != UNDEFINED and length > end - begin:
                raise BadDicom("truncated", f"{key}: expected {length} bytes, {end - begin} are left", at)
            self._left -= 1
            if self._left < 0:
                raise BadDicom("too-many", f"expected at most {self._limits.elements} elements", at)
            if key in found or tag < 0x00020000:
                what = "comes twice" if key in found else "has no place in a data set"
                raise BadDicom("structure", f"{key} {what}", at)
            element, at = self._element(begin, length, end, tag, key, vr, frame)
            if tag & 0xFFFF:  # group lengths are left out (F.2.2)
                found[key] = element
        if is_item:
            raise BadDicom("truncated", "expected the end of an item of undefined length", at)
        return found, at

    def _unlisted(self, raw: bytes) -> tuple[int, str]:
        group, element = self._tag(raw)
        tag = group << 16 | element
        return tag, key_of(tag)

    def _explicit_header(self, at: int, end: int) -> tuple[int, str, int]:
        """PS3.5, 7.1.2: where the value begins, its VR and length."""
        _, raw, length = self._explicit(self._buffer, at)
        vr = _NAMES.get(raw)
        if vr is None:
            raise BadDicom("vr", f"expected a VR of PS3.5, got {raw!r}", at + 4)
        if raw not in _LONG:
            return at + 8, vr, length
        if end - at < 12:
            raise BadDicom("truncated", f"expected an element's header of 12 bytes, {end - at} are left", at)
        return at + 12, vr, self._long(self._buffer, at + 8)[0]

    def _implicit_header(self, at: int, tag: int, frame: _Frame) -> tuple[int, str, int]:
        """PS3.5, 7.1.3; the VR is by dictionary (A.1)."""
        _, length = self._implicit(self._buffer, at)
        vr = vr_of(tag, frame.creator(tag))
        if vr == "US" and frame.signed and tag in SIGNED:
            vr = "SS"
        return at + 8, vr, length

    def _element(  # noqa: PLR0917 — in the innermost loop, where keywords cost
        self, at: int, length: int, end: int, tag: int, key: str, vr: str, frame: _Frame
    ) -> tuple[dict[str, Json], int]:
        """The element whose value begins at `at`, and where what follows begins."""
        hidden = vr == "UN" and frame.explicit and not self._big
        if hidden:
            vr = vr_of(tag, frame.creator(tag))  # PS3.5, 6.2.2: a receiver that knows may say so
        if vr == "SQ" and not hidden:
            return self._sequence(at, length, end, key, frame)
        if length == UNDEFINED and tag == _PIXEL_DATA and vr in BINARY and not (hidden or frame.depth):
            parts, after = fragments(self._buffer, at, end)
            return self._left_there(Bulk(key, vr, at, after - at, parts)), after
        if length == UNDEFINED or vr == "SQ":
            return self._hidden_sequence(at, length, end, key, vr, frame)
        after = at + length
        if self._is_bulk(tag, vr, length, frame):
            return self._left_there(Bulk(frame.path + key, vr, at, length)), after
        value = self._value(self._buffer[at:after], tag, vr, frame) if length else {"vr": vr}
        return value, after

    def _is_bulk(self, tag: int, vr: str, length: int, frame: _Frame) -> bool:
        if tag in _PIXELS and not frame.depth:
            return True
        if length <= self._limits.inline:
            return False
        if vr in BINARY:
            return True
        if length > self._limits.value and vr in MAY_BE_BULK:
            return True
        if length > self._limits.largest:
            raise BadDicom(
                "too-large", f"{key_of(tag)}: expected at most {self._limits.largest} bytes, got {length}"
            )
        return False

    def _value(self, value: bytes, tag: int, vr: str, frame: _Frame) -> dict[str, Json]:
        if vr in BINARY:
            return {"vr": vr, "InlineBinary": inline(little(value, vr) if self._big else value)}
        values = self._values[vr](value, frame.decode)
        if tag == _CHARACTER_SET:
            frame.decode = decoder([name if isinstance(name, str) else "" for name in values])
        elif tag == _PIXEL_REPRESENTATION and values:
            frame.signed = values[0] == 1
        elif tag >> 16 & 1 and 0x10 <= tag & 0xFFFF <= 0xFF and values and vr == "LO":
            frame.creators[tag >> 16 << 8 | tag & 0xFF] = values[0]
        return {"vr": vr, "Value": values} if values else {"vr": vr}

    def _left_there(self, bulk: Bulk) -> dict[str, Json]:
        element: dict[str, Json] = {"vr": bulk.vr}
        self.bulk.append((bulk, element))
        return element

    def _hidden_sequence(  # noqa: PLR0917
        self, at: int, length: int, end: int, key: str, vr: str, frame: _Frame
    ) -> tuple[dict[str, Json], int]:
        """UN that hides a sequence: its items are implicit VR little endian (PS3.5, 6.2.2, note 2)."""
        if vr not in ("UN", "SQ"):
            raise BadDicom("structure", f"{key}: {vr} cannot have an undefined length", at)
        if self._big:
            raise BadDicom("structure", f"{key}: a hidden sequence in big endian is not read", at)
        explicit, frame.explicit = frame.explicit, False
        try:
            return self._sequence(at, length, end, key, frame)
        finally:
            frame.explicit = explicit

    def _sequence(
        self, at: int, length: int, end: int, key: str, frame: _Frame
    ) -> tuple[dict[str, Json], int]:
        """PS3.5, 7.5: items, each with its length or its delimiter, up to the sequence's."""
        if frame.depth >= self._limits.depth:
            raise BadDicom("too-deep", f"expected at most {self._limits.depth} sequences in each other", at)
        items: list[DataSet] = []
        stop = end if length == UNDEFINED else at + length
        for begin, size in self._items(at, stop, undefined=length == UNDEFINED):
            inner = _Frame(
                f"{frame.path}{key}/{len(items) + 1}/",
                frame.depth + 1,
                frame.decode,
                frame.signed,
                frame.explicit,
            )
            last = stop if size == UNDEFINED else begin + size
            item, self._after = self._data_set(begin, last, inner, is_item=size == UNDEFINED)
            items.append(item)
        return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}, self._after

    def _items(self, at: int, stop: int, *, undefined: bool) -> Iterator[tuple[int, int]]:
        """Where each item's data set begins, and its length. `_after` is where the caller's item ended."""
        self._after = at
        while self._after < stop or undefined:
            at = self._after
            if stop - at < 8:
                raise BadDicom("truncated", f"expected an item's header of 8 bytes, {stop - at} are left", at)
            raw, length = self._implicit(self._buffer, at)
            tag, key = self._unlisted(raw)
            if undefined and tag == _SEQUENCE_ENDS:
                self._after = at + 8
                return
            if tag != _ITEM:
                raise BadDicom("structure", f"expected an item, got {key}", at)
            if length != UNDEFINED and length > stop - at - 8:
                raise BadDicom("truncated", f"item: expected {length} bytes, {stop - at - 8} are left", at)
            self._left -= 1
            yield at + 8, length
