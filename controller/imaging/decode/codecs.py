"""A frame's bytes → its stored values, and stored values → bytes (PS3.5, 8 and annex A).

Runs in a worker only: `imagecodecs` reads what strangers send.
"""

import struct
import zlib
from typing import Any, Final

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from controller.imaging.decode import syntaxes
from controller.imaging.decode.codestream import Header, codestream, header
from controller.imaging.decode.picture import Frame, Picture
from controller.imaging.errors import CannotDecode

Values = NDArray[Any]
"""rows × columns, or rows × columns × 3."""
CODEC_ERRORS: Final = (RuntimeError, ValueError, MemoryError, OverflowError, zlib.error)
"""What codecs raise; imagecodecs' own are RuntimeErrors."""
_BY_CODEC: Final = frozenset(("YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT"))
_RLE_HEADER: Final = struct.Struct("<16L")


def decoded(frame: Frame) -> tuple[Values, str]:
    """The stored values of a frame, and their photometric interpretation: RGB where the codec made it so.

    Bits above those stored (overlays of old devices) are left in native data. Raises CannotDecode.
    """
    if frame.syntax not in syntaxes.DECODES:
        raise CannotDecode(f"expected a transfer syntax that is decoded here, got {frame.syntax}")
    if frame.picture.frame_bits > len(frame.data) * 8 and frame.syntax in syntaxes.NATIVE:
        raise CannotDecode(
            f"frame: expected {(frame.picture.frame_bits + 7) // 8} bytes, got {len(frame.data)}"
        )
    try:
        values, photometric = _decoded(frame)
    except CODEC_ERRORS as error:
        raise CannotDecode(f"the {frame.syntax} decoder says: {error or type(error).__name__}") from error
    return _fitting(values, frame.picture), photometric


def tidy(values: Values, picture: Picture) -> Values:
    """Only the bits stored, with their sign (PS3.5, 8.1.1)."""
    if picture.floating or picture.allocated == 1:
        return values
    above = picture.allocated - picture.high - 1
    below = picture.high + 1 - picture.stored
    if not above + below:
        return values
    kind = "i" if picture.signed else "u"
    width = values.dtype.itemsize
    shifted = (values.view(f"u{width}") << above).view(f"{kind}{width}")
    return shifted >> (above + below)


def _decoded(frame: Frame) -> tuple[Values, str]:
    picture, syntax = frame.picture, frame.syntax
    if syntax in syntaxes.NATIVE:
        return _native(frame.data, picture, syntax)
    if syntax == syntaxes.DEFLATED_FRAMES:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        return _native(inflate.decompress(frame.data, picture.frame_bits // 8 + 2), picture, syntax)
    if syntax == syntaxes.RLE:
        return _rle(frame.data, picture), picture.photometric
    data = codestream(frame.data) if syntax in syntaxes.WAVELETS else frame.data
    described = header(data, syntax)
    _check(described, picture)
    if syntax in syntaxes.JPEG:
        return _jpeg(data, described, picture)
    if syntax in syntaxes.WAVELETS:
        decode = imagecodecs.htj2k_decode if syntax in syntaxes.HIGH_THROUGHPUT else imagecodecs.jpeg2k_decode
        colour = "RGB" if picture.photometric in ("YBR_ICT", "YBR_RCT") else picture.photometric
        return _of_width(decode(data), described, picture), colour
    return _of_width(imagecodecs.jpegls_decode(data), described, picture), picture.photometric


def _native(data: bytes, picture: Picture, syntax: str) -> tuple[Values, str]:
    rows, columns, samples = picture.rows, picture.columns, picture.samples
    if picture.allocated == 1:
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        return bits[: rows * columns].reshape(rows, columns), picture.photometric
    values = np.frombuffer(
        _little(data, picture) if syntax == syntaxes.BIG_ENDIAN else data,
        _type(picture),
        picture.frame_bits // picture.allocated,
    )
    if picture.photometric == "YBR_FULL_422" and samples == 3:
        return _from_422(values.reshape(rows, columns // 2, 4)), "YBR_FULL"
    if samples == 1:
        return values.reshape(rows, columns), picture.photometric
    if picture.planar:
        return values.reshape(3, rows, columns).transpose(1, 2, 0), picture.photometric
    return values.reshape(rows, columns, 3), picture.photometric


def _little(data: bytes, picture: Picture) -> bytes:
    """Native data of the big endian syntax: also bytes are in words when their VR is OW."""
    width = 2 if picture.words and picture.allocated == 8 else picture.allocated // 8
    if len(data) % width:
        raise CannotDecode("a frame of odd length in big endian words has no last pixel of its own")
    return np.frombuffer(data, f">u{width}").astype(f"<u{width}").tobytes()


def _type(picture: Picture) -> str:
    kind = "f" if picture.floating else "i" if picture.signed else "u"
    return f"<{kind}{picture.allocated // 8 or 1}"


def _from_422(pairs: Values) -> Values:
    """Y Y Cb Cr for two pixels (PS3.3, C.7.6.3.1.2)."""
    rows, half, _ = pairs.shape
    full = np.empty((rows, half * 2, 3), pairs.dtype)
    full[:, 0::2, 0], full[:, 1::2, 0] = pairs[:, :, 0], pairs[:, :, 1]
    full[:, :, 1:] = pairs[:, :, 2:].repeat(2, axis=1)
    return full


def _rle(data: bytes, picture: Picture) -> Values:
    """Byte planes, the highest byte first (PS3.5, annex G)."""
    width = picture.allocated // 8
    if len(data) < 64 or not width:
        raise CannotDecode(f"RLE: expected a header of 64 bytes, got {len(data)}")
    count, *offsets = _RLE_HEADER.unpack_from(data)
    if count != picture.samples * width:
        raise CannotDecode(f"RLE: expected {picture.samples * width} segments, got {count}")
    pixels = picture.rows * picture.columns
    planes = np.empty((picture.samples, pixels, width), np.uint8)
    for number, (begin, end) in enumerate(zip(offsets[:count], [*offsets[1:count], len(data)], strict=True)):
        if not 64 <= begin <= end:
            raise CannotDecode(f"RLE: segment {number + 1} is said to be at bytes {begin} to {end}")
        plane = imagecodecs.packbits_decode(data[begin:end])
        if len(plane) < pixels:
            raise CannotDecode(f"RLE: segment {number + 1}: expected {pixels} bytes, got {len(plane)}")
        sample, byte = divmod(number, width)
        planes[sample, :, width - 1 - byte] = np.frombuffer(plane, np.uint8, pixels)
    values = planes.view(_type(picture)).reshape(picture.samples, picture.rows, picture.columns)
    return values[0] if picture.samples == 1 else values.transpose(1, 2, 0)


def _jpeg(data: bytes, described: Header, picture: Picture) -> tuple[Values, str]:
    """Colour by the Adobe marker, the components' names, or the photometric interpretation: in this order."""
    if picture.samples == 1:
        return _of_width(imagecodecs.jpeg8_decode(data), described, picture), picture.photometric
    if described.marker == 0xC3:  # lossless: no colour transform
        values = imagecodecs.jpeg8_decode(data, colorspace="RGB", outcolorspace="RGB")
        return _of_width(values, described, picture), picture.photometric
    if described.adobe is not None:
        ycc = described.adobe == 1
    else:
        ycc = not described.named_rgb and picture.photometric in _BY_CODEC
    values = imagecodecs.jpeg8_decode(data, colorspace="YCBCR" if ycc else "RGB", outcolorspace="RGB")
    return _of_width(values, described, picture), "RGB"


def _check(described: Header, picture: Picture) -> None:
    """Raises CannotDecode when the codestream is of another picture than the data set says."""
    got = (described.rows, described.columns, described.components)
    expected = (picture.rows, picture.columns, picture.samples)
    if got != expected:
        raise CannotDecode("codestream: expected {}×{}×{}, got {}×{}×{}".format(*expected, *got))
    if described.bits > picture.allocated:
        raise CannotDecode(f"codestream: expected at most {picture.allocated} bits, got {described.bits}")


def _of_width(values: Values, described: Header, picture: Picture) -> Values:
    """As wide as the bits allocated, with the sign of the data set if the codestream has none."""
    width = picture.allocated // 8
    if not picture.signed or described.signed:
        return values.astype(f"{values.dtype.kind}{width}", copy=False).view(_type(picture))
    above = picture.allocated - described.bits
    return (values.astype(f"u{width}", copy=False) << above).view(_type(picture)) >> above


def _fitting(values: Values, picture: Picture) -> Values:
    shape = (picture.rows, picture.columns, 3)[: 3 if picture.samples == 3 else 2]
    if values.shape != shape:
        raise CannotDecode(f"expected values in {shape}, the decoder gave {values.shape}")
    return values
