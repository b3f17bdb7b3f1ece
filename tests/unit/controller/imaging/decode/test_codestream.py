"""What a codestream says of itself is read before a codec is."""

from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.decode import syntaxes
from controller.imaging.decode.codestream import codestream, header
from controller.imaging.errors import CannotDecode

GREY = np.zeros((20, 30), np.uint16)
COLOUR = np.zeros((20, 30, 3), np.uint8)


@pytest.mark.parametrize(
    ("syntax", "data"),
    [
        (syntaxes.JPEG_LS, imagecodecs.jpegls_encode(GREY)),
        (syntaxes.JPEG_LOSSLESS_SV1, imagecodecs.jpeg8_encode(GREY, lossless=True, bitspersample=16)),
        (syntaxes.JPEG_2000, imagecodecs.jpeg2k_encode(GREY, codecformat="j2k")),
        (syntaxes.HTJ2K, imagecodecs.htj2k_encode(GREY)),
        (syntaxes.JPEG_BASELINE, imagecodecs.jpeg8_encode(COLOUR)),
    ],
)
def test_size_components_and_bits_are_those_of_what_was_encoded(syntax: str, data: Any) -> None:
    found = header(bytes(data), syntax)
    colour = syntax == syntaxes.JPEG_BASELINE
    assert (found.rows, found.columns, found.components) == (20, 30, 3 if colour else 1)
    assert found.bits == (8 if colour else 16)


def test_the_sign_of_a_jpeg_2000_codestream_is_found() -> None:
    data = bytes(imagecodecs.jpeg2k_encode(GREY.view(np.int16), codecformat="j2k"))
    assert header(data, syntaxes.JPEG_2000).signed


def test_a_jp2_file_around_a_codestream_is_taken_off() -> None:
    bare = bytes(imagecodecs.jpeg2k_encode(GREY, codecformat="j2k"))
    boxed = bytes(imagecodecs.jpeg2k_encode(GREY, codecformat="jp2"))
    assert not boxed.startswith(b"\xff\x4f")
    assert header(codestream(boxed), syntaxes.JPEG_2000).rows == 20
    assert codestream(bare) == bare


def test_a_jp2_file_without_a_codestream_is_refused() -> None:
    with pytest.raises(CannotDecode, match="there is none"):
        codestream(b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(50))


@given(
    st.binary(max_size=80),
    st.sampled_from((b"", b"\xff\xd8", b"\xff\xd8\xff\xee\0\x0eAdobe", b"\xff\x4f\xff\x51")),
)
def test_of_any_bytes_comes_a_header_or_a_refusal(data: bytes, begin: bytes) -> None:
    for syntax in (syntaxes.JPEG_BASELINE, syntaxes.JPEG_2000):
        try:
            found = header(begin + data, syntax)
        except CannotDecode:
            continue
        assert found.components >= 0
