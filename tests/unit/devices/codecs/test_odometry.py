"""Odometry: exact for wheels that do not slip, honest about those that do."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.odometry import Odometry
from devices.codecs.vda5050.geometry import Pose

_BASE_M = 0.3
STEPS = st.lists(st.tuples(st.integers(-200, 200), st.integers(-200, 200)), max_size=40)


def placed(pose: Pose | None = None) -> Odometry:
    odometry = Odometry(_BASE_M)
    odometry.rolled(7, 0, 0)
    odometry.place(pose or Pose(0.0, 0.0, 0.0, "ward"))
    return odometry


def here(odometry: Odometry) -> Pose:
    assert odometry.pose
    return odometry.pose


def driven(steps: list[tuple[int, int]], every: int = 1) -> Odometry:
    odometry, left, right = placed(), 0, 0
    for number, (more_left, more_right) in enumerate(steps, 1):
        left, right = left + more_left, right + more_right
        if number % every == 0 or number == len(steps):
            odometry.rolled(7, left, right)
    return odometry


def test_nobody_knows_where_it_is_until_somebody_says_so() -> None:
    odometry = Odometry(_BASE_M)
    odometry.rolled(7, 100, 100)
    assert (odometry.pose, odometry.score) == (None, 0.0)


def test_straight_on_a_quarter_turn_and_straight_on_again() -> None:
    quarter = round(_BASE_M * math.pi / 4 * 1000)
    pose = here(driven([(1000, 1000), (-quarter, quarter), (500, 500)]))
    assert (round(pose.x, 2), round(pose.y, 2)) == (1.0, 0.5)
    assert abs(pose.theta - math.pi / 2) < 0.01


def test_a_circle_leads_back_to_where_it_began() -> None:
    inner, outer = (math.tau * radius * 1000 / 36 for radius in (1 - _BASE_M / 2, 1 + _BASE_M / 2))
    ways = [(round(inner * part), round(outer * part)) for part in range(37)]
    steps = [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(ways)]
    pose = here(driven(steps))
    assert math.hypot(pose.x, pose.y) < 0.01


@given(STEPS)
def test_the_way_back_leads_back(steps: list[tuple[int, int]]) -> None:
    pose = here(driven([*steps, *((-left, -right) for left, right in reversed(steps))]))
    assert math.hypot(pose.x, pose.y) < 1e-6
    assert abs(math.remainder(pose.theta, math.tau)) < 1e-6


@given(st.tuples(st.integers(1, 30), st.integers(1, 30)), st.integers(1, 5))
def test_a_state_that_was_lost_is_no_error_on_an_arc(step: tuple[int, int], every: int) -> None:
    whole, some = here(driven([step] * 20)), here(driven([step] * 20, every))
    assert math.hypot(whole.x - some.x, whole.y - some.y) < 1e-6


@given(STEPS)
def test_it_is_never_surer_than_before_until_it_is_placed_again(steps: list[tuple[int, int]]) -> None:
    odometry, left, right = placed(), 0, 0
    before, score = odometry.deviation_m, odometry.score
    for more_left, more_right in steps:
        left, right = left + more_left, right + more_right
        odometry.rolled(7, left, right)
        assert (odometry.deviation_m, odometry.score) >= (before, 0.0)
        assert odometry.score <= score
        before, score = odometry.deviation_m, odometry.score
    odometry.place(Pose(1.0, 2.0, 3.0, "ward"))
    assert odometry.deviation_m <= before
    assert here(odometry) == Pose(1.0, 2.0, 3.0, "ward")


def test_a_new_boot_forgets_where_it_is() -> None:
    odometry = placed()
    odometry.rolled(8, 0, 0)
    assert odometry.pose is None
