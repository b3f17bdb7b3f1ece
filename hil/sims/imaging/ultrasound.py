"""A cine of a beating heart as a sector scanner shows it: speckle, four chambers; JPEG baseline."""

import io
from collections.abc import Iterator
from typing import Final

import numpy as np
from PIL import Image
from pydicom import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, UltrasoundMultiFrameImageStorage

from hil.sims.imaging.objects import Examination, Kind, Pixels, ellipse, new_object, to_file

KIND: Final = Kind(
    UltrasoundMultiFrameImageStorage, "US", "Heart, at the bedside", 1, "HEART", "Four chambers"
)
ROWS, COLUMNS = 480, 640
_DEPTH_CM, _HALF_ANGLE, _TOP, _REACH = 16.0, 0.72, 12, 452
"""The sector: its point is `_TOP` rows down, its rays are `_REACH` pixels long."""


def heart_cine(
    examination: Examination, frames: int = 60, rate_hz: float = 30.0, beats_per_min: float = 72
) -> bytes:
    """One file of `frames` frames."""
    data = new_object(examination, KIND)
    data.ImageType = ["ORIGINAL", "PRIMARY", "TTE", "0001"]
    data.PatientOrientation, data.NumberOfFrames = "", frames
    data.FrameTime, data.FrameIncrementPointer = round(1000 / rate_hz, 3), 0x00181063
    data.CineRate = data.RecommendedDisplayFrameRate = round(rate_hz)
    data.HeartRate, data.TransducerData = round(beats_per_min), ["P4-2", "", ""]
    data.SequenceOfUltrasoundRegions = [_region()]
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PlanarConfiguration = 3, "YBR_FULL_422", 0
    data.Rows, data.Columns, data.PixelRepresentation = ROWS, COLUMNS, 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
    jpegs = [_jpeg(frame) for frame in pictures(examination, frames, rate_hz, beats_per_min)]
    data.LossyImageCompression, data.LossyImageCompressionMethod = "01", "ISO_10918_1"
    data.LossyImageCompressionRatio = round(ROWS * COLUMNS * 3 * frames / sum(map(len, jpegs)), 2)
    data.BurnedInAnnotation = "NO"
    data.PixelData = encapsulate(jpegs)
    data["PixelData"].VR = "OB"
    data["PixelData"].is_undefined_length = True
    return to_file(data, JPEGBaseline8Bit)


def pictures(examination: Examination, frames: int, rate_hz: float, beats_per_min: float) -> Iterator[Pixels]:
    """Each frame, rows × columns × 3."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype("f4")
    dx, dy = x - COLUMNS / 2, y - _TOP
    depth, angle = np.hypot(dx, dy) / _REACH, np.arctan2(dx, dy)
    sector = (depth < 1) & (np.abs(angle) < _HALF_ANGLE)
    speckle = examination.noise("us").rayleigh(0.5, (200, 128))
    for number in range(frames):
        squeeze = 0.5 - 0.5 * np.cos(2 * np.pi * number / rate_hz * beats_per_min / 60)
        bright = _tissue(x, y, float(squeeze))
        moved = np.roll(speckle, round(6 * squeeze), axis=0)
        grain = moved[(depth * 199).astype(int).clip(0, 199), ((angle + 0.8) * 79).astype(int).clip(0, 127)]
        grey = np.where(sector, np.clip(bright * grain * (1.1 - 0.5 * depth), 0, 1) * 235, 0)
        picture = np.repeat(grey.astype("u1")[:, :, None], 3, axis=2)
        picture[_TOP : _TOP + 220, 12:22] = np.linspace(235, 0, 220).astype("u1")[
            :, None, None
        ]  # the grey bar
        yield picture


def _tissue(x: Pixels, y: Pixels, squeeze: float) -> Pixels:
    """How much comes back from where: muscle bright, blood dark."""
    bright = np.full_like(x, 0.35)
    heart = ellipse(x, y, (320, 270), (135 - 8 * squeeze, 185 - 8 * squeeze))
    bright[heart < 1] = 0.8
    chambers = (
        ((288, 195), (44 - 17 * squeeze, 82 - 20 * squeeze)),
        ((366, 205), (36 - 12 * squeeze, 68 - 14 * squeeze)),
        ((288, 368), (40 + 8 * squeeze, 46 + 8 * squeeze)),
        ((364, 362), (38 + 7 * squeeze, 42 + 7 * squeeze)),
    )
    for centre, axes in chambers:
        bright[ellipse(x, y, centre, axes) < 1] = 0.05
    for centre in ((288, 300), (365, 296)):  # the valves: shut while the ventricles squeeze
        leaf = ellipse(x, y, centre, (38, 3 + 10 * (1 - squeeze)))
        bright[(leaf > 0.75) & (leaf < 1) & (y > centre[1] - 8)] = 1.1
    return bright


def _region() -> Dataset:
    """US Region Calibration (C.8.5.5): what a pixel is in centimetres."""
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 40, 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = COLUMNS - 1, ROWS - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = _DEPTH_CM / _REACH
    region.ReferencePixelX0, region.ReferencePixelY0 = COLUMNS // 2 - 40, _TOP
    return region


def _jpeg(picture: Pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=85, subsampling="4:2:2")
    return out.getvalue()
