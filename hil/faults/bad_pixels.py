"""Images whose header is good and whose pixels are a trap for whoever decodes them.

for name, content in bad_pixels(seed).items():
    stow(content)                            # is stored: the bytes are a doctor's, and nobody else has them
    rendered(…)                              # 200 or 422, never a crash; the next request is answered

Shapes of known holes: a codestream larger than its frame or than memory (OpenJPEG, libjpeg), run lengths
that lead out of the fragment, tables shorter than they say (dcmtk, CVE-2024-47796), products that overflow.
"""

import io
import struct
from collections.abc import Mapping
from typing import Any, Final

import imagecodecs
import numpy as np
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import UID, JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSLossless, RLELossless

from hil.faults.bad_images import changed, whole
from hil.sims.imaging.objects import Pixels

HUGE: Final = 60_000
_GREY: Final = np.arange(32 * 32, dtype="u2").reshape(32, 32) % 4096


def bad_pixels(seed: int) -> Mapping[str, bytes]:
    """By name; each of a study of its own."""
    made = {**_native(), **_encapsulated()}
    files = {name: _of(100 * seed + number, *parts) for number, (name, parts) in enumerate(made.items())}
    unknown = _of(100 * seed + 99, {}, JPEG2000Lossless, bytes(range(256)))
    files["a transfer syntax that nobody knows"] = unknown.replace(b"1.2.4.90\0", b"1.2.4.98\0")
    return files


Parts = tuple[dict[str, Any], UID | None, bytes]
"""Other elements; a transfer syntax, if pixels are encapsulated; their fragment."""


def _of(seed: int, elements: dict[str, Any], syntax: UID | None, fragment: bytes) -> bytes:
    data: Dataset = dcmread(io.BytesIO(whole(seed)))
    if syntax is None:
        return changed(data, **elements)
    data.PixelData = encapsulate([fragment])
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = True
    return changed(data, syntax, **elements)


def _native() -> dict[str, Parts]:
    """Uncompressed pixels that are not as large as they say, or cannot be drawn."""
    elements: dict[str, dict[str, Any]] = {
        "more rows than there are": {"Rows": 4096},
        "four thousand million pixels": {"Rows": 65535, "Columns": 65535},
        "no rows": {"Rows": 0},
        "no columns": {"Columns": 0},
        "no rows at all": {"Rows": None},
        "no bits": {"BitsAllocated": 0, "BitsStored": 0},
        "more bits stored than allocated": {"BitsStored": 64, "HighBit": 63},
        "no samples": {"SamplesPerPixel": 0},
        "60,000 samples": {"SamplesPerPixel": 60_000},
        "two thousand million frames": {"NumberOfFrames": 2**31 - 1},
        "frames less than none": {"NumberOfFrames": -5},
        "a photometric interpretation that is none": {"PhotometricInterpretation": "PURPLE"},
        "a palette without tables": {"PhotometricInterpretation": "PALETTE COLOR"},
        "a palette shorter than it says": {"PhotometricInterpretation": "PALETTE COLOR"} | _palette(b"\1\2"),
        "colours of one byte": {"PhotometricInterpretation": "YBR_FULL_422", "SamplesPerPixel": 3},
        "a window of nothing": {"WindowCenter": "NaN", "WindowWidth": "0"},
        "a window without an end": {"WindowCenter": "1e308", "WindowWidth": "-1e308"},
        "a slope without an end": {"RescaleSlope": "1e308", "RescaleIntercept": "1e308"},
        "a slope of nothing": {"RescaleSlope": "", "RescaleIntercept": ""},
        "an aspect of 60,000 to 1": {"PixelAspectRatio": [60_000, 1]},
    }
    return {name: (changes, None, b"") for name, changes in elements.items()}


def _palette(table: bytes) -> dict[str, Any]:
    colours = ("Red", "Green", "Blue")
    descriptors = {f"{colour}PaletteColorLookupTableDescriptor": [0, 0, 16] for colour in colours}
    return descriptors | {f"{colour}PaletteColorLookupTableData": table for colour in colours}


def _encapsulated() -> dict[str, Parts]:
    """Fragments that are not what their transfer syntax says, or more of it than anybody can hold."""
    jpeg, jpeg_2000 = _jpeg(32, 32), bytes(imagecodecs.jpeg2k_encode(_GREY, level=0))
    eight: dict[str, Any] = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    return {
        "a JPEG that is noise": (eight, JPEGBaseline8Bit, bytes(range(256)) * 8),
        "a JPEG cut in the middle": (eight, JPEGBaseline8Bit, jpeg[: len(jpeg) // 2]),
        "a JPEG of another size": (eight, JPEGBaseline8Bit, _jpeg(64, 48)),
        "a JPEG that says 60,000 by 60,000": (eight, JPEGBaseline8Bit, _grown_jpeg(jpeg)),
        "two bytes of a JPEG": (eight, JPEGBaseline8Bit, b"\xff\xd8"),
        "a JPEG 2000 that is noise": ({}, JPEG2000Lossless, bytes(range(256)) * 8),
        "a JPEG 2000 cut in the middle": ({}, JPEG2000Lossless, jpeg_2000[: len(jpeg_2000) // 2]),
        "a JPEG 2000 that says 60,000 by 60,000": ({}, JPEG2000Lossless, _grown_jpeg_2000(jpeg_2000)),
        "a JPEG-LS that is a JPEG": ({}, JPEGLSLossless, jpeg),
        "run lengths that lead out": (
            {},
            RLELossless,
            struct.pack("<16L", 2, 64, 0xFFFFFFF0, *[0] * 13) + b"\x81\0",
        ),
        "fifteen thousand segments": ({}, RLELossless, struct.pack("<16L", 15_000, *[64] * 15)),
        "run lengths that never end": (
            {},
            RLELossless,
            struct.pack("<16L", 2, 64, 66, *[0] * 13) + b"\x81\0" * 2,
        ),
        "a video": ({}, UID("1.2.840.10008.1.2.4.102"), b"\0\0\1\xb3" + bytes(999)),
    }


def _jpeg(rows: int, columns: int) -> bytes:
    picture: Pixels = np.add.outer(np.arange(rows), np.arange(columns)).astype("u1")
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG")
    return out.getvalue()


def _grown_jpeg(jpeg: bytes) -> bytes:
    """Its SOF0 says HUGE (ITU-T T.81, B.2.2)."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", HUGE, HUGE) + jpeg[at + 4 :]


def _grown_jpeg_2000(codestream: bytes) -> bytes:
    """Its SIZ says HUGE, image and tile (ITU-T T.800, A.5.1)."""
    at = codestream.index(b"\xff\x51") + 6
    sizes = struct.pack(">8L", HUGE, HUGE, 0, 0, HUGE, HUGE, 0, 0)
    return codestream[:at] + sizes + codestream[at + 32 :]
