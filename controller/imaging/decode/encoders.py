"""Stored values → a frame in a transfer syntax (PS3.5, 8.2 and annex A). Runs in a worker only."""

import struct
from typing import Any, Final

import imagecodecs
import numpy as np

from controller.imaging.decode import syntaxes
from controller.imaging.decode.codecs import CODEC_ERRORS, Values, tidy
from controller.imaging.decode.picture import Picture
from controller.imaging.decode.shades import rgb
from controller.imaging.errors import CannotDecode

JPEG_QUALITY: Final = 90
_UNCOMPRESSED: Final = frozenset((syntaxes.IMPLICIT, syntaxes.EXPLICIT, syntaxes.DEFLATED))


def encoded(values: Values, photometric: str, picture: Picture, syntax: str) -> tuple[bytes, str]:
    """One frame, and its photometric interpretation, which compression may change. Raises CannotDecode."""
    if syntax not in syntaxes.ENCODES:
        raise CannotDecode(f"expected a transfer syntax that is made here, got {syntax}")
    if syntax in _UNCOMPRESSED:
        return _native(values, picture), photometric
    if picture.allocated not in (8, 16) or picture.floating:
        raise CannotDecode(f"{picture.allocated} bits allocated cannot be written in {syntax}")
    try:
        return _compressed(values, photometric, picture, syntax)
    except CODEC_ERRORS as error:
        raise CannotDecode(f"the {syntax} encoder says: {error or type(error).__name__}") from error


def _native(values: Values, picture: Picture) -> bytes:
    """Little endian, colour by pixel."""
    if picture.allocated == 1:
        return np.packbits(values, bitorder="little").tobytes()
    return np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<"), copy=False)).tobytes()


def _compressed(values: Values, photometric: str, picture: Picture, syntax: str) -> tuple[bytes, str]:
    values = np.ascontiguousarray(values)
    unsigned = values.view(f"u{values.dtype.itemsize}")
    coloured = photometric == "RGB"
    if syntax == syntaxes.RLE:
        return _rle(values), photometric
    if syntax == syntaxes.JPEG_BASELINE:
        return _baseline(values, photometric, picture)
    if syntax == syntaxes.JPEG_LOSSLESS_SV1:
        bits = picture.allocated if picture.signed else _bits(values, picture)
        kept: dict[str, Any] = {"colorspace": "RGB", "outcolorspace": "RGB"} if values.ndim == 3 else {}
        coded = imagecodecs.jpeg8_encode(unsigned, lossless=True, predictor=1, bitspersample=bits, **kept)
        return bytes(coded), photometric
    if syntax == syntaxes.JPEG_LS:
        return bytes(imagecodecs.jpegls_encode(unsigned)), photometric
    if syntax == syntaxes.HTJ2K_LOSSLESS:
        coded = imagecodecs.htj2k_encode(values, reversible=True, rgb=coloured)
    else:
        bits = _bits(values, picture)
        coded = imagecodecs.jpeg2k_encode(
            values,
            level=0,
            reversible=True,
            codecformat="j2k",
            bitspersample=bits,
            mct=coloured,
            numthreads=1,
        )
    return bytes(coded), "YBR_RCT" if coloured else photometric


def _bits(values: Values, picture: Picture) -> int:
    """Bits stored, or all that are allocated when others are in use (overlays of old devices)."""
    return picture.stored if np.array_equal(tidy(values, picture), values) else picture.allocated


def _baseline(values: Values, photometric: str, picture: Picture) -> tuple[bytes, str]:
    if picture.allocated != 8 or picture.signed or photometric == "PALETTE COLOR":
        raise CannotDecode("JPEG baseline: expected grey or colour of 8 bits without sign")
    if values.ndim == 2:
        return bytes(imagecodecs.jpeg8_encode(values, level=JPEG_QUALITY)), photometric
    colour = np.ascontiguousarray(rgb(values, photometric))
    return bytes(imagecodecs.jpeg8_encode(colour, level=JPEG_QUALITY, subsampling="422")), "YBR_FULL_422"


def _rle(values: Values) -> bytes:
    """PS3.5, annex G: a segment for each byte of each sample, the highest byte first, each row by itself."""
    samples = values[..., np.newaxis] if values.ndim == 2 else values
    width = values.dtype.itemsize
    octets = np.ascontiguousarray(samples).view(np.uint8).reshape(*samples.shape, width)
    segments: list[bytes] = []
    for sample in range(samples.shape[2]):
        for byte in reversed(range(width)):
            # A copy, of one pixel, too: numpy calls that contiguous however it lies, the encoder does not.
            plane = octets[:, :, sample, byte].copy()
            segment = bytes(imagecodecs.packbits_encode(plane, axis=-1))
            segments.append(segment + b"\0" * (len(segment) % 2))
    offsets = [64]
    for segment in segments[:-1]:
        offsets.append(offsets[-1] + len(segment))
    head = struct.pack("<16L", len(segments), *offsets, *[0] * (15 - len(segments)))
    return head + b"".join(segments)
