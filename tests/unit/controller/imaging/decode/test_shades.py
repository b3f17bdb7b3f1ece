"""What is seen of stored values: pydicom is the judge where it has an opinion, PS3.3 elsewhere."""

from base64 import b64encode
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.pixels.processing import (
    apply_color_lut,
    apply_modality_lut,
    apply_voi,
    apply_windowing,
    convert_color_space,
)

from controller.imaging.decode.codecs import decoded, tidy
from controller.imaging.decode.picture import Lut, Picture, picture, pixel_json
from controller.imaging.decode.shades import rgb, shades
from controller.imaging.decode.transcode import frames_of
from controller.imaging.dicom.part10 import read_instance
from controller.imaging.errors import CannotDecode
from tests.support.dicom import corpus


def shaped(**more: Any) -> Picture:
    given: dict[str, Any] = {
        "rows": 1, "columns": 4, "samples": 1, "photometric": "MONOCHROME2", "allocated": 16, "stored": 16,
        "high": 15, "signed": True, "planar": False, "frames": 1, **more,
    }  # fmt: skip
    return Picture(**given)


def seen(values: list[int], kind: str = "<i2", **more: Any) -> list[int]:
    shape = shaped(columns=len(values), **more)
    return shades(np.array([values], kind), shape.photometric, shape, None)[0].tolist()


def lut(values: list[int], first: int = 0, bits: int = 16) -> Lut:
    return Lut(len(values), first, bits, b64encode(np.array(values, "<u2").tobytes()).decode())


@pytest.mark.filterwarnings("ignore:overflow encountered")  # pydicom's, far from a steep sigmoid
@settings(deadline=None)
@given(
    center=st.floats(-3000, 3000),
    width=st.floats(2, 4000),
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
    slope=st.sampled_from([0.5, 1.0, 2.0]),
    intercept=st.floats(-1024, 100),
)
def test_a_window_shows_what_pydicom_makes_of_it(
    center: float, width: float, function: str, slope: float, intercept: float
) -> None:
    values = np.linspace(-2048, 4095, 200).astype("<i2").reshape(10, 20)
    described = Dataset()
    described.WindowCenter, described.WindowWidth, described.VOILUTFunction = center, width, function
    described.RescaleSlope, described.RescaleIntercept = slope, intercept
    described.PhotometricInterpretation, described.PixelRepresentation = "MONOCHROME2", 1
    described.BitsStored = described.BitsAllocated = 16
    y_range = np.float64(65535) * slope  # pydicom's output range is that of the stored values
    low = -32768 * slope + described.RescaleIntercept
    expected = (apply_windowing(apply_modality_lut(values, described), described) - low) / y_range * 255
    shape = shaped(rows=10, columns=20, slope=slope, intercept=float(described.RescaleIntercept))
    chosen = float(described.WindowCenter), float(described.WindowWidth), function
    got = shades(values, "MONOCHROME2", shape, chosen)
    assert np.abs(got - expected).max() <= 1


def test_the_pictures_own_window_is_used_when_none_is_asked_for() -> None:
    assert seen([-160, 40, 240], windows=((40.0, 400.0),)) == [0, 128, 255]


def test_without_window_the_lowest_value_is_black_and_the_highest_white() -> None:
    assert seen([100, 160, 200]) == [0, 153, 255]


def test_one_value_only_is_black_and_no_error() -> None:
    assert seen([7, 7]) == [0, 0]


def test_monochrome1_is_white_where_values_are_low() -> None:
    assert seen([0, 255], photometric="MONOCHROME1") == [255, 0]


def test_an_inverse_presentation_of_monochrome1_is_dark_where_values_are_low() -> None:
    assert seen([0, 255], photometric="MONOCHROME1", inverse=True) == [0, 255]


def test_padding_is_black_and_does_not_stretch_the_contrast() -> None:
    assert seen([-2000, 0, 100], padding=(-2000, -2000)) == [0, 0, 255]
    assert seen([-2000, 0, 100], padding=(-2000, -2000), photometric="MONOCHROME1") == [0, 255, 0]


def test_a_voi_lut_gives_the_values_of_its_table_and_its_ends_beyond() -> None:
    table = lut([0, 0x8000, 0xFFFF], first=10)
    assert seen([0, 10, 11, 12, 99], voi_lut=table) == [0, 0, 128, 255, 255]


def test_a_modality_lut_comes_before_the_window() -> None:
    table = lut([1000, 0], first=0)
    assert seen([0, 1], modality_lut=table, windows=((500.0, 1001.0),)) == [255, 0]


def test_one_bit_is_black_and_white() -> None:
    assert seen([0, 1, 1, 0], "<u1", stored=1, allocated=1, high=0, signed=False) == [0, 255, 255, 0]


@pytest.mark.parametrize("kind", ["<f4", "<f8"])
def test_floating_values_with_no_numbers_among_them_are_shown(kind: str) -> None:
    bits = int(kind[2]) * 8
    shape = shaped(allocated=bits, stored=bits, high=bits - 1, floating=True)
    grey = shades(np.array([[0.0, 0.5, 1.0, np.nan]], kind), "MONOCHROME2", shape, None)
    assert grey.tolist() == [[0, 128, 255, 0]]


@pytest.mark.parametrize("kind", ["<i2", "<u2", "<i4", "<u4"])
def test_the_widest_range_of_each_kind_does_not_wrap(kind: str) -> None:
    limits, bits = np.iinfo(kind), int(kind[2]) * 8
    shape = shaped(allocated=bits, stored=bits, high=bits - 1, signed=kind[1] == "i")
    values = np.array([[limits.min, limits.max, limits.min, limits.max]], kind)
    assert shades(values, "MONOCHROME2", shape, None).tolist() == [[0, 255, 0, 255]]


@given(st.lists(st.integers(-32768, 32767), min_size=2, max_size=20))
def test_a_table_of_few_values_shows_what_arithmetic_on_each_pixel_shows(values: list[int]) -> None:
    quick = seen(values * 400, windows=((40.0, 400.0),))[: len(values)]
    expected = np.clip(np.rint(((np.array(values) - 39.5) / 399 + 0.5) * 255), 0, 255)
    assert quick == expected.astype(int).tolist()


PALETTES = (
    "OBXXXX1A.dcm",
    "OBXXXX1A_rle.dcm",
    "examples_palette.dcm",
    "gdcm-US-ALOKA-16.dcm",
)


@pytest.mark.parametrize("name", PALETTES)
def test_a_palette_gives_the_colours_that_pydicom_gives(name: str) -> None:
    values, photometric, shape, described = opened(name)
    expected = apply_color_lut(values, described)
    expected = expected >> 8 if expected.dtype == np.uint16 else expected
    np.testing.assert_array_equal(shades(values, photometric, shape, None), expected)


def test_a_modality_lut_of_a_file_gives_what_pydicom_gives() -> None:
    values, photometric, shape, described = opened("mlut_18.dcm")
    expected = apply_modality_lut(values, described)
    got = shades(values, photometric, shape, (32767.5, 65535, "LINEAR_EXACT"))
    assert np.abs(got - expected / 257).max() <= 1


def test_a_voi_lut_of_a_file_gives_what_pydicom_gives() -> None:
    values, photometric, shape, described = opened("vlut_04.dcm")
    expected = apply_voi(apply_modality_lut(values, described), described)
    assert np.abs(shades(values, photometric, replace(shape, windows=()), None) - expected / 257).max() <= 1


def test_palettes_of_the_big_endian_syntax_give_the_same_colours() -> None:
    little, big = (shades(*opened(f"OBXXXX1A{name}.dcm")[:3], None) for name in ("", "_expb"))
    np.testing.assert_array_equal(little, big)


def opened(name: str) -> tuple[Any, str, Picture, Dataset]:
    """Stored values, photometric interpretation, and what both readers say of the first frame of a file."""
    path = next(path for path in corpus() if path.name == name)
    instance = read_instance(path.read_bytes())
    shape = picture(pixel_json(instance) or b"")
    values, photometric = decoded(next(frames_of(instance, shape)))
    return tidy(values, shape), photometric, shape, dcmread(path)


def test_a_segmented_palette_is_spread_out() -> None:
    words = [0, 1, 0, 1, 4, 0x0400]  # one discrete entry 0, then four on the line to 0400H
    segments = Lut(5, 0, 16, b64encode(np.array(words, "<u2").tobytes()).decode(), segmented=True)
    shape = shaped(columns=5, stored=8, allocated=8, high=7, signed=False, palette=(segments,) * 3)
    red = shades(np.arange(5, dtype=np.uint8)[None], "PALETTE COLOR", shape, None)[0, :, 0]
    assert red.tolist() == [0, 1, 2, 3, 4]


def test_a_segment_that_no_standard_knows_is_refused() -> None:
    segments = Lut(5, 0, 16, b64encode(np.array([9, 1, 0], "<u2").tobytes()).decode(), segmented=True)
    with pytest.raises(CannotDecode, match="segment 9"):
        seen([1], palette=(segments,) * 3, photometric="PALETTE COLOR")


@given(st.binary(min_size=2, max_size=60))
def test_any_segments_are_spread_out_or_refused(data: bytes) -> None:
    segments = Lut(300, 0, 16, b64encode(data).decode(), segmented=True)
    with suppress(CannotDecode):
        assert len(seen([1, 2], palette=(segments,) * 3, photometric="PALETTE COLOR")) == 2


def test_a_palette_that_is_missing_is_refused() -> None:
    with pytest.raises(CannotDecode, match="red, green and blue"):
        seen([1], photometric="PALETTE COLOR")


def test_ybr_full_becomes_the_rgb_that_pydicom_makes() -> None:
    every = np.random.default_rng(1).integers(0, 256, (50, 50, 3)).astype(np.uint8)
    expected = convert_color_space(every, "YBR_FULL", "RGB")
    assert np.abs(rgb(every, "YBR_FULL").astype(int) - expected).max() <= 1


def test_colour_of_eight_bits_in_words_of_sixteen_is_shown() -> None:
    shape = shaped(samples=3, photometric="RGB", columns=1, signed=False, stored=8, high=7)
    assert shades(np.array([[[1, 2, 255]]], "<u2"), "RGB", shape, None).tolist() == [[[1, 2, 255]]]


def test_colour_of_sixteen_bits_is_shown_by_its_highest_eight() -> None:
    shape = shaped(samples=3, photometric="RGB", columns=1, signed=False)
    values = np.array([[[0, 0x8000, 0xFFFF]]], "<u2")
    assert shades(values, "RGB", shape, None).tolist() == [[[0, 128, 255]]]
