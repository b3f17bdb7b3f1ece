"""A process that decodes one JPEG or PNG, and cannot do more: `python -m controller.imaging.stills.unpack`.

In: the file. Out: a line of JSON, {"rows", "columns", "samples", "turned"} or {"error"}, and the pixels, a
byte a sample, colour by pixel. `turned`: it lay on its side, as a camera was held, and does not now (Exif,
Orientation).
"""

import json
import resource
import sys
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 60_000_000
"""Of one picture: a telephone makes 12 to 50 million."""
MEMORY, SECONDS, FILES = 1 << 30, 20, 16
_ORIENTATION = 0x0112


def limit() -> None:
    """No more memory, time and files than a picture needs; nothing is written."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def unpacked(data: bytes) -> tuple[dict[str, int | bool], bytes]:
    """What stands in the line, and the pixels. Raises what Pillow raises."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # twice as many raise DecompressionBombError
    with Image.open(BytesIO(data), formats=["JPEG", "PNG"]) as image:
        turned = image.getexif().get(_ORIENTATION, 1) not in (0, 1)
        upright = ImageOps.exif_transpose(image)
        plain = _plain(upright)
        samples = 1 if plain.mode == "L" else 3
        told = {"rows": plain.height, "columns": plain.width, "samples": samples, "turned": turned}
        return told, plain.tobytes()


def _plain(image: Image.Image) -> Image.Image:
    """Grey or RGB, 8 bits; what shines through is on black."""
    if image.mode.startswith("I;16"):
        return image.point(lambda value: value / 256).convert("L")
    if "A" in image.getbands() or "transparency" in image.info:
        whole = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", whole.size, "black"), whole).convert("RGB")
    return image.convert("L") if image.mode in ("1", "L") else image.convert("RGB")


def main() -> None:
    """Decode what comes on the standard input."""
    limit()
    out = sys.stdout.buffer
    try:
        told, pixels = unpacked(sys.stdin.buffer.read())
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        told, pixels = {"error": str(error)}, b""
    except MemoryError:
        told, pixels = {"error": "it needs more memory than a picture may"}, b""
    out.write(json.dumps(told).encode() + b"\n" + pixels)


if __name__ == "__main__":
    main()
