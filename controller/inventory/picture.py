"""The barcodes in a photo. It is decoded in memory, within limits, and written nowhere.

for scan in read_picture(photo): ...      # texts for `labels.read`, the largest symbol first
"""

from io import BytesIO

import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

from controller.errors import BadLabel

LARGEST_BYTES = 8_000_000
MOST_PIXELS = 50_000_000
"""A phone's camera makes 12 to 50 million."""
WORKING_SIDE = 3000
"""Larger pictures are scaled down to this many pixels: a label that fills a tenth of one is still read."""
_KINDS = ("JPEG", "PNG", "WEBP", "BMP")
_REMEDY = "take a photo of the label alone, straight from above, as JPEG or PNG"


def read_picture(photo: bytes) -> list[str]:
    """The texts of all symbols in `photo`, with their symbology identifiers. Raises BadLabel.

    It takes up to a second and 200 MB: call it in a thread, one at a time.
    """
    if len(photo) > LARGEST_BYTES:
        raise BadLabel(f"expected a picture of at most {LARGEST_BYTES} bytes, got {len(photo)}: {_REMEDY}")
    found = zxingcpp.read_barcodes(_opened(photo), text_mode=zxingcpp.TextMode.Plain)
    texts = [
        one.symbology_identifier + one.text for one in sorted(found, key=_size, reverse=True) if one.text
    ]
    if not texts:
        raise BadLabel(f"there is no barcode in this picture that can be read: {_REMEDY}")
    return list(dict.fromkeys(texts))


def _opened(photo: bytes) -> Image.Image:
    """The picture in grey, upright. Its size is looked at before its pixels are made."""
    try:
        with Image.open(BytesIO(photo), formats=_KINDS) as picture:
            width, height = picture.size
            if width * height > MOST_PIXELS:
                raise BadLabel(f"expected at most {MOST_PIXELS} pixels, got {width} x {height}: {_REMEDY}")
            picture.draft("L", (WORKING_SIDE, WORKING_SIDE))
            grey = ImageOps.exif_transpose(picture.convert("L"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadLabel(f"this is no picture that can be read: {_REMEDY}") from error
    grey.thumbnail((WORKING_SIDE, WORKING_SIDE))
    return grey


def _size(barcode: zxingcpp.Barcode) -> int:
    """About the symbol's area, in pixels."""
    at = barcode.position
    return abs(at.bottom_right.x - at.top_left.x) * abs(at.bottom_right.y - at.top_left.y)
