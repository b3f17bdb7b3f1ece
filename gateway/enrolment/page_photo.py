"""The claim in a photo of its QR code: decoded on the box, in memory, within limits, and written nowhere.

A browser gives its live camera to encrypted pages only, and this one cannot be: it is the way to the first
certificate. A photo that a phone takes for a form is no live camera.

    if can_read(): claim = claim_in_photo(photo)      # None: there is none in it
"""

from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

from devices.errors import BadClaim
from devices.model.claim import LONGEST, Claim

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS = 20_000_000
"""Made in memory: a JPEG of more is read at a half, a quarter or an eighth of its size."""
_SIDE = 2000
_KINDS = ("JPEG", "PNG", "WEBP")


def can_read() -> bool:
    """Whether the box has what reads photos: it may do without."""
    return all(find_spec(name) is not None for name in ("PIL", "zxingcpp"))


def claim_in_photo(photo: bytes) -> Claim | None:
    """The first claim among the symbols of `photo`; None: it has none, or is no picture that is taken.

    It takes up to a second and 100 MB: call it in a thread, one at a time.
    """
    import zxingcpp  # noqa: PLC0415 - only boxes that are enrolled by a photo load it
    from PIL import ImageOps  # noqa: PLC0415

    grey, kinds = _opened(photo), zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    if grey is None:
        return None
    for picture in (grey, ImageOps.autocontrast(grey, cutoff=1)):
        for found in zxingcpp.read_barcodes(picture, formats=kinds):
            if (claim := _claim(found.text)) is not None:
                return claim
    return None


def _opened(photo: bytes) -> "Image | None":
    """The picture in grey, upright. Its size is looked at before its pixels are made."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415

    try:
        with Image.open(BytesIO(photo), formats=_KINDS) as picture:
            picture.draft("L", (_SIDE, _SIDE))
            width, height = picture.size
            if width * height > MOST_PIXELS:
                return None
            grey = ImageOps.exif_transpose(picture.convert("L"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    grey.thumbnail((_SIDE, _SIDE))
    return grey


def _claim(text: str) -> Claim | None:
    try:
        return Claim.from_text(text) if len(text) <= LONGEST else None
    except BadClaim:
        return None
