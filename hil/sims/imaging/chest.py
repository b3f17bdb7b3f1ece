"""A radiograph of a chest: lungs, ribs, heart, spine, collarbones. Attenuation is added up, as rays do."""

from typing import Final

import numpy as np
from pydicom.uid import ComputedRadiographyImageStorage

from hil.sims.imaging.objects import Examination, Kind, Pixels, add_grey, ellipse, new_object, to_file

KIND: Final = Kind(ComputedRadiographyImageStorage, "CR", "Chest p.a.", 1, "CHEST", "Chest p.a.")
_FIELD_MM: Final = 400.0


def chest_radiograph(examination: Examination, size: int = 2048) -> bytes:
    """One file of size × size pixels, 12 bits, bone white."""
    data = new_object(examination, KIND)
    data.ImageType, data.PatientOrientation = ["ORIGINAL", "PRIMARY"], ["L", "F"]
    data.ViewPosition, data.PlateType, data.BurnedInAnnotation = "PA", "", "NO"
    data.ImagerPixelSpacing = [round(_FIELD_MM / size, 5)] * 2
    data.KVP, data.Exposure, data.PresentationLUTShape = 125, 2, "IDENTITY"
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = 0, 1, "US"
    data.WindowCenter, data.WindowWidth = 2000, 3400
    dense = attenuation(size) * 3300 + examination.noise("cr").normal(0, 18, (size, size))
    add_grey(data, np.clip(dense + 250, 0, 4095).astype("u2"), bits=12)
    return to_file(data)


def attenuation(size: int) -> Pixels:
    """0 (air) to about 1 (spine behind heart)."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j].astype("f4")
    body = np.clip(1.3 - ellipse(x, y, (0, 0.5), (0.88, 1.6)) ** 4, 0, 0.42)
    body = np.maximum(body, 0.42 * (np.abs(x) < 0.22) * (y < -0.6))
    for side in (-1, 1):
        lung = ellipse(x, y, (0.4 * side, 0.0), (0.33, 0.74), 0.1 * side)
        body -= 0.3 * soft(1 - lung) * (y < 0.62 - 0.25 * (x - 0.4 * side) ** 2)
        body += _ribs(x, y, side)
        body += (
            0.16
            * soft((0.03 - np.abs(y + 0.72 - 0.16 * np.abs(x))) * 30)
            * (np.abs(x) < 0.62)
            * (x * side > 0.07)
        )
    body += 0.26 * soft((1 - ellipse(x, y, (0.13, 0.28), (0.34, 0.3), 0.5)) * 3)
    body += 0.2 * soft((0.075 - np.abs(x)) * 25) * (0.86 + 0.14 * np.sin(y * 42))
    return body


def _ribs(x: Pixels, y: Pixels, side: int) -> Pixels:
    """Ten arcs that fall outwards."""
    out = np.abs(x)
    dense = np.zeros_like(x)
    for number in range(10):
        middle = -0.68 + number * 0.145 + 0.5 * np.maximum(out - 0.1, 0) ** 1.6
        dense += 0.08 * soft((0.018 - np.abs(y - middle)) * 60)
    return dense * (x * side > 0.06) * soft((0.72 + 0.1 * y - out) * 20)


def soft(inside: Pixels) -> Pixels:
    """0 to 1 with a soft edge at 0."""
    return np.clip(inside * 4, 0, 1)
