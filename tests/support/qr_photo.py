"""Photos of QR codes, as a phone takes them."""

from io import BytesIO

import segno
from PIL import Image, ImageEnhance

DESK = (120, 96, 70)


def code(text: str, scale: int = 6) -> Image.Image:
    """The symbol alone."""
    made = BytesIO()
    segno.make_qr(text, error="m").save(made, kind="png", scale=scale, border=4)
    return Image.open(made).convert("RGB")


def photo(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The file that a camera makes of it."""
    made = BytesIO()
    picture.save(made, kind, **options)
    return made.getvalue()


def on_a_desk(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """It lies there, not quite in the middle."""
    desk = Image.new("RGB", size, DESK)
    desk.paste(picture, ((size[0] - picture.width) // 2, (size[1] - picture.height) // 3))
    return desk


def turned_and_dim(picture: Image.Image, degrees: float) -> Image.Image:
    """As in a cupboard at night."""
    turned = picture.rotate(degrees, expand=True, fillcolor=DESK)
    return ImageEnhance.Contrast(ImageEnhance.Brightness(turned).enhance(0.25)).enhance(0.5)
