"""What is near a point on a floor is what a look at every part of the map says."""

from functools import cache
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.robots.geometry import to_segment
from controller.robots.ground import Ground
from hil.sims.robots.maps import Size, random_map


@cache
def ground() -> Ground:
    return Ground(random_map(Random(7), Size()))


@settings(max_examples=60, deadline=None)
@given(
    floor=st.sampled_from(["F0", "F1", "nowhere"]),
    x=st.floats(-10, 40),
    y=st.floats(-10, 30),
    within=st.sampled_from([0.1, 0.3, 2.5, 6.0]),
)
def test_the_grid_finds_what_a_look_at_every_part_finds(
    floor: str, x: float, y: float, within: float
) -> None:
    parts = ((to_segment((x, y), shape), part) for part, shape in ground().floors.get(floor, ()))
    every = sorted((round(away, 3), part) for away, part in parts if away <= within)
    assert ground().near(floor, (x, y), within) == every
