"""When a vehicle arrives: an interval, or the reason for having none."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.arrivals.eta import AVERAGED_S, HERE_M, Coming, Eta, eta, mean_mps
from controller.arrivals.globe import Point, moved
from controller.arrivals.position import RECKONED_S, Fix, position
from tests.support.fixes import ride

NOW = 2_000_000_000_000_000
US = 1_000_000
HOSPITAL = Point(22.28, 114.158)


def driven(metres: float, kmh: float, seconds: int = 200) -> list[Fix]:
    """A vehicle that is now `metres` north of the hospital and comes straight to it."""
    start = moved(HOSPITAL, 0, metres + kmh / 3.6 * (seconds - 1))
    return ride(start, 180, kmh, range(seconds), NOW)


def of(fixes: list[Fix], later_s: float = 0) -> Eta:
    now = NOW + round(later_s * US)
    return eta(position(fixes, now), fixes, HOSPITAL)


def test_five_kilometres_at_forty_are_eight_to_fourteen_minutes() -> None:
    found = of(driven(5_000, 40))
    assert found.state is Coming.COMING
    assert found.distance_m == pytest.approx(5_000, rel=1e-3)
    assert found.least_s and found.most_s
    assert (int(found.least_s / 60), -int(-found.most_s // 60)) == (8, 14)


@given(st.floats(500, 60_000), st.floats(10, 130), st.floats(1.2, 1.6))
def test_who_goes_on_like_the_last_minutes_by_a_usual_detour_arrives_inside_of_the_interval(
    metres: float, kmh: float, detour: float
) -> None:
    found = of(driven(metres, kmh))
    assert found.least_s is not None and found.most_s is not None
    assert found.least_s <= metres * detour / (kmh / 3.6) <= found.most_s


@given(st.floats(2_000, 60_000), st.floats(20, 130), st.floats(6, RECKONED_S))
def test_the_longer_it_is_reckoned_on_the_wider_is_the_interval(
    metres: float, kmh: float, seconds: float
) -> None:
    fixes = driven(metres + 6_000, kmh)
    fresh, old = of(fixes), of(fixes, seconds)
    assert fresh.least_s is not None and fresh.most_s is not None
    assert old.least_s is not None and old.most_s is not None
    assert old.most_s / max(old.least_s, 1) > fresh.most_s / max(fresh.least_s, 1)


def test_near_enough_is_here() -> None:
    assert of(driven(HERE_M - 5, 10)).state is Coming.HERE
    assert of(driven(HERE_M + 50, 10)).state is Coming.COMING


def test_what_is_reckoned_on_to_the_door_is_not_said_to_be_here() -> None:
    fixes = driven(500, 30)
    assert of(fixes, 55).state is Coming.COMING
    assert of(fixes, 55).least_s == 0


def test_of_one_that_stands_for_minutes_no_time_is_told() -> None:
    found = of(driven(5_000, 2))
    assert (found.state, found.least_s, found.most_s) == (Coming.STANDING, None, None)


def test_less_than_a_minute_is_no_average() -> None:
    assert of(driven(5_000, 40, seconds=40)).state is Coming.TOO_SHORT


def test_without_a_speed_there_is_no_time() -> None:
    assert of([replace(fix, speed=None) for fix in driven(5_000, 40)]).state is Coming.TOO_SHORT


def test_of_one_that_is_lost_or_was_never_seen_no_time_is_told() -> None:
    assert of([]) == Eta(Coming.NO_POSITION)
    assert of(driven(5_000, 40), RECKONED_S + 1) == Eta(Coming.NO_POSITION)


def test_a_stop_counts_and_what_was_long_ago_does_not() -> None:
    standing, driving = driven(5_000, 0, 100), driven(5_000, 60, 101)
    moved_back = [replace(fix, at_us=fix.at_us - 100 * US) for fix in standing]
    assert mean_mps([*moved_back, *driving]) == pytest.approx(30 / 3.6, rel=0.02)
    long_ago = [replace(fix, at_us=fix.at_us - round(AVERAGED_S * US) - US) for fix in standing]
    assert mean_mps([*long_ago, *driving]) == pytest.approx(60 / 3.6, rel=0.02)
