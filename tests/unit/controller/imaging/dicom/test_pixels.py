"""Where frames are: native ones by arithmetic, encapsulated ones by offset tables or one fragment each."""

import struct
import tracemalloc
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.imaging.dicom.part10 import read_instance
from controller.imaging.dicom.pixels import encapsulated_frames, fragments, native_frames
from controller.imaging.errors import BadDicom
from tests.support.dicom import read, us_cine

ITEM: Final = b"\xfe\xff\x00\xe0"
END: Final = b"\xfe\xff\xdd\xe0\0\0\0\0"


def items(*values: bytes) -> bytes:
    return b"".join(ITEM + struct.pack("<L", len(value)) + value for value in values)


def frames_of(table: bytes, parts: list[bytes], frames: int, extended: tuple[int, ...] = ()) -> list[bytes]:
    buffer = items(table, *parts) + END
    found, after = fragments(buffer, 0, len(buffer))
    assert after == len(buffer)
    return [
        b"".join(buffer[at : at + length] for at, length in one)
        for one in encapsulated_frames(buffer, found, frames, extended)
    ]


@given(st.lists(st.lists(st.binary(min_size=2, max_size=8), min_size=1, max_size=3), min_size=1, max_size=6))
def test_frames_of_several_fragments_are_found_by_the_offset_table(frames: list[list[bytes]]) -> None:
    offsets, at = [], 0
    for parts in frames:
        offsets.append(at)
        at += sum(8 + len(part) for part in parts)
    flat = [part for parts in frames for part in parts]
    expected = [b"".join(parts) for parts in frames]
    assert frames_of(struct.pack(f"<{len(offsets)}L", *offsets), flat, len(frames)) == expected
    assert frames_of(b"", flat, len(frames), tuple(offsets)) == expected


def test_one_fragment_a_frame_needs_no_table() -> None:
    assert frames_of(b"", [b"ab", b"cd", b"ef"], 3) == [b"ab", b"cd", b"ef"]


def test_one_frame_is_all_fragments() -> None:
    assert frames_of(b"", [b"ab", b"cd"], 1) == [b"abcd"]


@pytest.mark.parametrize(
    "table",
    [b"", struct.pack("<2L", 0, 999), struct.pack("<2L", 10, 20), struct.pack("<L", 0)],
    ids=["none", "beyond", "not the first", "too short"],
)
def test_a_table_that_does_not_fit_is_refused(table: bytes) -> None:
    with pytest.raises(BadDicom) as caught:
        frames_of(table, [b"ab", b"cd", b"ef"], 2)
    assert caught.value.reason == "pixels"


@pytest.mark.parametrize("offsets", [True, False])
def test_the_frames_of_a_cine_are_jpegs(offsets: bool) -> None:
    content = us_cine(4, offsets=offsets)
    instance = read_instance(content)
    assert instance.pixels is not None
    assert instance.pixels.fragments is not None
    found = encapsulated_frames(instance.content, instance.pixels.fragments, instance.number("00280008", 1))
    assert len(found) == read(content).NumberOfFrames == 4
    assert all(content[at : at + 2] == b"\xff\xd8" for ((at, _),) in found)


def test_native_frames_follow_each_other() -> None:
    found = native_frames(100, 60, 3, 16 * 10)
    assert [*found] == [[(100, 20)], [(120, 20)], [(140, 20)]]
    assert (found[-1], found[1:]) == ([(140, 20)], [[(120, 20)], [(140, 20)]])
    with pytest.raises(IndexError):
        found[3]


def test_no_number_of_frames_takes_memory() -> None:
    tracemalloc.start()
    try:
        found = native_frames(0, 1 << 40, 1 << 40, 8)
        assert (len(found), found[999_999_999]) == (1 << 40, [(999_999_999, 1)])
        with pytest.raises(BadDicom, match="expected offsets"):  # a table of two million, for five frames
            encapsulated_frames(bytes(8 << 20), [(0, 8 << 20), (0, 2), (0, 2)], 5)
        assert tracemalloc.get_traced_memory()[1] < 9 << 20
    finally:
        tracemalloc.stop()


def test_one_frame_of_bits_ends_in_the_middle_of_a_byte() -> None:
    assert [*native_frames(0, 2, 1, 9)] == [[(0, 2)]]


@pytest.mark.parametrize(
    ("length", "frames", "bits", "reason"), [(59, 3, 160, "truncated"), (60, 3, 9, "pixels")]
)
def test_native_pixels_that_are_not_there_are_refused(
    length: int, frames: int, bits: int, reason: str
) -> None:
    with pytest.raises(BadDicom) as caught:
        native_frames(0, length, frames, bits)
    assert caught.value.reason == reason
