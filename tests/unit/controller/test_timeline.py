"""A time line never turns back: what was said later has no earlier time, whatever the line is told."""

import hypothesis.strategies as st
from hypothesis import given

from controller.timeline import KEPT, Knot, TimeLine

SECOND = 1_000_000
ORDERS = st.lists(
    st.tuples(st.sampled_from(["steer", "jump"]), st.integers(0, 20 * SECOND), st.integers(0, 5 * SECOND)),
    max_size=20,
)


def told(orders: list[tuple[str, int, int]]) -> TimeLine:
    """A line that was steered up and down, and jumped up."""
    line = TimeLine([Knot(SECOND, 100 * SECOND)])
    for number, (order, later, by) in enumerate(orders):
        mono_us, offset_us = line.last.mono_us + later, line.last.offset_us
        if order == "jump":
            line.jump(mono_us, offset_us + by)
        else:
            line.steer(mono_us, offset_us + (by if number % 2 else -by))
    return line


@given(ORDERS, st.lists(st.integers(0, 500 * SECOND), min_size=2, max_size=50))
def test_the_order_of_monotonic_times_is_kept(orders: list[tuple[str, int, int]], times: list[int]) -> None:
    line = told(orders)
    placed = [line.at(mono_us) for mono_us in sorted(times)]
    assert placed == sorted(placed)
    assert line.at_all(sorted(times)) == placed


@given(ORDERS, st.integers(0, 20 * SECOND), st.integers(-5 * SECOND, 5 * SECOND), st.integers(0, 10**9))
def test_what_has_been_stamped_stays_where_it_is(
    orders: list[tuple[str, int, int]], later: int, by: int, before: int
) -> None:
    line = told(orders)
    now = line.last.mono_us + later
    stamped = line.at(now - before) if len(line.knots) < KEPT - 2 else None
    line.steer(now, line.last.offset_us + by)
    assert stamped is None or line.at(now - before) == stamped


def test_a_steered_line_arrives_after_four_times_the_way() -> None:
    line = TimeLine([Knot(0, 0)])
    line.steer(10 * SECOND, -SECOND)
    offsets = [line.at(mono * SECOND) - mono * SECOND for mono in (10, 12, 14, 100)]
    assert offsets == [0, -SECOND // 2, -SECOND, -SECOND]


def test_a_shift_moves_all_of_it_alike() -> None:
    line = TimeLine([Knot(0, 0)])
    line.steer(10 * SECOND, -SECOND)
    before = [line.at(mono * SECOND) for mono in range(20)]
    line.shift(7)
    assert [line.at(mono * SECOND) for mono in range(20)] == [at + 7 for at in before]


def test_a_rise_that_was_wrong_is_taken_back_and_says_since_when() -> None:
    line = TimeLine([Knot(0, 0)])
    line.jump(10 * SECOND, SECOND)
    assert line.take_back(SECOND // 2) == 10 * SECOND
    assert line.at(20 * SECOND) == 20 * SECOND
    assert line.take_back(-SECOND) is None


def test_the_oldest_knots_are_forgotten() -> None:
    line = TimeLine([Knot(0, 0)])
    for number in range(KEPT):
        line.jump(number * SECOND, line.last.offset_us + 1)
    assert len(line.knots) == KEPT
