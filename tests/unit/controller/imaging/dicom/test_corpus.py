"""The reader against pydicom: what each makes of pydicom's own test files, element by element."""

import math
from collections.abc import Iterator
from typing import Any, Final

import pydicom
import pytest

from controller.imaging.dicom.elements import DataSet, Limits
from controller.imaging.dicom.part10 import BIG_ENDIAN, Instance, read_instance
from controller.imaging.errors import BadDicom
from tests.support.dicom import corpus

pytestmark = pytest.mark.filterwarnings("ignore")  # pydicom's, about the odd files of its own tests

FILES: Final = {path.name: path for path in corpus()}
ALL_INLINE: Final = Limits(inline=1 << 30, value=1 << 30, largest=1 << 30)
PIXELS: Final = frozenset({"7FE00010", "7FE00008", "7FE00009"})
REFUSED: Final = {
    "DICOMDIR-nooffset": "truncated",
    "ExplVR_BigEndNoMeta.dcm": "not-dicom",
    "ExplVR_LitEndNoMeta.dcm": "not-dicom",
    "MR_truncated.dcm": "truncated",
    "OT-PAL-8-face.dcm": "not-dicom",
    "README": "not-dicom",
    "SC_rgb_jpeg.dcm": "vr",
    "emri_small_jpeg_2k_lossless_too_short.dcm": "truncated",
    "meta_missing_tsyntax.dcm": "meta",
    "nested_priv_SQ.dcm": "structure",
    "no_meta.dcm": "not-dicom",
    "rtplan_truncated.dcm": "truncated",
    "rtstruct.dcm": "not-dicom",
    "winter.dcm": "structure",
}
"""What is for quarantine, and why. pydicom reads much of it, and warns."""
ONLY_OURS: Final = "badVR.dcm"
"""IS "1A": ours keeps it as text, which PS3.18, F.2.3 allows; pydicom makes no JSON at all."""


def unpadded(value: Any) -> Any:
    """Without what says nothing: padding, empty values, which of JSON's ways is taken for NaN."""
    if isinstance(value, str):
        return value.strip(" \0")
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, dict):
        return {key: unpadded(one) for key, one in value.items() if one not in ("", None, [], [None])}
    if isinstance(value, list):
        return [None if one in ("", {}) else unpadded(one) for one in value]
    return value


def differences(ours: DataSet, theirs: DataSet, path: str = "") -> Iterator[str]:
    """Elements that say something else, or that only one has; not the pixels, not group lengths."""
    keys = {key for key in ours.keys() | theirs.keys() if not key.endswith("0000")}
    for key in sorted(keys - PIXELS if not path else keys):
        mine, other = ours.get(key, {}), theirs.get(key, {})
        if mine.get("vr") == "SQ" == other.get("vr"):
            pairs = zip(mine.get("Value", []), other.get("Value", []), strict=True)
            for number, (one, another) in enumerate(pairs, 1):
                yield from differences(one, another, f"{path}{key}/{number}/")
        elif unpadded(mine) != unpadded(other):
            yield f"{path}{key}: {mine!r:.120}, pydicom: {other!r:.120}"


def by_pydicom(name: str) -> DataSet:
    """DICOM JSON without the pixels."""
    data = pydicom.dcmread(FILES[name])
    for key in PIXELS:
        data.pop(int(key, 16), None)
    return data.to_json_dict()


def by_us(name: str) -> Instance:
    """All values in line."""
    return read_instance(FILES[name].read_bytes(), ALL_INLINE)


@pytest.mark.parametrize("name", sorted(FILES.keys() - REFUSED.keys() - {ONLY_OURS}))
def test_a_file_says_the_same_to_pydicom_and_to_us(name: str) -> None:
    ours = by_us(name)
    found = list(differences(ours.data_set, by_pydicom(name)))
    if (
        ours.transfer_syntax == BIG_ENDIAN
    ):  # InlineBinary is little endian (F.2.7): pydicom leaves it as it is
        found = [one for one in found if "'vr': 'OW'" not in one]
    assert found == []


def test_words_of_a_big_endian_file_are_turned_round() -> None:
    name = "OBXXXX1A_expb.dcm"
    other = pydicom.dcmread(FILES["OBXXXX1A.dcm"])
    table = read_instance(FILES[name].read_bytes(), ALL_INLINE).data_set["00281201"]["InlineBinary"]
    assert table == other["RedPaletteColorLookupTableData"].to_json_dict(None, 1 << 30)["InlineBinary"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_file_is_refused_with_its_reason(name: str) -> None:
    with pytest.raises(BadDicom) as caught:
        by_us(name)
    assert caught.value.reason == REFUSED[name]


def test_a_number_that_is_none_stays_text() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        by_pydicom(ONLY_OURS)
    values = [element.get("Value") for element in by_us(ONLY_OURS).data_set.values()]
    assert ["1A"] in values


@pytest.mark.parametrize("name", ["CT_small.dcm", "JPEG2000.dcm", "SC_rgb.dcm", "examples_ybr_color.dcm"])
def test_the_pixels_are_where_pydicom_finds_them(name: str) -> None:
    ours = by_us(name)
    theirs = pydicom.dcmread(FILES[name])["PixelData"].value
    assert ours.pixels is not None
    at, length = ours.pixels.offset, ours.pixels.length
    whole = ours.content[at : at + length]
    # pydicom gives the items of encapsulated data without the delimiter that ends them
    assert whole in (theirs, theirs + b"\xfe\xff\xdd\xe0\0\0\0\0")
