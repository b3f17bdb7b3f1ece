"""What a JPEG or PNG is for DICOM: a JPEG as it is where that can be, else pixels.

picture = await read_picture(data, "image/jpeg")       # raises CannotDecode
"""

import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Any

from controller.imaging.errors import CannotDecode
from controller.imaging.stills import jpeg

JPEG, PNG = "image/jpeg", "image/png"
DEADLINE_S = 40.0


@dataclass(frozen=True, slots=True)
class Picture:
    """`data`: the JPEG where `is_jpeg`, else bytes of pixels, colour by pixel, each row after the other."""

    rows: int
    columns: int
    samples: int
    data: bytes
    is_jpeg: bool
    photometric: str
    """Photometric Interpretation (0028,0004)."""
    was_lossy: bool
    """It came as a JPEG: what was lost then is lost."""
    ratio: float
    """Bytes of the pixels to bytes of the file."""


async def read_picture(data: bytes, media: str) -> Picture:
    """It is decoded to see that it can be, in a process of its own. Raises CannotDecode."""
    header = jpeg.read(data) if media == JPEG else None
    told, pixels = await _unpacked(data)
    rows, columns, samples = told["rows"], told["columns"], told["samples"]
    ratio = rows * columns * samples / len(data)
    if header is not None and header.is_plain and not told["turned"]:
        photometric = "RGB" if header.is_rgb else "YBR_FULL_422" if header.components == 3 else "MONOCHROME2"
        size = header.rows, header.columns, header.components
        return Picture(*size, jpeg.stripped(data), True, photometric, True, ratio)
    photometric = "RGB" if samples == 3 else "MONOCHROME2"
    return Picture(rows, columns, samples, pixels, False, photometric, media == JPEG, ratio)


async def _unpacked(data: bytes) -> tuple[dict[str, Any], bytes]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "controller.imaging.stills.unpack"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(DEADLINE_S):
            out, _ = await process.communicate(data)
    except TimeoutError:
        raise CannotDecode(f"expected a picture that is decoded in {DEADLINE_S:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    line, _, pixels = out.partition(b"\n")
    if process.returncode != 0 or not line:
        raise CannotDecode(f"the picture broke its decoder ({process.returncode}): nothing was kept")
    told = json.loads(line)
    if "error" in told:
        raise CannotDecode(f"expected a JPEG or PNG that can be decoded: {told['error']}")
    if len(pixels) != told["rows"] * told["columns"] * told["samples"]:
        raise CannotDecode("the picture's decoder gave other than it said: nothing was kept")
    return told, pixels
