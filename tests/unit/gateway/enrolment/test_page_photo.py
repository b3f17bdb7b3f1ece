"""A claim in a photo, as phones take them: turned, dim, small in a large picture; and traps."""

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from devices.model.claim import Claim
from gateway.enrolment.page_http import photo_in
from gateway.enrolment.page_photo import MOST_PIXELS, can_read, claim_in_photo
from tests.support.qr_photo import code, on_a_desk, photo, turned_and_dim

CLAIM = Claim("ward-a", "https://10.0.0.5:8443", "mqtts://10.0.0.5:8883", "A-_b" * 5 + "Cd", "0f" * 32, 2**31)
TEXT = CLAIM.to_text()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_of_each_kind_that_browsers_send_is_read(kind: str) -> None:
    assert can_read()
    assert claim_in_photo(photo(code(TEXT), kind)) == CLAIM


@pytest.mark.parametrize("degrees", [7, 45, 90, 163, 270])
def test_a_turned_and_dim_one_is_read(degrees: int) -> None:
    dim = turned_and_dim(on_a_desk(code(TEXT), (900, 900)), degrees)
    assert claim_in_photo(photo(dim.filter(ImageFilter.GaussianBlur(1)), quality=60)) == CLAIM


def test_a_phone_that_was_held_sideways_says_so_in_the_picture() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees
    assert claim_in_photo(photo(code(TEXT).rotate(90), exif=exif.tobytes())) == CLAIM


def test_a_code_that_is_small_in_a_photo_of_48_million_pixels_is_read() -> None:
    large = on_a_desk(code(TEXT, scale=14), (8000, 6000))
    assert claim_in_photo(photo(large, quality=70)) == CLAIM


def test_the_claim_is_found_among_other_codes() -> None:
    both = Image.new("RGB", (1100, 600), "white")
    both.paste(code("https://example.org/manual"), (20, 20))
    both.paste(code(TEXT), (500, 20))
    assert claim_in_photo(photo(both)) == CLAIM


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"GIF89a" + bytes(99),
        b"%PDF-1.7",
        photo(code(TEXT))[:2000],
        photo(code("https://example.org/manual")),
    ],
)
def test_what_has_no_claim_gives_none(held: bytes) -> None:
    assert claim_in_photo(held) is None


def test_a_small_file_that_unpacks_to_very_much_is_not_unpacked() -> None:
    """40,000 x 40,000 pixels in 2 kB: the header alone is read."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    side = 40_000
    assert side * side > MOST_PIXELS
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    bomb = (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")
    )
    assert claim_in_photo(bomb) is None
    edge = photo(Image.new("L", (MOST_PIXELS // 4000 + 1, 4000)), "PNG")
    assert claim_in_photo(edge) is None


@settings(max_examples=15)
@given(data=st.binary(max_size=400), place=st.integers(0, 300))
def test_no_bytes_surprise(data: bytes, place: int) -> None:
    assert claim_in_photo(data) is None
    right = photo(code(TEXT), "PNG")
    claim_in_photo(right[:place] + data + right[place:])


BOUNDARY = b"----WebKitFormBoundaryAbC123"


def form(name: bytes, data: bytes) -> bytes:
    described = (
        b'Content-Disposition: form-data; name="%b"; filename="a.jpg"\r\nContent-Type: image/jpeg' % name
    )
    return b"--%b\r\n%b\r\n\r\n%b\r\n--%b--\r\n" % (BOUNDARY, described, data, BOUNDARY)


@given(st.binary(max_size=500))
def test_the_file_of_a_form_comes_back_byte_for_byte(data: bytes) -> None:
    assert photo_in(form(b"photo", data), BOUNDARY) == data
    assert photo_in(form(b"other", data), BOUNDARY) == b""


@given(st.binary(max_size=500))
def test_whatever_a_form_is_it_is_read_or_empty(data: bytes) -> None:
    photo_in(data, BOUNDARY)
    photo_in(b"--" + BOUNDARY + data, BOUNDARY)
