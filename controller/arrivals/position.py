"""Where a vehicle is, from its satellite fixes, and how far that may be believed.

    believed = track(fixes, now_us)          # in order, without what cannot be
    where = position(believed, now_us)       # fixed, reckoned (marked, for a while) or lost; None: never seen

Nothing here keeps anything or reads a clock: the same fixes give the same answer in whatever order.

A radius is one that the vehicle is inside of about 95 % of the time: twice the distance root mean square
(2 drms, 95.5 to 98.2 %), which is HDOP times the error of one range (National Research Council, The Global
Positioning System: A Shared National Asset, 1995, appendix). That error is assumed (RANGE_M); reflections
between high houses can be larger, and no receiver tells them.

Without fixes (a tunnel) it is reckoned on, straight along the last course with the last speed. The radius
then grows by as much as the vehicle can have gone wrong by braking at once, or by driving off from rest in a
town. It does not cover a vehicle that turns back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from controller.arrivals.globe import Point, distance_m, moved

FRESH_S = 5.0
"""So long a fix is the present one: receivers give one a second."""
RECKONED_S = 120.0
"""So long it is reckoned on without one: two kilometres of tunnel at 60 km/h."""
FUTURE_US = 2_000_000
"""A fix from further in the future is not used: its time is wrong."""
FASTEST_MPS = 70.0
"""No vehicle on a road is faster (252 km/h)."""
DRIVING_OFF_MPS = 14.0
"""Speed that a vehicle may have reached of which the last that was known is less (50 km/h)."""
RANGE_M = 5.0
"""Assumed error of one range of a single-frequency receiver on a road, one sigma."""
UNKNOWN_HDOP = 5.0
"""For a receiver that does not tell its own."""
AGREEING = 5
"""So many fixes in a row that agree with each other, and not with those before, show those to be wrong."""
_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Fix:
    """What a receiver told of one moment. Speed in km/h, course in degrees from true north."""

    at_us: int
    latitude: float
    longitude: float
    speed: float | None = None
    course: float | None = None
    hdop: float | None = None
    questionable: bool = False
    """The receiver itself says to take care: the radius is twice as large."""

    @property
    def point(self) -> Point:
        """Where."""
        return Point(self.latitude, self.longitude)

    @property
    def mps(self) -> float | None:
        """Speed in m/s; None: not told, or more than a vehicle can."""
        known = self.speed is not None and 0 <= self.speed / 3.6 <= FASTEST_MPS
        return self.speed / 3.6 if self.speed is not None and known else None

    @property
    def radius_m(self) -> float:
        """At the moment of the fix."""
        radius = 2 * RANGE_M * (UNKNOWN_HDOP if self.hdop is None else max(self.hdop, 0.5))
        return 2 * radius if self.questionable else radius


class State(StrEnum):
    """What a position is."""

    FIXED = "fixed"
    """A fix that has just come."""
    RECKONED = "reckoned"
    """Reckoned from the last fix."""
    LOST = "lost"
    """Only where it was last seen."""


@dataclass(frozen=True, slots=True)
class Position:
    """`at_us`: of the fix that it rests on. `radius_m` None: nothing can be said any more (LOST)."""

    state: State
    point: Point
    at_us: int
    radius_m: float | None
    speed: float | None
    course: float | None


def track(fixes: Iterable[Fix], now_us: int) -> list[Fix]:
    """Those fixes that can be, in the order of their times.

    A fix that is further from the one before than a vehicle can drive moves nothing, unless AGREEING in a row
    say the same: then it was the earlier ones that were wrong, and they are left out.
    """
    believed: list[Fix] = []
    doubted: list[Fix] = []
    for fix in sorted(fixes, key=lambda one: (one.at_us, one.point)):
        if fix.at_us > now_us + FUTURE_US:
            continue
        if not believed or _reaches(believed[-1], fix):
            believed.append(fix)
            doubted = []
            continue
        doubted = [*doubted, fix] if doubted and _reaches(doubted[-1], fix) else [fix]
        if len(doubted) == AGREEING:
            believed, doubted = doubted, []
    return believed


def _reaches(one: Fix, later: Fix) -> bool:
    """Whether a vehicle can have driven from `one` to `later`."""
    seconds = (later.at_us - one.at_us) / _US
    return distance_m(one.point, later.point) <= FASTEST_MPS * seconds + one.radius_m + later.radius_m


def position(believed: Sequence[Fix], now_us: int) -> Position | None:
    """Where the vehicle is now, from what `track` gave; None: there is no fix."""
    if not believed:
        return None
    last = believed[-1]
    age_s = max(now_us - last.at_us, 0) / _US
    if age_s > RECKONED_S:
        return Position(State.LOST, last.point, last.at_us, None, None, None)
    speed = last.mps or 0.0
    radius = last.radius_m + age_s * max(speed, DRIVING_OFF_MPS)
    told = (last.at_us, radius, last.speed if last.mps is not None else None, last.course)
    if age_s <= FRESH_S:
        return Position(State.FIXED, last.point, *told)
    # A receiver at rest tells no course: then it is where it was, as far as is known.
    point = last.point if last.course is None else moved(last.point, last.course, speed * age_s)
    return Position(State.RECKONED, point, *told)
