"""Where a vehicle is: honest about age, error and guesswork, and moved by nothing that cannot be."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.arrivals.globe import Point, distance_m, moved
from controller.arrivals.position import (
    AGREEING,
    DRIVING_OFF_MPS,
    FRESH_S,
    FUTURE_US,
    RECKONED_S,
    Fix,
    Position,
    State,
    position,
    track,
)
from tests.support.fixes import ride

NOW = 2_000_000_000_000_000
US = 1_000_000
START = Point(22.28, 114.158)

points = st.builds(Point, st.floats(-70, 70), st.floats(-179, 179))
courses = st.floats(0, 360)
rides = st.builds(ride, points, courses, st.floats(0, 160), st.integers(2, 40).map(range), st.just(NOW))


def at(fixes: list[Fix], seconds: float) -> Position:
    """So long after the last fix."""
    now = fixes[-1].at_us + round(seconds * US)
    found = position(track(fixes, now), now)
    assert found
    return found


def test_of_a_vehicle_without_a_fix_nothing_is_said() -> None:
    assert position(track([], NOW), NOW) is None


@given(rides)
def test_a_fix_that_has_just_come_is_where_the_vehicle_is(fixes: list[Fix]) -> None:
    found = at(fixes, 0)
    assert (found.state, found.point, found.at_us) == (State.FIXED, fixes[-1].point, NOW)


@given(rides, st.randoms())
def test_the_order_in_which_fixes_come_changes_nothing(fixes: list[Fix], random: Random) -> None:
    shuffled = list(fixes)
    random.shuffle(shuffled)
    assert track(shuffled, NOW) == track(fixes, NOW) == fixes


@given(rides, st.data())
def test_an_older_fix_that_comes_late_does_not_move_it(fixes: list[Fix], data: st.DataObject) -> None:
    late = data.draw(st.integers(0, len(fixes) - 2))
    without = fixes[:late] + fixes[late + 1 :]
    assert position(track([*without, fixes[late]], NOW), NOW) == position(track(without, NOW), NOW)


@given(rides, courses, st.floats(20_000, 5_000_000), st.integers(1, AGREEING - 1))
def test_a_jump_faster_than_a_vehicle_can_go_does_not_move_it(
    fixes: list[Fix], course: float, metres: float, times: int
) -> None:
    there = moved(fixes[-1].point, course, metres)
    jumps = [
        replace(fixes[-1], at_us=NOW + n * US, latitude=there[0], longitude=there[1]) for n in range(times)
    ]
    now = NOW + times * US
    assert track([*fixes, *jumps], now) == fixes


@given(rides, courses)
def test_when_the_first_fixes_were_wrong_those_that_agree_win(fixes: list[Fix], course: float) -> None:
    wrong = Fix(fixes[0].at_us - US, *moved(fixes[0].point, course, 1_000_000))
    true = [*fixes, *ride(fixes[-1].point, 0, 0, range(1, AGREEING + 1), NOW + AGREEING * US)]
    assert track([wrong, *true], NOW + AGREEING * US) == true


@given(rides, st.integers(FUTURE_US + 1, 10**12))
def test_a_fix_from_the_future_is_not_used(fixes: list[Fix], ahead_us: int) -> None:
    assert track([*fixes, replace(fixes[-1], at_us=NOW + ahead_us)], NOW) == fixes


@given(rides, st.floats(FRESH_S + 0.1, RECKONED_S))
def test_without_fixes_it_is_reckoned_on_along_the_last_course_and_says_so(
    fixes: list[Fix], seconds: float
) -> None:
    found, last = at(fixes, seconds), fixes[-1]
    assert found.state is State.RECKONED
    assert found.at_us == last.at_us
    assert last.speed is not None
    gone = distance_m(last.point, found.point)
    assert gone == pytest.approx(last.speed / 3.6 * seconds, rel=1e-3, abs=0.1)


@given(rides, st.floats(RECKONED_S + 0.1, 1e6))
def test_after_that_it_is_only_where_it_was_last_seen(fixes: list[Fix], seconds: float) -> None:
    found = at(fixes, seconds)
    assert (found.state, found.point, found.radius_m) == (State.LOST, fixes[-1].point, None)
    assert (found.speed, found.course) == (None, None)


@given(rides, st.lists(st.floats(0, RECKONED_S), min_size=2, max_size=5))
def test_between_fixes_the_error_only_grows(fixes: list[Fix], times: list[float]) -> None:
    radii = [at(fixes, seconds).radius_m or 0 for seconds in sorted(times)]
    assert radii == sorted(radii)


@given(rides, st.floats(0, RECKONED_S), st.floats(0, 1))
def test_a_vehicle_that_brakes_or_drives_off_along_its_course_is_inside_of_the_circle(
    fixes: list[Fix], seconds: float, share: float
) -> None:
    found, last = at(fixes, seconds), fixes[-1]
    assert last.course is not None
    fastest = max(last.mps or 0, DRIVING_OFF_MPS)
    truth = moved(last.point, last.course, share * fastest * seconds)
    assert distance_m(found.point, truth) <= (found.radius_m or 0)


@given(st.floats(0.5, 20), st.floats(0.5, 20))
def test_the_error_follows_the_geometry_of_the_satellites(one: float, other: float) -> None:
    better, worse = sorted((one, other))
    fixes = [Fix(NOW, *START, hdop=better), Fix(NOW, *START, hdop=worse)]
    assert fixes[0].radius_m <= fixes[1].radius_m


def test_the_error_of_a_receiver_that_warns_or_does_not_tell_its_geometry_is_larger() -> None:
    good = Fix(NOW, *START, hdop=1.0)
    assert good.radius_m == pytest.approx(10)
    assert replace(good, questionable=True).radius_m == pytest.approx(20)
    assert replace(good, hdop=None).radius_m == pytest.approx(50)


def test_at_rest_without_a_course_it_stays_and_the_circle_grows_as_if_it_drove_off() -> None:
    fix = Fix(NOW, *START, speed=0.0, course=None, hdop=1.0)
    found = at([fix], 60)
    assert (found.state, found.point) == (State.RECKONED, START)
    assert found.radius_m == pytest.approx(10 + 60 * DRIVING_OFF_MPS)


def test_a_speed_that_no_vehicle_has_is_not_used_for_reckoning() -> None:
    fix = Fix(NOW, *START, speed=2_000.0, course=90.0, hdop=1.0)
    found = at([fix], 60)
    assert (found.point, found.speed) == (START, None)
