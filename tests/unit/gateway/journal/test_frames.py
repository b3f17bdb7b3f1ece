"""A file of frames, cut at every byte and flipped at every byte."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.frames import HEADER, MAGIC, frame, scan

_RNG = random.Random(7)
BLOCKS = [(number, _RNG.randbytes(_RNG.randrange(0, 60))) for number in range(5, 35)]
ENDS = [0]
for _number, _body in BLOCKS:
    ENDS.append(ENDS[-1] + HEADER + len(_body))
FILE = b"".join(frame(number, body) for number, body in BLOCKS)


def whole(data: bytes) -> list[tuple[int, bytes]]:
    return [(found.number, data[found.start : found.end]) for found in scan(data).frames]


def test_a_file_cut_at_any_byte_keeps_every_whole_frame_and_the_rest_is_torn() -> None:
    for cut in range(len(FILE) + 1):
        data = FILE[:cut]
        kept = sum(end <= cut for end in ENDS[1:])
        held = scan(data)
        assert whole(data) == BLOCKS[:kept]
        assert held.damaged == []
        assert held.torn == (None if cut in ENDS else ENDS[kept])


@pytest.mark.parametrize("bit", range(8))
def test_a_bit_flipped_anywhere_loses_one_frame_and_shows_exactly_where(bit: int) -> None:
    for place in range(len(FILE)):
        data = bytearray(FILE)
        data[place] ^= 1 << bit
        hit = sum(end <= place for end in ENDS[1:])
        held = scan(bytes(data))
        assert whole(bytes(data)) == BLOCKS[:hit] + BLOCKS[hit + 1 :]
        assert held.damaged == [(ENDS[hit], ENDS[hit + 1])]
        assert held.torn is None


def test_bytes_cut_out_of_the_middle_lose_only_the_frames_they_touch() -> None:
    for start in range(0, len(FILE) - 30, 7):
        data = FILE[:start] + FILE[start + 30 :]
        touched = [n for n in range(len(BLOCKS)) if ENDS[n] < start + 30 and ENDS[n + 1] > start]
        kept = [block for n, block in enumerate(BLOCKS) if n not in touched]
        assert whole(data) == kept


def test_zeros_after_the_last_frame_are_an_append_that_never_happened() -> None:
    held = scan(FILE + bytes(100))
    assert (held.torn, held.damaged) == (len(FILE), [])


def test_garbage_after_the_last_frame_is_damage() -> None:
    held = scan(FILE + b"\xff" * 100)
    assert held.damaged == [(len(FILE), len(FILE) + 100)]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_scan_or_invent_a_frame(noise: bytes) -> None:
    assert scan(noise).frames == []


@given(st.lists(st.binary(max_size=40), max_size=4), st.binary(max_size=60))
def test_frames_after_noise_are_found(bodies: list[bytes], noise: bytes) -> None:
    data = noise + b"".join(frame(number, body) for number, body in enumerate(bodies))
    assert whole(data) == list(enumerate(bodies))


def test_a_body_full_of_magic_is_only_a_body() -> None:
    body = MAGIC * 20
    assert whole(frame(1, body) + frame(2, body)) == [(1, body), (2, body)]
