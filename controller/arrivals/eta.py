"""When a vehicle arrives: an interval, from the distance to go and the speed of the last minutes.

It can: tell 5 minutes from 20, follow the traffic that the vehicle is in, and say when it does not know.
It cannot: it knows no road, no traffic ahead, no bridge and no one-way street, and takes the vehicle to be on
its way here. The way by road is taken as DETOUR times the great circle. For ways to hospitals in the United
States the mean is 1.42 (Boscoe, Henry, Zdeb: A Nationwide Comparison of Driving Distance Versus Straight-Line
Distance to Hospitals. The Professional Geographer 64, 2012); near the end, and where water or hills lie
between, it can be far more. How often the true time lies in the interval has not been measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from controller.arrivals.globe import Point, distance_m
from controller.arrivals.position import Fix, Position, State

DETOUR = (1.2, 1.6)
"""Way by road over great circle: around the mean of 1.42."""
FASTER, SLOWER = 1.1, 0.9
"""How the rest of the way may differ from the last minutes."""
AVERAGED_S = 300.0
"""The speed is the mean of so long, with its stops."""
LEAST_S = 60.0
"""So long there must be fixes: one traffic light is no average."""
LONGEST_GAP_S = 15.0
"""So long a fix stands for what came after it."""
STANDING_MPS = 5 / 3.6
"""Slower on average is standing: then nothing can be said of when it arrives."""
HERE_M = 150.0
"""This near is here."""
_US = 1_000_000


class Coming(StrEnum):
    """What can be said."""

    COMING = "coming"
    HERE = "here"
    STANDING = "standing"
    """It has hardly moved for minutes."""
    TOO_SHORT = "too-short"
    """Of less than a minute, or without a speed, fixes are no average."""
    NO_POSITION = "no-position"
    """It is not known where it is."""


@dataclass(frozen=True, slots=True)
class Eta:
    """`least_s`, `most_s`: seconds from now, if COMING. `distance_m`: by the great circle."""

    state: Coming
    distance_m: float | None = None
    least_s: float | None = None
    most_s: float | None = None


def eta(where: Position | None, believed: Sequence[Fix], to: Point) -> Eta:
    """When the vehicle, which is at `where` and has driven `believed`, is at `to`.

    The error of the position is added to the distance on both sides.
    """
    if where is None or where.state is State.LOST or where.radius_m is None:
        return Eta(Coming.NO_POSITION)
    distance = distance_m(where.point, to)
    if where.state is State.FIXED and distance <= HERE_M:
        return Eta(Coming.HERE, distance)
    mps = mean_mps(believed)
    if mps is None:
        return Eta(Coming.TOO_SHORT, distance)
    if mps < STANDING_MPS:
        return Eta(Coming.STANDING, distance)
    least = max(distance - where.radius_m, 0) * DETOUR[0] / (mps * FASTER)
    most = (distance + where.radius_m) * DETOUR[1] / (mps * SLOWER)
    return Eta(Coming.COMING, distance, least, most)


def mean_mps(believed: Sequence[Fix]) -> float | None:
    """Mean speed of the last AVERAGED_S before the last fix, by time; None: less than LEAST_S is known."""
    if not believed:
        return None
    since = believed[-1].at_us - int(AVERAGED_S * _US)
    way = seconds = 0.0
    for fix, after in pairwise(believed):
        if fix.at_us >= since and fix.mps is not None:
            lasted = min((after.at_us - fix.at_us) / _US, LONGEST_GAP_S)
            way, seconds = way + fix.mps * lasted, seconds + lasted
    return way / seconds if seconds >= LEAST_S else None
