"""Distances and places on a sphere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.arrivals.globe import RADIUS_M, Point, course_to, distance_m, moved

points = st.builds(Point, st.floats(-85, 85), st.floats(-179.9, 179.9))


def test_a_degree_of_a_meridian_and_of_the_equator_is_a_360th_of_the_circumference() -> None:
    degree = 2 * 3.141592653589793 * RADIUS_M / 360
    assert distance_m(Point(10, 20), Point(11, 20)) == pytest.approx(degree)
    assert distance_m(Point(0, 179.5), Point(0, -179.5)) == pytest.approx(degree)


def test_paris_to_london_is_as_long_as_everyone_says() -> None:
    assert distance_m(Point(48.8566, 2.3522), Point(51.5074, -0.1278)) == pytest.approx(343_500, rel=0.003)


@given(points, st.floats(0, 360), st.floats(0, 200_000))
def test_whoever_moves_so_far_is_so_far_away(start: Point, course: float, metres: float) -> None:
    assert distance_m(start, moved(start, course, metres)) == pytest.approx(metres, abs=0.01, rel=1e-6)


@given(points, points)
def test_the_way_back_is_as_long(one: Point, other: Point) -> None:
    assert distance_m(one, other) == distance_m(other, one)


@given(course=st.floats(0, 359.9), metres=st.floats(10, 20_000))
def test_the_course_to_where_one_has_moved_is_the_one_that_was_taken(course: float, metres: float) -> None:
    start = Point(52.5, 13.4)
    found = course_to(start, moved(start, course, metres))
    assert abs((found - course + 180) % 360 - 180) < 0.01
