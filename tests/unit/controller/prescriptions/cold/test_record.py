"""How warm it was, from readings alone."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.prescriptions.cold.record import COLD, ColdDoubt, Gap, Range, Reading, Record, course_of

LONGEST = 600
"""A pause that is longer is a gap; all times are small here."""


def record(readings: list[tuple[int, float | None]], end: int, begin: int = 0) -> Record:
    return course_of((Reading(*one) for one in readings), begin, COLD, LONGEST).until(end)


def test_a_range_holds_its_ends_exactly() -> None:
    assert all(map(COLD.holds, (2.0, 2, 8.0, 5.5)))
    assert not any(map(COLD.holds, (1.99, 8.01, -18.0)))
    assert COLD.within(Range(Decimal(3), Decimal(25))) == Range(Decimal(3), Decimal(8))


def test_what_stays_within_the_range_without_a_gap_has_nothing_against_it() -> None:
    found = record([(100, 4.0), (700, 6.5), (1300, 2.0)], end=1400)
    assert (found.lowest, found.highest, found.last, found.last_ms) == (2.0, 6.5, 2.0, 1300)
    assert (found.outside_ms, found.gaps, found.doubts(COLD)) == (0, (), frozenset())


def test_what_is_outside_counts_until_the_next_reading_and_no_longer_than_a_gap() -> None:
    assert record([(0, 9.0), (100, 9.0), (150, 5.0)], end=400).outside_ms == 150
    found = record([(0, 5.0), (100, 1.0)], end=5000)
    assert (found.outside_ms, found.gaps) == (LONGEST, (Gap(100, 5000),))
    assert found.doubts(COLD) == {ColdDoubt.RANGE, ColdDoubt.GAP}


def test_a_single_reading_outside_is_one_although_no_time_has_passed_since() -> None:
    found = record([(0, 5.0), (100, 8.1)], end=100)
    assert (found.outside_ms, found.doubts(COLD)) == (0, {ColdDoubt.RANGE})


@pytest.mark.parametrize(
    ("readings", "gaps"),
    [
        ([], [(0, 2000)]),
        ([(601, 5.0)], [(0, 601), (601, 2000)]),
        ([(600, 5.0), (1200, 5.0), (1800, 5.0)], []),
        ([(500, 5.0), (900, None), (1000, None), (1500, 5.0)], [(500, 1500)]),
    ],
)
def test_a_pause_longer_than_may_be_is_a_gap_from_packing_on_and_until_now(
    readings: list[tuple[int, float | None]], gaps: list[tuple[int, int]]
) -> None:
    assert [tuple(one) for one in record(readings, end=2000).gaps] == gaps


def test_a_record_is_worse_than_the_one_that_was_judged_when_something_is_added_to_it() -> None:
    judged = record([(0, 5.0), (100, 9.0), (200, 5.0)], end=300)
    assert not record([(0, 5.0), (100, 9.0), (200, 5.0), (400, 3.0)], end=500).is_worse(judged, COLD)
    for more in ((400, 10.0), (400, 8.5), (400, 1.0)):
        assert record([(0, 5.0), (100, 9.0), (200, 5.0), more], end=500).is_worse(judged, COLD)
    assert record([(0, 5.0), (100, 9.0), (200, 5.0)], end=900).is_worse(judged, COLD), "a gap"


VALUES = st.one_of(st.none(), st.floats(-10, 30, allow_nan=False))
COURSES = st.lists(st.tuples(st.integers(0, 20_000), VALUES), max_size=30).map(
    lambda found: sorted(found, key=lambda one: one[0])
)


@given(COURSES, st.integers(20_000, 30_000))
def test_outside_gaps_and_extremes_are_those_that_a_second_reckoning_finds(
    readings: list[tuple[int, float | None]], end: int
) -> None:
    found = record(readings, end)
    known = [(at, value) for at, value in readings if value is not None]
    moments = [0, *(at for at, _ in known), end]
    pauses = [(a, b) for a, b in pairwise(moments) if b - a > LONGEST]
    assert [tuple(one) for one in found.gaps] == pauses
    until = [*moments[2:], end][: len(known)]
    outside = sum(
        min(b - at, LONGEST) for (at, value), b in zip(known, until, strict=True) if not 2 <= value <= 8
    )
    assert found.outside_ms == outside
    assert found.readings == len(known)
    if known:
        assert (found.lowest, found.highest) == (min(v for _, v in known), max(v for _, v in known))
    left = any(not 2 <= value <= 8 for _, value in known)
    assert (ColdDoubt.RANGE in found.doubts(COLD)) is left
