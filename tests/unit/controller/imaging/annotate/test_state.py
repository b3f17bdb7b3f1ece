"""Presentation states are what PS3.3 says they are: pydicom reads them, dcmtk shows images by them."""

import subprocess
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset
from pydicom.pixels import apply_modality_lut

from controller.imaging.annotate.state import arrow, build, series_uid
from tests.support import dicom
from tests.support.drawn import ARROW, INSTANCE, LENGTH, MAKER, TEXT, as_json, drawing

GREY, COLOUR = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.11.2"


def state_of(content: bytes, *marks: Any, **more: Any) -> Dataset:
    return dicom.read(build(as_json(content), drawing(*(marks or (ARROW, LENGTH, TEXT)), **more), MAKER))


def by_dcmtk(folder: Path, image: bytes, state: bytes) -> tuple[Any, str]:
    """What dcmtk makes of both: the picture, and what it says of the state. A warning is a failure."""
    (folder / "image.dcm").write_bytes(image)
    (folder / "state.dcm").write_bytes(state)
    command = ["dcmp2pgm", "-v", "-p", folder / "state.dcm", folder / "image.dcm", folder / "out.pgm"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if not line.startswith("I: ")] == []
    return np.asarray(Image.open(folder / "out.pgm"), dtype=int), done.stderr


def test_it_belongs_to_the_patient_and_the_study_of_the_image_and_to_a_series_of_its_own() -> None:
    content = dicom.ct(patient_name="山田^太郎=Yamada^Taro")
    image, state = dicom.read(content), state_of(content)
    for keyword in (
        "PatientID",
        "PatientName",
        "PatientBirthDate",
        "PatientSex",
        "StudyInstanceUID",
        "StudyDate",
    ):
        assert state[keyword].value == image[keyword].value
    assert (state.SOPClassUID, state.SOPInstanceUID, state.Modality) == (GREY, INSTANCE, "PR")
    assert state.SeriesInstanceUID == series_uid(image.StudyInstanceUID) != image.SeriesInstanceUID
    assert (state.ContentCreatorName, state.PresentationCreationDate) == ("anna", "20251126")
    assert (state.PresentationCreationTime, state.TimezoneOffsetFromUTC) == ("204640.000000", "+0000")


def test_it_refers_to_the_one_image() -> None:
    content = dicom.ct()
    image, state = dicom.read(content), state_of(content)
    [series] = state.ReferencedSeriesSequence
    [one] = series.ReferencedImageSequence
    assert series.SeriesInstanceUID == image.SeriesInstanceUID
    assert one.ReferencedSOPInstanceUID == image.SOPInstanceUID
    assert one.ReferencedSOPClassUID == image.SOPClassUID
    assert "ReferencedFrameNumber" not in one
    [area] = state.DisplayedAreaSelectionSequence
    assert (area.DisplayedAreaBottomRightHandCorner, area.PresentationPixelSpacing) == ([64, 64], [0.7, 0.7])


def test_pixels_that_are_not_square_stay_as_they_are() -> None:
    [area] = state_of(dicom.ct(PixelSpacing=None, PixelAspectRatio=[3, 2])).DisplayedAreaSelectionSequence
    assert area.PresentationPixelAspectRatio == [3, 2]
    assert "PresentationPixelSpacing" not in area


def test_marks_are_polylines_and_words_in_pixels_of_the_image() -> None:
    [annotation] = state_of(dicom.ct()).GraphicAnnotationSequence
    shaft, line = annotation.GraphicObjectSequence
    length, note = annotation.TextObjectSequence
    assert {one.GraphicAnnotationUnits for one in (shaft, line)} == {"PIXEL"}
    assert shaft.NumberOfGraphicPoints == 5 == len(shaft.GraphicData) / 2
    assert list(line.GraphicData) == [10, 40, 40, 40]
    assert (length.UnformattedTextValue, list(length.AnchorPoint)) == ("21.0 mm", [40, 40])
    assert note.UnformattedTextValue == "Blutung? 出血?"


def test_the_head_of_an_arrow_is_at_its_end() -> None:
    begin, end, one, again, other = arrow((0, 0), (100, 0), 512)
    assert (begin, end, again) == ((0, 0), (100, 0), (100, 0))
    assert 80 < one[0] < 100
    assert one[0] == pytest.approx(other[0])
    assert one[1] == pytest.approx(-other[1])
    assert one[1] != 0


@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
def test_dcmtk_shows_the_image_under_the_window_that_was_saved(tmp_path: Path, photometric: str) -> None:
    content = dicom.ct(PhotometricInterpretation=photometric)
    state = build(as_json(content), drawing(ARROW, LENGTH, TEXT, window=[50, 100]), MAKER)
    picture, _ = by_dcmtk(tmp_path, content, state)
    image = dicom.read(content)
    # PS3.3, C.11.2.1.2.1
    wanted = ((apply_modality_lut(image.pixel_array, image) - 49.5) / 99 + 0.5).clip(0, 1) * 255
    if photometric == "MONOCHROME1":
        wanted = 255 - wanted
    assert wanted.std() > 20
    assert np.abs(picture - wanted).max() <= 1


def test_dcmtk_reads_every_mark_as_it_was_drawn(tmp_path: Path) -> None:
    content = dicom.ct()
    _, said = by_dcmtk(tmp_path, content, build(as_json(content), drawing(LENGTH, TEXT), MAKER))
    assert "graphic 1: points=2 type=polyline filled=no units=pixel" in said
    assert "coordinates: 10\\40, 40\\40," in said
    assert 'text 1: "21.0 mm"' in said
    assert "anchor point: 40\\40 units=pixel" in said
    assert "Blutung?" in said


def test_an_image_in_colour_gets_a_colour_state_with_a_profile_and_the_frame_named() -> None:
    state = state_of(dicom.us_cine(frames=4), {**TEXT, "at": [5, 5]}, frame=3)
    assert state.SOPClassUID == COLOUR
    assert (state.ICCProfile[12:16], state.ICCProfile[36:40]) == (b"scnr", b"acsp")
    assert "PresentationLUTShape" not in state
    [one] = state.ReferencedSeriesSequence[0].ReferencedImageSequence
    assert one.ReferencedFrameNumber == 3
    [annotation] = state.GraphicAnnotationSequence
    assert annotation.ReferencedImageSequence[0].ReferencedFrameNumber == 3
    assert "GraphicObjectSequence" not in annotation


def test_what_a_file_lacks_is_empty_and_nothing_is_invented() -> None:
    content = dicom.ct(PatientBirthDate=None, PatientSex=None, AccessionNumber=None, RescaleSlope=None)
    state = state_of(content)
    assert [state.PatientBirthDate, state.PatientSex, state.AccessionNumber] == ["", "", ""]
    assert "RescaleSlope" not in state
    assert "SoftcopyVOILUTSequence" not in state


def test_values_that_are_not_valid_are_copied_as_they_are_without_a_word_in_the_log() -> None:
    image = as_json(dicom.ct(PatientBirthDate="about 1980", PatientID="x" * 80))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        content = build(image, drawing(ARROW), MAKER)
    assert as_json(content)["00100020"]["Value"] == ["x" * 80]


def test_what_several_people_drew_is_one_layer_of_each_by_name(tmp_path: Path) -> None:
    content = dicom.ct()
    pen = {"kind": "line", "by": "Dr. Li", "points": [[1, 2], [3, 4], [5, 4]]}
    marks = {**ARROW, "by": "Dr. Anna"}, pen, {**TEXT, "by": "Dr. Anna"}
    made = build(as_json(content), drawing(*marks, label="Conference MC00000001, case 1"), MAKER)
    state = dicom.read(made)
    assert state.ContentDescription == "Conference MC00000001, case 1"
    layers = [
        (one.GraphicLayer, one.GraphicLayerOrder, one.GraphicLayerDescription)
        for one in state.GraphicLayerSequence
    ]
    assert layers == [("WARDLINK", 1, "Dr. Anna"), ("WARDLINK_2", 2, "Dr. Li")]
    annas, lis = state.GraphicAnnotationSequence
    assert (annas.GraphicLayer, lis.GraphicLayer) == ("WARDLINK", "WARDLINK_2")
    assert (len(annas.GraphicObjectSequence), len(annas.TextObjectSequence)) == (1, 1)
    assert list(lis.GraphicObjectSequence[0].GraphicData) == [1, 2, 3, 4, 5, 4]
    _, said = by_dcmtk(tmp_path, content, made)
    assert "points=3 type=polyline filled=no units=pixel" in said
