"""What a data set says about its pixels, from the elements that the archive keeps."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.decode.picture import PIXEL_KEYS, picture, pixel_json
from controller.imaging.dicom.part10 import read_instance
from controller.imaging.errors import BadDicom, CannotDecode
from tests.support import dicom

LEAST = {
    "00280010": {"vr": "US", "Value": [4]},
    "00280011": {"vr": "US", "Value": [4]},
    "00280100": {"vr": "US", "Value": [16]},
    "7FE00010": {"vr": "OW"},
}


def test_the_archives_copy_says_the_same_as_the_whole_data_set() -> None:
    for path in dicom.corpus():
        try:
            instance = read_instance(path.read_bytes())
            kept = pixel_json(instance)
            whole = picture(instance.data_set)
        except (BadDicom, CannotDecode):
            continue
        assert kept is not None
        short = picture(kept)
        for name in ("rows", "columns", "windows", "slope", "intercept", "allocated", "signed", "frames"):
            assert (
                getattr(short, name) == getattr(whole, name)
                or whole.enhanced
                or "52009230" in (instance.data_set)
            ), (path.name, name)


def test_look_up_tables_that_the_metadata_leave_in_the_file_are_in_the_archives_copy() -> None:
    path = next(path for path in dicom.corpus() if path.name == "gdcm-US-ALOKA-16.dcm")
    instance = read_instance(path.read_bytes())
    before = orjson.dumps(instance.data_set)
    assert "BulkDataURI" in instance.data_set["00281221"]
    assert not picture(instance.data_set).palette
    assert [lut.entries for lut in picture(pixel_json(instance) or b"").palette] == [65536] * 3
    assert orjson.dumps(instance.data_set) == before


def test_an_instance_without_pixel_data_has_none() -> None:
    instance = read_instance(dicom.edited(dicom.ct(), PixelData=None))
    assert pixel_json(instance) is None
    with pytest.raises(CannotDecode, match="there are none"):
        picture(instance.data_set)


def test_a_frame_of_an_enhanced_image_has_its_own_window_and_slope() -> None:
    def group(intercept: int, center: int) -> dict[str, Any]:
        values = {"00281052": {"vr": "DS", "Value": [intercept]}, "00281053": {"vr": "DS", "Value": [1]}}
        window = {"00281050": {"vr": "DS", "Value": [center]}, "00281051": {"vr": "DS", "Value": [9]}}
        return {"00289145": {"vr": "SQ", "Value": [values]}, "00289132": {"vr": "SQ", "Value": [window]}}

    shared = {"52009229": {"vr": "SQ", "Value": [group(7, 70)]}}
    each = {"52009230": {"vr": "SQ", "Value": [{}, group(2, 20)]}}
    assert picture(LEAST | shared).enhanced
    first, second = (picture(LEAST | shared | each, frame) for frame in (1, 2))
    assert (first.intercept, first.windows, first.enhanced) == (7, ((70, 9),), False)
    assert (second.intercept, second.windows) == (2, ((20, 9),))


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("00280010", 0, "rows and columns"),
        ("00280011", 70000, "rows and columns"),
        ("00280002", 4, "1 or 3 samples"),
        ("00280100", 12, "bits allocated"),
        ("00280101", 17, "bits allocated"),
        ("00280102", 16, "high bit"),
        ("00280102", 3, "high bit"),
    ],
)
def test_pixels_that_cannot_be_are_refused(key: str, value: int, words: str) -> None:
    with pytest.raises(CannotDecode, match=words):
        picture(LEAST | {key: {"vr": "US", "Value": [value]}})


def test_a_frame_of_gigabytes_is_refused_before_anything_is_read() -> None:
    sides = {key: {"vr": "US", "Value": [65535]} for key in ("00280010", "00280011")}
    with pytest.raises(CannotDecode, match="at most 268435456 bytes"):
        picture(LEAST | sides)


JSON_VALUES = st.one_of(st.none(), st.integers(-9, 70000), st.floats(allow_nan=False), st.text(max_size=4))


@given(st.dictionaries(st.sampled_from(PIXEL_KEYS), st.lists(JSON_VALUES, max_size=4)))
def test_of_any_values_comes_a_picture_or_a_refusal(values: dict[str, list[Any]]) -> None:
    elements = {key: {"vr": "UN", "Value": value} for key, value in values.items()}
    try:
        found = picture(orjson.dumps(LEAST | elements))
    except CannotDecode:
        return
    assert found.frame_bits > 0
    assert found.frames > 0
