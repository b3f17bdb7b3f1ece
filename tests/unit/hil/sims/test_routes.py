"""The recorded routes: they close, no vehicle could not drive them, and the map is of the same city."""

import json
from importlib import resources
from itertools import pairwise

import pytest

from controller.arrivals.globe import Point, distance_m
from hil.sims import routes as folder
from hil.sims.routes import CITY_MAP, HOSPITAL, routes

EVERY = pytest.mark.parametrize("name", ["bridge", "city"])


@EVERY
def test_a_route_is_driven_without_jumps_at_speeds_of_a_town_and_begins_again(name: str) -> None:
    route = routes()[name]
    spots = [route.at(float(second)) for second in range(2 * int(route.lasts_s) + 1)]
    for one, after in pairwise(spots):
        metres = distance_m(Point(*one[:2]), Point(*after[:2]))
        assert metres <= max(one.kmh, after.kmh) / 3.6 * 1.05 + 0.5
        assert abs(after.kmh - one.kmh) / 3.6 < 2.5  # m/s: nobody lies on a stretcher beyond that
    assert max(spot.kmh for spot in spots) <= 70


def test_after_eight_minutes_and_one_tunnel_it_stands_at_the_hospital() -> None:
    route = routes()["city"]
    spots = [route.at(float(second)) for second in range(int(route.lasts_s))]
    arrives = next(n for n, spot in enumerate(spots) if distance_m(Point(*spot[:2]), Point(*HOSPITAL)) < 5)
    assert 450 < arrives < 540
    assert spots[arrives + 20].kmh == 0
    assert sum(spot.covered for spot in spots[:240]) == pytest.approx(36, abs=2)


def test_the_map_has_the_street_under_every_open_spot_of_the_route_and_lights_on_it() -> None:
    text = resources.files(folder).joinpath(CITY_MAP).read_text("utf-8")
    features = json.loads(text)["features"]
    drawn = [one["geometry"]["coordinates"] for one in features if one["geometry"]["type"] == "LineString"]
    lights = [one["geometry"]["coordinates"] for one in features if one["geometry"]["type"] == "Point"]
    corners = [Point(y, x) for x, y in lights]
    spots = [Point(*routes()["city"].at(float(second))[:2]) for second in range(480)]
    assert sum(min(distance_m(corner, spot) for spot in spots) < 20 for corner in corners) >= 6
    for spot in spots:
        assert min(_off(spot, one, after) for line in drawn for one, after in pairwise(line)) < 5


def _off(spot: Point, one: list[float], after: list[float]) -> float:
    """Metres by which the way over `spot` is longer than from `one` to `after`."""
    ends = [Point(end[1], end[0]) for end in (one, after)]
    return sum(distance_m(spot, end) for end in ends) - distance_m(*ends)
