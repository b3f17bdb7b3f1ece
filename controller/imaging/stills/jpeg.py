"""The headers of a JPEG (ITU-T T.81): whether DICOM can have it as it is, and what of it DICOM should not.

read(data) raises CannotDecode; stripped(data) is the same picture without what a camera writes beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from controller.imaging.errors import CannotDecode

_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF0 … SOF15: what of that range is no DHT, JPG or DAC (T.81, table B.1)."""
_BASELINE = 0xC0
_ALONE = frozenset({_SOI, _TEM, *range(0xD0, 0xD8)})
"""Markers without a length (B.1.1.3)."""
_KEPT = frozenset({0xE0, 0xEE})
"""APP0 (JFIF) and APP14 (Adobe) say of which colours it is; the others hold places, names, thumbnails."""
_APPLICATIONS = frozenset(range(0xE0, 0xF0))
_COMMENT = 0xFE


@dataclass(frozen=True, slots=True)
class Jpeg:
    """`is_plain`: baseline, 8 bits, one or three components: JPEG Baseline (Process 1) of PS3.5, A.4.1."""

    rows: int
    columns: int
    components: int
    is_plain: bool
    is_rgb: bool
    """Three components that are no YCbCr: Adobe's marker or the components' names say so."""


@dataclass(frozen=True, slots=True)
class _Segment:
    marker: int
    start: int
    """Of the marker."""
    body: bytes


def read(data: bytes) -> Jpeg:
    """What its headers say. Raises CannotDecode."""
    frame: _Segment | None = None
    adobe: int | None = None
    for segment in _segments(data):
        if segment.marker in _FRAMES:
            frame = segment
        elif segment.marker == 0xEE and segment.body.startswith(b"Adobe") and len(segment.body) >= 12:
            adobe = segment.body[11]
    if frame is None or len(frame.body) < 6:
        raise CannotDecode("expected a JPEG with a frame header (ITU-T T.81, B.2.2), there is none")
    precision, components = frame.body[0], frame.body[5]
    rows, columns = int.from_bytes(frame.body[1:3]), int.from_bytes(frame.body[3:5])
    names = frame.body[6::3][:components]
    is_plain = frame.marker == _BASELINE and precision == 8 and components in (1, 3) and rows * columns > 0
    is_rgb = components == 3 and (adobe == 0 or (adobe is None and names == b"RGB"))
    return Jpeg(rows, columns, components, is_plain, is_rgb)


def stripped(data: bytes) -> bytes:
    """The same picture without application data and comments. Raises CannotDecode."""
    parts: list[bytes] = [data[:2]]
    at = 2
    for segment in _segments(data):
        is_beside = segment.marker in _APPLICATIONS - _KEPT or segment.marker == _COMMENT
        end = segment.start + 4 + len(segment.body)
        if not is_beside:
            parts.append(data[segment.start : end])
        at = end
    end = data.rfind(b"\xff\xd9")
    return b"".join((*parts, data[at : end + 2 if end > at else len(data)]))


def _segments(data: bytes) -> Iterator[_Segment]:
    """Those up to the first scan, that one's header last. Raises CannotDecode."""
    if data[:2] != b"\xff\xd8":
        raise CannotDecode("expected a JPEG, which begins with FF D8 (ITU-T T.81, B.1.1.3)")
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise CannotDecode(f"expected a marker at byte {at} of the JPEG, got {data[at]:02X}")
        marker = data[at + 1]
        if marker == 0xFF or marker in _ALONE:  # fill bytes (B.1.1.2)
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4])
        if marker == _EOI or length < 2 or at + 2 + length > len(data):
            break
        yield _Segment(marker, at, data[at + 4 : at + 2 + length])
        if marker == _SOS:
            return
        at += 2 + length
    raise CannotDecode("expected a JPEG with a scan (ITU-T T.81, B.2.3), it ends before one")
