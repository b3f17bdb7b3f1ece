"""Routes that simulated vehicles drive, over and over: where they are, how fast, and what covers the sky.

    routes()["city"].at(110.0)      # 110 s after the start: in the tunnel

`city.csv`: eight minutes from an emergency through a tunnel to the hospital, and back to the start another
way. `bridge.csv`: to and fro under a railway bridge. `city.geojson`: the city's streets and traffic lights,
for `[arrivals] map`. The city is invented, and lies where in truth there is the North Sea, so that nobody
takes it for another. A row is a point, the speed there, how long it waits there, and the sky until the next.
"""

import csv
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import NamedTuple

CITY_MAP = "city.geojson"
"""A file beside this module."""
HOSPITAL = 54.516188, 4.046469
"""Where `city.csv` leads to: degrees north and east."""
_M_A_DEGREE = 111_195


class Spot(NamedTuple):
    """Where a vehicle is: degrees, km/h, degrees clockwise from north, and whether the sky is covered."""

    latitude: float
    longitude: float
    kmh: float
    course: float
    covered: bool


@dataclass(frozen=True, slots=True)
class _Point:
    latitude: float
    longitude: float
    kmh: float
    wait_s: float
    covered: bool


class Route:
    """A route whose last point is its first. Between two points the speed changes steadily."""

    def __init__(self, points: Sequence[_Point]) -> None:
        self._points = points
        self._begins = [0.0]
        for one, after in pairwise(points):
            drive_s = 2 * math.hypot(*_way(one, after)) * 3.6 / (one.kmh + after.kmh)
            self._begins.append(self._begins[-1] + one.wait_s + drive_s)

    @property
    def lasts_s(self) -> float:
        """One turn."""
        return self._begins[-1]

    def at(self, time_s: float) -> Spot:
        """`time_s` after the start, in whichever turn."""
        within_s = time_s % self.lasts_s
        index = bisect_right(self._begins, within_s) - 1
        one, after = self._points[index : index + 2]
        whole_s = self._begins[index + 1] - self._begins[index] - one.wait_s
        driven_s = max(within_s - self._begins[index] - one.wait_s, 0.0)
        kmh = one.kmh + (after.kmh - one.kmh) * driven_s / whole_s
        part = driven_s * (one.kmh + kmh) / (whole_s * (one.kmh + after.kmh))
        north, east = _way(one, after)
        return Spot(
            one.latitude + (after.latitude - one.latitude) * part,
            one.longitude + (after.longitude - one.longitude) * part,
            kmh,
            math.degrees(math.atan2(east, north)) % 360,
            one.covered,
        )


def _way(one: _Point, other: _Point) -> tuple[float, float]:
    """Metres to the north and to the east, on a small plane."""
    shrunk = math.cos(math.radians(one.latitude))
    north, east = other.latitude - one.latitude, other.longitude - one.longitude
    return north * _M_A_DEGREE, east * shrunk * _M_A_DEGREE


@cache
def routes() -> Mapping[str, Route]:
    """Every route in this folder, by name."""
    files = [one for one in resources.files(__name__).iterdir() if one.name.endswith(".csv")]
    return {one.name.removesuffix(".csv"): Route(_points(one.read_text("utf-8"))) for one in files}


def _points(text: str) -> list[_Point]:
    return [
        _Point(
            float(row["latitude"]),
            float(row["longitude"]),
            float(row["kmh"]),
            float(row["wait_s"]),
            row["sky"] == "covered",
        )
        for row in csv.DictReader(text.splitlines())
    ]
