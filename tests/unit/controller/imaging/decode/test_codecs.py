"""Frames become the stored values that pydicom's decoders, other libraries and the encoders' input say."""

import hashlib
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydicom.pixels.utils import iter_pixels

from controller.imaging.decode import syntaxes
from controller.imaging.decode.codecs import decoded, tidy
from controller.imaging.decode.encoders import encoded
from controller.imaging.decode.picture import Frame, Picture, picture, pixel_json
from controller.imaging.decode.transcode import frames_of
from controller.imaging.dicom.part10 import Instance, read_instance
from controller.imaging.errors import BadDicom, CannotDecode
from tests.support.dicom import corpus

AS_OTHERS_DECODE = {
    "JPEG-LL.dcm": "a6e9d32143339d3f",
    "JPGLosslessP14SV1_1s_1f_8b.dcm": "36e27e4f1e87a7d5",
    "bad_sequence.dcm": "ef7120ddfc77c166",
    "emri_small_jpeg_ls_lossless.dcm": "9719c5d0f62ce971",
    "JPEGLSNearLossless_08.dcm": "9eb46aa86c342094",
    "JPEGLSNearLossless_16.dcm": "f929318278115ce9",
    "MR_small_jpeg_ls_lossless.dcm": "88617aaa46138fb1",
    "SC_rgb_jls_lossy_line.dcm": "bd5344c0a46bc6c0",
    "SC_rgb_jls_lossy_sample.dcm": "bd5344c0a46bc6c0",
    "SC_rgb_jpeg_gdcm.dcm": "169e619557b12114",
}
"""SHA-256 of pydicom 3.0.2's pixel_array with pylibjpeg-libjpeg 2.5.0 and pyjpegls 1.5.1, which the tests do
not have (JPEG lossless and JPEG-LS)."""
KNOWN = {
    "SC_rgb_small_odd_big_endian.dcm": "27 bytes in words of two, byte for byte the last of which is padding",
    "JPEG2000-embedded-sequence-delimiter.dcm": "no decoder reads its codestream, pydicom's do not either",
}
"""What is refused although it is in the corpus."""
FRAMES = 3
LARGEST = 2_000_000


def pictures() -> Iterator[tuple[Path, Instance, Picture]]:
    """Every file of the corpus that has pixel data and can be read."""
    for path in corpus():
        try:
            instance = read_instance(path.read_bytes())
        except BadDicom:
            continue
        if instance.pixels and path.name not in KNOWN:
            yield path, instance, picture(pixel_json(instance) or b"")


def ours(instance: Instance, shape: Picture) -> list[Any]:
    return [tidy(decoded(frame)[0], shape) for frame in islice(frames_of(instance, shape), FRAMES)]


def theirs(path: Path, shape: Picture) -> list[Any] | None:
    """pydicom's; None: it does not read the file."""
    raw = (
        shape.photometric.startswith("YBR_FULL") and read_instance(path.read_bytes()).pixels.fragments is None
    )  # pyright: ignore[reportOptionalMemberAccess]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return list(islice(iter_pixels(str(path), raw=raw), FRAMES))
    except (RuntimeError, NotImplementedError, AttributeError, ValueError):
        return None


def test_every_file_of_the_corpus_that_pydicom_decodes_has_the_same_pixels() -> None:
    compared: set[str] = set()
    for path, instance, shape in pictures():
        if shape.frame_bits > LARGEST * 8 or (expected := theirs(path, shape)) is None:
            continue
        compared.add(instance.transfer_syntax)
        got = ours(instance, shape)
        assert len(got) == len(expected)
        for mine, other in zip(got, expected, strict=True):
            np.testing.assert_array_equal(mine, other, err_msg=path.name)
    native = {syntaxes.IMPLICIT, syntaxes.EXPLICIT, syntaxes.BIG_ENDIAN}
    assert compared >= native | {syntaxes.RLE, syntaxes.JPEG_BASELINE, syntaxes.JPEG_2000_LOSSLESS}


@pytest.mark.parametrize("name", AS_OTHERS_DECODE)
def test_jpeg_lossless_and_jpeg_ls_have_the_pixels_of_other_libraries(name: str) -> None:
    path = next(path for path in corpus() if path.name == name)
    instance = read_instance(path.read_bytes())
    shape = picture(instance.data_set)
    every = b"".join(tidy(decoded(frame)[0], shape).tobytes() for frame in frames_of(instance, shape))
    assert hashlib.sha256(every).hexdigest()[:16] == AS_OTHERS_DECODE[name]


@pytest.mark.parametrize("name", KNOWN)
def test_what_cannot_be_decoded_rightly_is_refused(name: str) -> None:
    path = next(path for path in corpus() if path.name == name)
    instance = read_instance(path.read_bytes())
    with pytest.raises(CannotDecode):
        ours(instance, picture(instance.data_set))


def test_twelve_bits_of_jpeg_extended_are_decoded() -> None:
    path = next(path for path in corpus() if path.name == "JPGExtended.dcm")
    instance = read_instance(path.read_bytes())
    [values] = ours(instance, picture(instance.data_set))
    assert values.dtype == np.uint16
    assert 255 < values.max() < 4096


def shaped(
    rows: int, columns: int, samples: int = 1, bits: tuple[int, int] = (16, 12), **more: Any
) -> Picture:
    allocated, stored = bits
    given: dict[str, Any] = {
        "photometric": "RGB" if samples == 3 else "MONOCHROME2",
        "signed": False,
        "planar": False,
        "frames": 1,
        "high": stored - 1,
        **more,
    }
    return Picture(rows, columns, samples, allocated=allocated, stored=stored, **given)


@st.composite
def frames(draw: st.DrawFn) -> tuple[Picture, Any]:
    """Stored values of any kind, noise and steps."""
    rows, columns = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    samples, allocated = draw(st.sampled_from((1, 3))), draw(st.sampled_from((8, 16)))
    stored = draw(st.integers(max(allocated - 7, 2), allocated))
    signed = draw(st.booleans()) and samples == 1
    shape = shaped(rows, columns, samples, (allocated, stored), signed=signed)
    low, high = (-(1 << stored - 1), 1 << stored - 1) if signed else (0, 1 << stored)
    noise = np.random.default_rng(draw(st.integers(0, 99)))
    size = (rows, columns, 3)[: 3 if samples == 3 else 2]
    values = noise.integers(low, high, size) if draw(st.booleans()) else np.full(size, high - 1)
    return shape, values.astype(f"{'i' if signed else 'u'}{allocated // 8}")


@settings(deadline=None, max_examples=60)
@given(frames(), st.sampled_from(sorted(syntaxes.ENCODES - syntaxes.LOSSY)))
@example((shaped(1, 1, 1, (16, 9)), np.full((1, 1), 511, "u2")), syntaxes.RLE)
def test_what_is_encoded_without_loss_is_decoded_to_the_same(made: tuple[Picture, Any], syntax: str) -> None:
    shape, values = made
    data, photometric = encoded(values, shape.photometric, shape, syntax)
    again = shape if photometric == shape.photometric else shaped_like(shape, photometric)
    got, colour = decoded(Frame(data, syntax, again))
    np.testing.assert_array_equal(tidy(got, shape), values)
    assert colour == shape.photometric


def shaped_like(shape: Picture, photometric: str) -> Picture:
    bits = shape.allocated, shape.stored
    return shaped(shape.rows, shape.columns, shape.samples, bits, photometric=photometric)


def test_high_throughput_jpeg_2000_by_openjph_is_read_by_openjpeg() -> None:
    values = np.random.default_rng(1).integers(0, 4096, (33, 47)).astype(np.uint16)
    data, _ = encoded(values, "MONOCHROME2", shaped(33, 47), syntaxes.HTJ2K_LOSSLESS)
    np.testing.assert_array_equal(imagecodecs.jpeg2k_decode(data), values)


@pytest.mark.parametrize("transform", ["RGB", "YBR_FULL_422"])
def test_colour_of_a_jpeg_without_markers_is_what_the_data_set_says(transform: str) -> None:
    colour = np.zeros((16, 16, 3), np.uint8)
    colour[...] = (200, 30, 60)
    space = "YCBCR" if transform == "YBR_FULL_422" else "RGB"
    data = bytes(imagecodecs.jpeg8_encode(colour, level=100, outcolorspace=space, subsampling="444"))
    bare = without(data, 0xE0, 0xEE)
    values, photometric = decoded(
        Frame(bare, syntaxes.JPEG_BASELINE, shaped(16, 16, 3, (8, 8), photometric=transform))
    )
    assert photometric == "RGB"
    assert np.abs(values.astype(int) - (200, 30, 60)).max() <= 3


def without(jpeg: bytes, *markers: int) -> bytes:
    """A JPEG without its APPn segments of these markers."""
    at, kept = 2, jpeg[:2]
    while jpeg[at + 1] != 0xDA:
        size = int.from_bytes(jpeg[at + 2 : at + 4]) + 2
        kept += b"" if jpeg[at + 1] in markers else jpeg[at : at + size]
        at += size
    return kept + jpeg[at:]


def test_bits_above_those_stored_are_no_part_of_the_picture() -> None:
    stored = np.array([[0x0FFF, 0xF001]], "<u2")  # an overlay of an old device in the upper four
    values, _ = decoded(Frame(stored.tobytes(), syntaxes.EXPLICIT, shaped(1, 2)))
    assert tidy(values, shaped(1, 2)).tolist() == [[0x0FFF, 1]]


def test_values_in_the_upper_bits_are_moved_down_with_their_sign() -> None:
    shape = shaped(1, 2, bits=(16, 12), high=15, signed=True)
    values = np.array([[0xFFF0, 0x7FF0]], "<u2").view("<i2")
    assert tidy(values, shape).tolist() == [[-1, 2047]]


def test_one_bit_a_pixel_begins_with_the_lowest_bit() -> None:
    shape = shaped(1, 9, bits=(1, 1))
    values, _ = decoded(Frame(b"\x05\x01", syntaxes.EXPLICIT, shape))
    assert values.tolist() == [[1, 0, 1, 0, 0, 0, 0, 0, 1]]


def test_half_colour_of_native_ybr_full_422_is_given_to_both_pixels() -> None:
    shape = shaped(1, 2, 3, (8, 8), photometric="YBR_FULL_422")
    values, photometric = decoded(Frame(bytes((10, 20, 100, 200)), syntaxes.EXPLICIT, shape))
    assert photometric == "YBR_FULL"
    assert values.tolist() == [[[10, 100, 200], [20, 100, 200]]]


def test_a_codestream_of_another_size_than_the_data_set_says_is_refused_before_it_is_decoded() -> None:
    bomb = b"\xff\x4f\xff\x51\0\x29\0\0" + (60000).to_bytes(4) * 2 + bytes(8) + (60000).to_bytes(4) * 2
    bomb += bytes(8) + b"\0\1\x0f\1\1"
    with pytest.raises(CannotDecode, match="60000×60000"):
        decoded(Frame(bomb, syntaxes.JPEG_2000_LOSSLESS, shaped(512, 512)))


@pytest.mark.parametrize("count", [0, 1, 3, 0xFFFFFFFF])
def test_rle_with_another_number_of_segments_is_refused(count: int) -> None:
    data = count.to_bytes(4, "little") + (64).to_bytes(4, "little") * 15 + bytes(100)
    with pytest.raises(CannotDecode, match="segments"):
        decoded(Frame(data, syntaxes.RLE, shaped(4, 4)))


def test_a_frame_that_is_too_short_is_refused() -> None:
    with pytest.raises(CannotDecode, match="expected 32 bytes, got 31"):
        decoded(Frame(bytes(31), syntaxes.EXPLICIT, shaped(4, 4)))


def test_a_transfer_syntax_that_nobody_here_decodes_is_refused() -> None:
    with pytest.raises(CannotDecode, match=r"4\.102"):
        decoded(Frame(b"", "1.2.840.10008.1.2.4.102", shaped(4, 4)))
