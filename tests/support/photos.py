"""Photographs as telephones and ultrasound machines make them: small, with something in them."""

from io import BytesIO
from typing import Any

from PIL import Image


def photo(kind: str = "JPEG", mode: str = "RGB", size: tuple[int, int] = (96, 64), **options: Any) -> bytes:
    """A file of Pillow's format `kind`; `options` are those of Pillow for it."""
    image = Image.effect_mandelbrot(size, (-2.0, -1.2, 0.8, 1.2), 60).convert(mode)
    if mode == "RGB":
        image.putpixel((0, 0), (250, 10, 10))
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def held_sideways() -> bytes:
    """A JPEG of a telephone that was turned by 90°, which says so, and where it was (Exif 2.3, 4.6.4)."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "Secret maker"
    return photo(exif=exif.tobytes())
