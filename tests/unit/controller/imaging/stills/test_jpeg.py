"""A JPEG's headers: read for what DICOM has to know, and freed of what it should not have."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from controller.imaging.errors import CannotDecode
from controller.imaging.stills import jpeg
from tests.support.photos import held_sideways, photo

PLAIN = photo()


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.mark.parametrize(
    ("data", "components", "is_plain"),
    [
        (photo(), 3, True),
        (photo(mode="L"), 1, True),
        (photo(mode="CMYK"), 4, False),
        (photo(progressive=True), 3, False),
        (photo(subsampling=0), 3, True),
    ],
)
def test_what_dicom_can_have_as_it_is(data: bytes, components: int, is_plain: bool) -> None:
    header = jpeg.read(data)
    assert (header.rows, header.columns) == (64, 96)
    assert (header.components, header.is_plain, header.is_rgb) == (components, is_plain, False)


def test_colours_that_are_no_luminance_are_known_by_adobes_marker() -> None:
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00"
    assert jpeg.read(PLAIN[:2] + adobe + PLAIN[2:]).is_rgb


def test_place_maker_and_comments_go_and_no_pixel_changes() -> None:
    full = photo(exif=opened(held_sideways()).info["exif"], comment=b"Anna Muster", icc_profile=b"p" * 400)
    assert b"Secret maker" in full
    bare = jpeg.stripped(full)
    for word in (b"Exif", b"Secret", b"Anna", b"ICC_PROFILE"):
        assert word not in bare
    assert ImageChops.difference(opened(bare), opened(full)).getbbox() is None
    assert jpeg.stripped(bare) == bare


def test_what_lies_behind_the_end_goes() -> None:
    assert jpeg.stripped(PLAIN + b"PK\x03\x04 a second file") == PLAIN


@settings(max_examples=300, deadline=None)
@given(
    data=st.binary(max_size=300)
    | st.builds(
        lambda at, patch: PLAIN[:at] + patch + PLAIN[at + len(patch) :],
        st.integers(0, len(PLAIN)),
        st.binary(min_size=1, max_size=20),
    )
    | st.integers(0, len(PLAIN)).map(lambda end: PLAIN[:end])
)
def test_whatever_the_bytes_they_are_read_or_refused(data: bytes) -> None:
    for work in (jpeg.read, jpeg.stripped):
        try:
            work(data)
        except CannotDecode as error:
            assert "expected" in str(error)
