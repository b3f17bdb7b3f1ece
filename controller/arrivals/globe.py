"""Distances and places on a sphere: as exact as an estimate of a road needs (the ellipsoid differs by 0.5 %).

Angles are degrees (WGS 84, north and east positive), distances metres.
"""

from math import asin, atan2, cos, degrees, pi, radians, sin, sqrt
from typing import NamedTuple

RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG: R1 of GRS 80; Moritz, Geodetic Reference System 1980)."""


class Point(NamedTuple):
    """A place on the earth."""

    latitude: float
    longitude: float


def distance_m(one: Point, other: Point) -> float:
    """Along the great circle, by the haversine formula, which is exact for short ways too."""
    north, other_north = radians(one.latitude), radians(other.latitude)
    half = sin((other_north - north) / 2) ** 2
    half += cos(north) * cos(other_north) * sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * RADIUS_M * asin(min(1.0, sqrt(half)))


def moved(start: Point, course: float, metres: float) -> Point:
    """Where one is after `metres` along the great circle that begins at `course` (clockwise from north)."""
    angle, bearing, north = metres / RADIUS_M, radians(course), radians(start.latitude)
    height = sin(north) * cos(angle) + cos(north) * sin(angle) * cos(bearing)
    end_north = asin(max(-1.0, min(1.0, height)))
    east = atan2(sin(bearing) * sin(angle) * cos(north), cos(angle) - sin(north) * sin(end_north))
    longitude = (radians(start.longitude) + east + pi) % (2 * pi) - pi
    return Point(degrees(end_north), degrees(longitude))


def course_to(start: Point, end: Point) -> float:
    """The course at `start` of the great circle to `end`, in degrees from north; of one place: 0."""
    north, end_north = radians(start.latitude), radians(end.latitude)
    east = radians(end.longitude - start.longitude)
    ahead = cos(north) * sin(end_north) - sin(north) * cos(end_north) * cos(east)
    return degrees(atan2(sin(east) * cos(end_north), ahead)) % 360
