"""A DICOM file (PS3.10, 7): preamble, file meta information, data set.

instance = read_instance(content)                # bytes or a mapped file
instance.data_set["00100020"]                    # {"vr": "LO", "Value": ["4711"]}
instance.text("0020000D")                        # the first value, "" when there is none
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from controller.imaging.dicom.elements import Buffer, Bulk, DataSet, Elements, Limits
from controller.imaging.errors import BadDicom

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
LARGEST_INFLATED: Final = 256 << 20
_META_LENGTH: Final = struct.Struct("<4s2sHL")


@dataclass(frozen=True, slots=True)
class Instance:
    """What a file says."""

    transfer_syntax: str
    meta: DataSet
    """The file meta information; never shown as metadata."""
    data_set: DataSet
    bulk: tuple[Bulk, ...]
    content: Buffer
    """What the offsets of `bulk` count in: the file, or what was deflated in it."""

    @property
    def pixels(self) -> Bulk | None:
        """The pixel data."""
        return next((bulk for bulk in self.bulk if bulk.path in ("7FE00010", "7FE00008", "7FE00009")), None)

    def text(self, key: str) -> str:
        """The first value of an element of the data set; "": none, or no text."""
        values = self.data_set.get(key, {}).get("Value")
        return values[0] if values and isinstance(values[0], str) else ""

    def number(self, key: str, otherwise: int) -> int:
        """The first value as a whole number."""
        values = self.data_set.get(key, {}).get("Value")
        return values[0] if values and isinstance(values[0], int) else otherwise


def read_instance(
    content: Buffer, limits: Limits | None = None, uri: Callable[[Instance, Bulk], str] | None = None
) -> Instance:
    """Read all of `content` but large values. `uri` names what BulkDataURI says; without it, the path.

    Raises BadDicom.
    """
    limits = limits or Limits()
    meta, at = _meta(content, limits)
    syntax = (meta.get("00020010", {}).get("Value") or [""])[0]
    if not syntax:
        raise BadDicom("meta", "expected a Transfer Syntax UID (0002,0010), there is none")
    body, end = content, len(content)
    if syntax == DEFLATED:
        body, at = _inflated(content, at), 0
        end = len(body)
    elements = Elements(body, ">" if syntax == BIG_ENDIAN else "<", limits)
    data_set = elements.read(at, end, explicit=syntax != IMPLICIT)
    instance = Instance(syntax, meta, data_set, tuple(bulk for bulk, _ in elements.bulk), body)
    for bulk, element in elements.bulk:
        element["BulkDataURI"] = uri(instance, bulk) if uri else bulk.path
    return instance


def begin_of_data(content: Buffer) -> tuple[str, int]:
    """The transfer syntax, and where the data set begins. Raises BadDicom."""
    meta, at = _meta(content, Limits())
    return (meta.get("00020010", {}).get("Value") or [""])[0], at


def _meta(content: Buffer, limits: Limits) -> tuple[DataSet, int]:
    """The file meta information and where the data set begins (PS3.10, 7.1)."""
    if len(content) < 144 or content[128:132] != b"DICM":
        got = "nothing" if not len(content) else f"{len(content)} bytes without it"
        raise BadDicom("not-dicom", f"expected a preamble of 128 bytes and 'DICM', got {got}")
    raw, vr, size, length = _META_LENGTH.unpack_from(content, 132)
    if raw != b"\2\0\0\0" or vr != b"UL" or size != 4:
        at, end = 132, _end_of_group_2(content)
    else:
        at, end = 144, 144 + length
    if end > len(content) or end - at > 1 << 20:
        raise BadDicom(
            "truncated", f"file meta information: expected {end - at} bytes, {len(content) - at} are left"
        )
    return Elements(content, "<", limits).read(at, end, explicit=True), end


def _end_of_group_2(content: Buffer) -> int:
    """Files without the group's length exist: walk its elements."""
    at = 132
    while len(content) - at >= 12 and content[at : at + 2] == b"\2\0":
        if content[at + 4 : at + 6] in (b"OB", b"UN"):
            at += 12 + struct.unpack_from("<L", content, at + 8)[0]
        else:
            at += 8 + struct.unpack_from("<H", content, at + 6)[0]
    return at


def _inflated(content: Buffer, at: int) -> bytes:
    """PS3.5, A.5: raw deflate (RFC 1951)."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = inflate.decompress(content[at:], LARGEST_INFLATED)
    except zlib.error as error:
        raise BadDicom("deflate", f"expected deflated data: {error}", at) from error
    if inflate.unconsumed_tail:
        raise BadDicom("too-large", f"expected at most {LARGEST_INFLATED} bytes when inflated", at)
    if not inflate.eof:
        raise BadDicom("truncated", "the deflated data have no end", len(content))
    return body
