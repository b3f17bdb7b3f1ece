"""Ranges behave as the set of integers that they stand for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.wire.ranges import Range, Ranges

PAIR = st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda p: (p[0], p[0] + p[1]))
STEPS = st.lists(st.tuples(st.booleans(), PAIR), max_size=30)


def numbers(pairs: list[Range]) -> set[int]:
    return {n for first, last in pairs for n in range(first, last + 1)}


def build(steps: list[tuple[bool, Range]]) -> tuple[Ranges, set[int]]:
    ranges, model = Ranges(), set[int]()
    for put, (first, last) in steps:
        if put:
            ranges.add(first, last)
            model |= numbers([(first, last)])
        else:
            ranges.remove(first, last)
            model -= numbers([(first, last)])
    return ranges, model


@given(STEPS)
def test_ranges_hold_exactly_what_was_put_in_and_not_taken_out(steps: list[tuple[bool, Range]]) -> None:
    ranges, model = build(steps)
    assert numbers(list(ranges)) == model
    assert len(ranges) == len(model)
    assert bool(ranges) == bool(model)
    assert ranges.first() == min(model, default=None)


@given(STEPS)
def test_ranges_are_sorted_and_never_touch_each_other(steps: list[tuple[bool, Range]]) -> None:
    pairs = list(build(steps)[0])
    assert all(a[1] + 1 < b[0] for a, b in pairwise(pairs))


@given(STEPS, st.integers(0, 80))
def test_range_of_gives_the_widest_run_around_a_number(steps: list[tuple[bool, Range]], number: int) -> None:
    ranges, model = build(steps)
    found = ranges.range_of(number)
    assert (number in ranges) == (number in model) == (found is not None)
    if found:
        assert numbers([found]) <= model
        assert found[0] - 1 not in model
        assert found[1] + 1 not in model


@given(STEPS, PAIR)
def test_within_and_missing_share_a_span_between_them(steps: list[tuple[bool, Range]], span: Range) -> None:
    ranges, model = build(steps)
    whole = numbers([span])
    assert numbers(ranges.within(*span)) == whole & model
    assert numbers(ranges.missing(*span)) == whole - model


@given(STEPS)
def test_equal_ranges_are_equal_however_they_were_made(steps: list[tuple[bool, Range]]) -> None:
    ranges, model = build(steps)
    assert ranges == Ranges((n, n) for n in sorted(model))


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="0 <= first <= last"):
        Ranges().add(5, 4)
