"""Samples become second differences and come back bit for bit; nothing else is taken for samples."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import Malformed
from devices.model.observation import NO_SAMPLE
from devices.wire.deltas import from_deltas, to_deltas
from tests.support import wire

LEAST, MOST = -32768, 32767


def packed(*samples: int) -> bytes:
    return struct.pack(f"<{len(samples)}h", *samples)


def number(value: int) -> bytes:
    """`value` as LEB128, zigzagged: written once more."""
    rest, out = (value << 1) if value >= 0 else -2 * value - 1, b""
    while True:
        rest, low = divmod(rest, 128)
        out += bytes([low | (128 if rest else 0)])
        if not rest:
            return out


@given(wire.samples)
def test_samples_come_back_bit_for_bit(samples: bytes) -> None:
    assert from_deltas(to_deltas(samples), len(samples) // 2) == samples


@given(wire.samples)
def test_each_sample_is_written_as_what_a_straight_line_leaves_over(samples: bytes) -> None:
    values = struct.unpack(f"<{len(samples) // 2}h", samples)
    bends = [c - 2 * b + a for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    written = [*values[:1], *([values[1] - values[0]] if len(values) > 1 else []), *bends]
    assert to_deltas(samples) == b"".join(map(number, written))


def test_a_smooth_wave_takes_one_byte_a_sample() -> None:
    wave = packed(*(round(2000 * math.sin(i / 20)) for i in range(125)))
    assert len(to_deltas(wave)) == 126  # the first step is longer


@pytest.mark.parametrize(
    "samples",
    [
        (),
        (LEAST,),
        (MOST, LEAST),
        (LEAST, MOST, LEAST, MOST, LEAST),
        (5, NO_SAMPLE, 5, NO_SAMPLE, NO_SAMPLE, 6),
    ],
)
def test_the_ends_of_the_range_and_missing_samples_are_kept(samples: tuple[int, ...]) -> None:
    assert from_deltas(to_deltas(packed(*samples)), len(samples)) == packed(*samples)


@pytest.mark.parametrize(
    ("what", "data", "count"),
    [
        ("fewer samples than were said", b"\x00\x00", 3),
        ("more samples than were said", b"\x00\x00", 1),
        ("samples where none were said", b"\x00", 0),
        ("a billion samples", b"\x00", 10**9),
        ("nothing for a sample", b"", 1),
        ("half a number", b"\x80", 1),
        ("a number longer than it needs", b"\x80\x00", 1),
        ("a number of four bytes", b"\x80\x80\x80\x01", 1),
        ("a sample above 16 bits", number(MOST + 1), 1),
        ("a sample below 16 bits", number(MOST) + number(0) + number(1) + number(0), 4),
        ("a line that leaves 16 bits", number(0) + number(20_000) + number(0), 3),
    ],
)
def test_what_is_not_written_as_it_should_be_is_refused(what: str, data: bytes, count: int) -> None:
    with pytest.raises(Malformed):
        from_deltas(data, count)


@given(st.binary(max_size=40), st.integers(0, 40))
def test_whatever_is_taken_is_the_one_way_to_write_these_samples(data: bytes, count: int) -> None:
    try:
        samples = from_deltas(data, count)
    except Malformed:
        return
    assert to_deltas(samples) == data
