"""A CT of a head: scalp, skull, brain, ventricles, and a bleeding if asked for."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from pydicom.uid import CTImageStorage

from hil.sims.imaging.objects import Examination, Kind, Pixels, add_grey, ellipse, new_object, to_file

KIND: Final = Kind(CTImageStorage, "CT", "CT head", 2, "HEAD", "Head 1.0 mm")
_AIR, _SKIN, _BONE, _GREY, _WHITE, _WATER, _BLOOD = -1000, 20, 1100, 38, 28, 6, 68
"""Hounsfield units."""
_FIELD_MM: Final = 230.0


def head_ct(
    examination: Examination, slices: int = 100, size: int = 512, *, bleeding: bool = False
) -> Iterator[bytes]:
    """`slices` files, from the neck upwards, of size × size pixels."""
    for number in range(1, slices + 1):
        height = (number - 0.5) / slices * 1.7 - 0.85
        data = new_object(examination, KIND, number)
        data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        data.FrameOfReferenceUID, data.PositionReferenceIndicator = examination.uid("frame"), ""
        data.PatientPosition, data.AcquisitionNumber = "HFS", 1
        spacing = _FIELD_MM / size
        data.PixelSpacing, data.SliceThickness = [round(spacing, 5)] * 2, 1
        corner = round(-_FIELD_MM / 2 + spacing / 2, 4)
        data.ImagePositionPatient = [corner, corner, number]
        data.ImageOrientationPatient, data.SliceLocation = [1, 0, 0, 0, 1, 0], number
        data.KVP, data.XRayTubeCurrent, data.ConvolutionKernel = 120, 280, "H30"
        data.RescaleIntercept, data.RescaleSlope, data.RescaleType = -1024, 1, "HU"
        data.WindowCenter, data.WindowWidth = [40, 600], [80, 2800]
        data.WindowCenterWidthExplanation = ["BRAIN", "BONE"]
        grey = slice_of(size, height, bleeding=bleeding) + examination.noise("ct", number).normal(
            0, 5, (size, size)
        )
        add_grey(data, np.clip(grey + 1024, 0, 4095).astype("u2"), bits=12)
        yield to_file(data)


def slice_of(size: int, height: float, *, bleeding: bool = False) -> Pixels:
    """Hounsfield units without noise; `height` -1 (neck) to 1 (crown)."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    shrink = np.sqrt(max(0.02, 1 - height**2))
    outline = ellipse(x, y, (0, 0), (0.68 * shrink, 0.84 * shrink))
    inner = outline * shrink / max(0.05, shrink - 0.12)
    folds = (
        np.sin(11 * np.arctan2(y, x) + 9 * height) * 0.03
        + np.sin(31 * x + 5 * height) * np.sin(27 * y) * 0.06
    )
    grey = np.full((size, size), float(_AIR))
    grey[outline < 1] = _SKIN
    grey[(outline < 0.955) & (inner > 0.94)] = _BONE
    brain = inner <= 0.94
    grey[brain] = np.where(inner + folds > 0.72, _GREY, _WHITE)[brain]
    grey[brain & (np.abs(x) < 0.012) & (inner > 0.3)] = _WATER + 40  # the falx
    wide = max(0.0, 1 - (height / 0.45) ** 2)
    for side in (-1, 1):
        horn = ellipse(x, y, (0.11 * side, -0.08), (0.055 * wide + 1e-6, 0.24 * wide + 1e-6), -0.25 * side)
        grey[horn < 1] = _WATER
    if bleeding and abs(height - 0.15) < 0.22:
        size_here = np.sqrt(1 - ((height - 0.15) / 0.22) ** 2)
        grey[ellipse(x, y, (0.3, 0.12), (0.14 * size_here, 0.1 * size_here), 0.5) < 1] = _BLOOD
    return grey
