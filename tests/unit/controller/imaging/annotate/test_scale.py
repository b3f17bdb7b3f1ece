"""Lengths are told in millimetres only where the image says how large a pixel is."""

from typing import Any

import pytest
from pydicom import Dataset

from controller.imaging.annotate.scale import Basis, scale
from tests.support import dicom
from tests.support.drawn import as_json


def of(**elements: Any) -> Any:
    return scale(as_json(dicom.ct(**elements)))


def region(left: int, right: int, delta_cm: float, units: int = 3, space: int = 1) -> Dataset:
    one = Dataset()
    one.RegionSpatialFormat, one.RegionDataType, one.RegionFlags = space, 1, 0
    one.RegionLocationMinX0, one.RegionLocationMinY0 = left, 0
    one.RegionLocationMaxX1, one.RegionLocationMaxY1 = right, 47
    one.PhysicalUnitsXDirection = one.PhysicalUnitsYDirection = units
    one.PhysicalDeltaX, one.PhysicalDeltaY = delta_cm, -delta_cm
    return one


def test_pixel_spacing_is_between_rows_first_and_then_between_columns() -> None:
    known = of(PixelSpacing=[0.5, 2.0])
    assert known.basis is Basis.PIXEL_SPACING
    assert known.length_mm((0, 0), (10, 0)) == pytest.approx(20)
    assert known.length_mm((0, 0), (0, 10)) == pytest.approx(5)
    assert known.words((0, 0), (3, 16)) == "10.0 mm"


def test_without_any_spacing_a_length_is_in_pixels() -> None:
    known = of(PixelSpacing=None)
    assert known.basis is Basis.NONE
    assert known.length_mm((0, 0), (30, 40)) is None
    assert known.words((0, 0), (30, 40)) == "50 pixels"


def test_a_spacing_at_the_detector_is_said_to_be_one() -> None:
    known = of(PixelSpacing=None, ImagerPixelSpacing=[0.1, 0.1])
    assert known.words((0, 0), (30, 40)) == "5.0 mm (detector)"


def test_a_known_magnification_makes_it_one_in_the_patient() -> None:
    known = of(
        PixelSpacing=None, ImagerPixelSpacing=[0.1, 0.1], EstimatedRadiographicMagnificationFactor="1.25"
    )
    assert known.words((0, 0), (30, 40)) == "4.0 mm"


@pytest.mark.parametrize("spacing", [[0, 0], [-1, 1], [1.0]])
def test_a_spacing_that_cannot_be_is_none(spacing: list[float]) -> None:
    assert of(PixelSpacing=spacing).basis is Basis.NONE


def test_ultrasound_is_measured_within_one_region_only() -> None:
    content = dicom.us_cine(SequenceOfUltrasoundRegions=[region(0, 31, 0.05), region(32, 63, 0.1)])
    known = scale(as_json(content))
    assert known.basis is Basis.REGION
    assert known.words((0, 0), (20, 0)) == "10.0 mm"
    assert known.words((40, 0), (60, 0)) == "20.0 mm"
    assert known.words((20, 0), (40, 0)) == "20 pixels"


@pytest.mark.parametrize(("units", "space"), [(4, 1), (3, 3)], ids=["in seconds", "a spectrum"])
def test_regions_that_are_no_picture_of_the_body_measure_nothing(units: int, space: int) -> None:
    content = dicom.us_cine(SequenceOfUltrasoundRegions=[region(0, 63, 0.05, units, space)])
    assert scale(as_json(content)).basis is Basis.NONE


def test_multi_frame_images_have_their_spacing_in_the_functional_groups() -> None:
    shared, measures = Dataset(), Dataset()
    measures.PixelSpacing = [0.3, 0.3]
    shared.PixelMeasuresSequence = [measures]
    known = of(PixelSpacing=None, SharedFunctionalGroupsSequence=[shared])
    assert known.words((0, 0), (10, 0)) == "3.0 mm"
