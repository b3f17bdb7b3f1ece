"""How long something in an image is, in millimetres, and by what that is known.

PS3.3: 10.7.1 Pixel Spacing, C.8.6.2 Nominal Scanned, C.8.7.1 Imager Pixel Spacing, C.8.5.5 ultrasound
regions, C.7.6.16.2.1 Pixel Measures. Points are in pixels, (0, 0) the corner of the first pixel.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import hypot
from typing import Any

from controller.imaging.annotate.data import Item, first, items, number, numbers

Point = tuple[float, float]

_CM, _TWO_D = 3, 1
"""Values of Physical Units and of Region Spatial Format."""
_MM_IN_CM = 10.0


class Basis(StrEnum):
    """By what a length is known."""

    PIXEL_SPACING = "pixel-spacing"
    """In the patient (CT, MR), or calibrated."""
    DETECTOR = "detector"
    """At the detector: in the patient it is shorter, by how much is not known."""
    REGION = "region"
    """By the ultrasound system, in its region of the picture."""
    NONE = "none"
    """Not at all."""


@dataclass(frozen=True, slots=True)
class Area:
    """Part of a picture with one scale: corners in pixels, `x_mm` and `y_mm` the size of a pixel."""

    left: float
    top: float
    right: float
    bottom: float
    x_mm: float
    y_mm: float

    def holds(self, point: Point) -> bool:
        """Whether `point` is within."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom


@dataclass(frozen=True, slots=True)
class Scale:
    """The areas of an image in which lengths are known; where two overlap, the first."""

    basis: Basis
    areas: Sequence[Area] = ()

    def length_mm(self, begin: Point, end: Point) -> float | None:
        """The length of a straight line; None where it is not known: no area has both ends."""
        for area in self.areas:
            if area.holds(begin) and area.holds(end):
                return hypot((end[0] - begin[0]) * area.x_mm, (end[1] - begin[1]) * area.y_mm)
        return None

    def words(self, begin: Point, end: Point) -> str:
        """That length as it is written into an image: "12.3 mm", "12.3 mm (detector)", "40 pixels"."""
        length = self.length_mm(begin, end)
        if length is None:
            return f"{hypot(end[0] - begin[0], end[1] - begin[1]):.0f} pixels"
        return f"{length:.1f} mm" + (" (detector)" if self.basis is Basis.DETECTOR else "")

    def told(self) -> dict[str, Any]:
        """As JSON for the page."""
        areas = [[one.left, one.top, one.right, one.bottom, one.x_mm, one.y_mm] for one in self.areas]
        return {"basis": self.basis, "areas": areas}


def scale(image: Item) -> Scale:
    """The scale of an image (DICOM JSON of its data set); of a multi-frame one that of its first frame."""
    rows, columns = number(image, "00280010", 0), number(image, "00280011", 0)
    if regions := list(_regions(image)):
        return Scale(Basis.REGION, regions)
    spacing = _positive(image, "00280030") or _positive(_measures(image), "00280030")
    if spacing := spacing or _positive(image, "00182010"):
        return Scale(Basis.PIXEL_SPACING, [Area(0, 0, columns, rows, spacing[1], spacing[0])])
    if spacing := _positive(image, "00181164"):
        magnified = number(image, "00181114", 0)
        y_mm, x_mm = (one / magnified if magnified >= 1 else one for one in spacing)
        basis = Basis.PIXEL_SPACING if magnified >= 1 else Basis.DETECTOR
        return Scale(basis, [Area(0, 0, columns, rows, x_mm, y_mm)])
    return Scale(Basis.NONE)


def _positive(item: Item, tag: str) -> tuple[float, float] | None:
    """Spacing of rows, then of columns: both above zero, or nothing."""
    found = numbers(item, tag)
    return (found[0], found[1]) if len(found) == 2 and min(found) > 0 else None


def _measures(image: Item) -> Item:
    shared = first(image, "52009229", "00289110")
    return shared or first(image, "52009230", "00289110")


def _regions(image: Item) -> Iterator[Area]:
    for region in items(image, "00186011"):
        corners = [number(region, tag, -1) for tag in ("00186018", "0018601A", "0018601C", "0018601E")]
        x, y = abs(number(region, "0018602C", 0)), abs(number(region, "0018602E", 0))
        flat = number(region, "00186012", 0) == _TWO_D
        in_cm = number(region, "00186024", 0) == _CM and number(region, "00186026", 0) == _CM
        if flat and in_cm and x > 0 and y > 0 and min(corners) >= 0:
            left, top, right, bottom = corners
            # The last pixel is named, not its far edge.
            yield Area(left, top, right + 1, bottom + 1, x * _MM_IN_CM, y * _MM_IN_CM)
