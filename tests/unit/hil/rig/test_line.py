"""One direction of a bad serial line."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.rig.line import Line

DATA = bytes(range(256)) * 4


def carried(line: Line, data: bytes = DATA) -> bytes:
    line.take(data, 0.0)
    return line.due(0.0)


def test_a_line_without_a_fault_carries_everything() -> None:
    line = Line(Random(1))
    assert carried(line) == DATA
    assert +line.counts == {"bytes": len(DATA), "passed": len(DATA)}


@given(st.integers(0, 2**32), st.sampled_from(["drop_in", "flip_in", "splice_in"]))
def test_the_same_seed_damages_the_same_bytes(seed: int, fault: str) -> None:
    lines = [Line(Random(seed)) for _ in range(2)]
    for line in lines:
        setattr(line, fault, 20)
    assert carried(lines[0]) == carried(lines[1])


def test_what_was_dropped_is_counted() -> None:
    line = Line(Random(1), drop_in=20)
    assert len(carried(line)) == len(DATA) - line.counts["dropped"] < len(DATA)


def test_a_flipped_byte_differs_in_one_bit() -> None:
    line = Line(Random(1), flip_in=20)
    changed = [a ^ b for a, b in zip(DATA, carried(line), strict=True) if a != b]
    assert len(changed) == line.counts["flipped"] > 0
    assert all(one.bit_count() == 1 for one in changed)


def test_a_splice_puts_in_what_had_passed_before() -> None:
    line = Line(Random(1), splice_in=100)
    out = carried(line)
    assert line.counts["spliced"] > 0
    assert len(out) > len(DATA)
    assert set(out) <= set(DATA)


def test_what_is_delayed_comes_in_order_and_no_sooner() -> None:
    line = Line(Random(1), delay_s=1.0)
    line.take(b"a", 0.0)
    line.take(b"b", 0.5)
    assert [line.due(at) for at in (0.9, 1.0, 1.4, 1.5)] == [b"", b"a", b"", b"b"]


def test_what_is_held_comes_when_the_line_is_healed() -> None:
    line = Line(Random(1), is_held=True)
    assert carried(line) == b""
    line.heal()
    assert line.due(0.0) == DATA


def test_what_waits_when_the_line_is_healed_waits_no_longer() -> None:
    line = Line(Random(1), delay_s=60.0)
    line.take(b"a", 0.0)
    line.heal()
    line.take(b"b", 0.1)
    assert line.due(0.1) == b"ab"


def test_what_is_sent_over_a_cut_line_goes_nowhere() -> None:
    line = Line(Random(1), is_cut=True)
    assert carried(line) == b""
    line.heal()
    assert line.due(0.0) == b""
    assert line.counts["cut"] == len(DATA)


@pytest.mark.parametrize("after", [1, 2, 5])
def test_a_trap_cuts_the_line_after_so_many_bytes_of_a_frame(after: int) -> None:
    line, sprung = Line(Random(1)), list[int]()
    line.set_trap(after, lambda: sprung.append(line.in_frame))
    assert carried(line, b"\0first\0second\0") == b"\0first"[: after + 1]
    assert sprung == [after]


def test_a_trap_waits_for_a_frame_that_is_long_enough() -> None:
    line, sprung = Line(Random(1)), list[int]()
    line.set_trap(4, lambda: sprung.append(1))
    assert carried(line, b"\0abc\0abcdef\0") == b"\0abc\0abcd"


def test_at_another_rate_the_bytes_are_others() -> None:
    line = Line(Random(1), heard_baud=9600)
    assert carried(line) != DATA
    assert line.counts["garbled"] == len(DATA)


def test_what_nobody_sent_is_counted_for_itself() -> None:
    line = Line(Random(1))
    line.inject(b"xyz", 0.0)
    assert carried(line, b"a") == b"xyza"
    assert (line.counts["injected"], line.counts["bytes"]) == (3, 1)


@given(st.lists(st.binary(max_size=20), max_size=20), st.floats(0, 2))
def test_without_damage_every_byte_comes_once_and_in_order(pieces: list[bytes], delay_s: float) -> None:
    line = Line(Random(1), delay_s=delay_s)
    for number, piece in enumerate(pieces):
        line.take(piece, number / 10)
    times = [number / 10 for number in range(60)]
    assert all(a < b for a, b in pairwise(times))
    assert b"".join(line.due(at) for at in times) == b"".join(pieces)
