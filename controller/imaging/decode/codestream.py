"""What a compressed frame says of itself, read before any codec allocates for it.

JPEG and JPEG-LS: ITU-T T.81 B.2.2, T.87 C.2.2. JPEG 2000 and HTJ2K: ITU-T T.800, A.5.1.
"""

import struct
from dataclasses import dataclass

from controller.imaging.decode.syntaxes import WAVELETS
from controller.imaging.errors import CannotDecode

_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
"""SOF0 … SOF15 and JPEG-LS's SOF55; C4, C8, CC are tables."""
_JP2 = b"\0\0\0\x0cjP  "


@dataclass(frozen=True, slots=True)
class Header:
    """Size and kind of the picture in a codestream."""

    rows: int
    columns: int
    components: int
    bits: int
    signed: bool = False
    marker: int = 0
    """JPEG: the frame header's second byte."""
    adobe: int | None = None
    """JPEG: the colour transform of an Adobe marker, 0: none, 1: YCbCr."""
    named_rgb: bool = False
    """JPEG: whether the components call themselves R, G, B."""


def header(data: bytes, syntax: str) -> Header:
    """Of one compressed frame. Raises CannotDecode."""
    try:
        return _wavelet(data) if syntax in WAVELETS else _jpeg(data)
    except (struct.error, IndexError) as error:
        raise CannotDecode(f"the codestream ends in its header, after {len(data)} bytes") from error


def codestream(data: bytes) -> bytes:
    """JPEG 2000 without the boxes of a JP2 file, which some devices send although PS3.5 A.4.4 forbids it."""
    if not data.startswith(_JP2):
        return data
    at = data.find(b"\xff\x4f\xff\x51")
    if at < 0:
        raise CannotDecode("expected a codestream in the JP2 file, there is none")
    return data[at:]


def _jpeg(data: bytes) -> Header:
    if data[:2] != b"\xff\xd8":
        raise CannotDecode(f"expected a JPEG codestream (FFD8), got {data[:2].hex() or 'nothing'}")
    at, adobe = 2, None
    while True:
        if data[at] != 0xFF:
            raise CannotDecode(f"expected a JPEG marker at byte {at}, got {data[at]:02x}")
        while data[at] == 0xFF:
            at += 1
        marker, length = data[at], struct.unpack_from(">H", data, at + 1)[0]
        at += 1
        if marker in _FRAME_HEADERS:
            bits, rows, columns, components = struct.unpack_from(">BHHB", data, at + 2)
            names = bytes(data[at + 8 : at + 8 + 3 * components : 3])
            return Header(rows, columns, components, bits, False, marker, adobe, names == b"RGB")
        if marker == 0xEE and data[at + 2 : at + 7] == b"Adobe" and length >= 14:
            adobe = data[at + 13]
        if marker == 0xDA or length < 2:
            raise CannotDecode("expected a JPEG frame header before the scan")
        at += length


def _wavelet(data: bytes) -> Header:
    if data[:4] != b"\xff\x4f\xff\x51":
        raise CannotDecode(f"expected a JPEG 2000 codestream (FF4FFF51), got {data[:4].hex() or 'nothing'}")
    right, bottom, left, top = struct.unpack_from(">4L", data, 8)
    components, depth = struct.unpack_from(">HB", data, 40)
    return Header(bottom - top, right - left, components, (depth & 0x7F) + 1, bool(depth & 0x80))
