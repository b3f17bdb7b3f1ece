"""What the viewer is told of an image before its picture is there."""

from typing import Any

import pytest
from pydicom import Dataset

from controller.imaging.annotate.images import told
from tests.support import dicom
from tests.support.drawn import as_json


def of(**elements: Any) -> dict[str, Any]:
    return told(as_json(dicom.ct(**elements)))


def groups(**elements: Any) -> Dataset:
    """Functional groups with one Frame VOI LUT."""
    shared, table = Dataset(), Dataset()
    for keyword, value in elements.items():
        setattr(table, keyword, value)
    shared.FrameVOILUTSequence = [table]
    return shared


def test_size_frames_window_and_scale_are_told() -> None:
    found = of(InstanceNumber=7)
    assert (found["rows"], found["columns"], found["frames"], found["number"]) == (64, 64, 1, 7)
    assert (found["window"], found["aspect"]) == ((40, 400), 1)


def test_the_first_of_several_windows_is_the_one_to_begin_with() -> None:
    assert of(WindowCenter=[50, 600], WindowWidth=[100, 2800])["window"] == (50, 100)


def test_a_multi_frame_image_has_its_window_in_the_functional_groups() -> None:
    shared = groups(WindowCenter=300, WindowWidth=900)
    found = of(WindowCenter=None, WindowWidth=None, SharedFunctionalGroupsSequence=[shared])
    assert found["window"] == (300, 900)


@pytest.mark.parametrize("width", [None, 0])
def test_without_a_window_it_begins_with_all_that_the_bits_can_say(width: int | None) -> None:
    # Signed, 12 bits, intercept -1024: -3072 to 1023.
    assert of(WindowWidth=width)["window"] == (-1024, 4096)


def test_an_image_in_colour_has_no_window() -> None:
    found = told(as_json(dicom.us_cine(frames=3)))
    assert (found["window"], found["frames"]) == (None, 3)


def test_how_long_a_frame_of_a_cine_lasts_is_told_by_time_or_by_rate() -> None:
    assert told(as_json(dicom.us_cine()))["frame_ms"] == 40
    assert told(as_json(dicom.us_cine(FrameTime=None, CineRate=25)))["frame_ms"] == 40
    assert of()["frame_ms"] is None


def test_pixels_that_are_higher_than_wide_are_said_to_be() -> None:
    assert of(PixelSpacing=[1.0, 0.5])["aspect"] == 2
    assert of(PixelSpacing=None, PixelAspectRatio=[3, 2])["aspect"] == 1.5
    assert of(PixelSpacing=None, PixelAspectRatio=[0, 0])["aspect"] == 1


def test_what_is_broken_is_not_there_and_stops_nothing() -> None:
    broken = {"00280010": {"vr": "US", "Value": [None]}, "00281050": {"vr": "DS"}, "00280030": 7}
    found = told(broken)
    assert (found["rows"], found["frames"], found["scale"]["basis"]) == (0, 1, "none")
