"""What the quick viewer has to know of an image before it asks for its picture."""

from typing import Any

from controller.imaging.annotate.data import Item, first, number, numbers, text
from controller.imaging.annotate.scale import Basis, Scale, scale

_MOST_BITS = 32


def told(image: Item) -> dict[str, Any]:
    """Of the DICOM JSON of a data set with pixel data, what the page is sent."""
    grey = text(image, "00280004").startswith("MONOCHROME")
    known = scale(image)
    return {
        "instance": text(image, "00080018"),
        "number": int(number(image, "00200013", 0)) or None,
        "frames": max(1, int(number(image, "00280008", 1))),
        "frame_ms": _frame_ms(image),
        "rows": int(number(image, "00280010", 0)),
        "columns": int(number(image, "00280011", 0)),
        "window": window(image) if grey else None,
        "aspect": aspect(image, known),
        "scale": known.told(),
    }


def _frame_ms(image: Item) -> float | None:
    """How long a frame of a cine lasts (PS3.3, C.7.6.5)."""
    if (told_ms := number(image, "00181063", 0)) > 0:
        return told_ms
    rate_hz = number(image, "00082144", 0) or number(image, "00180040", 0)
    return 1000 / rate_hz if rate_hz > 0 else None


def aspect(image: Item, known: Scale) -> float:
    """A pixel's height by its width: of its size, else of its Pixel Aspect Ratio (PS3.3, C.7.6.3.1.7)."""
    if known.basis in (Basis.PIXEL_SPACING, Basis.DETECTOR):
        return known.areas[0].y_mm / known.areas[0].x_mm
    ratio = numbers(image, "00280034")
    return ratio[0] / ratio[1] if len(ratio) == 2 and min(ratio) > 0 else 1.0


def window(image: Item) -> tuple[float, float]:
    """Centre and width to begin with: the image's first, of its first frame, else all that its bits say."""
    for place in (image, first(image, "52009229", "00289132"), first(image, "52009230", "00289132")):
        centre, width = numbers(place, "00281050"), numbers(place, "00281051")
        if centre and width and width[0] > 0:
            return centre[0], width[0]
    rescale = image if "00281053" in image else first(image, "52009229", "00289145")
    slope, intercept = number(rescale, "00281053", 1), number(rescale, "00281052", 0)
    span = 2.0 ** min(max(number(image, "00280101", 8), 1), _MOST_BITS)
    middle = 0.0 if number(image, "00280103", 0) else span / 2
    return middle * slope + intercept, span * abs(slope) or 1.0
