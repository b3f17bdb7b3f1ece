"""Who may be where: claims never conflict, and there is always an order in which all arrive."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.robots.ground import Ground
from controller.robots.map import demo, parse
from controller.robots.routes import Routes, Trip
from controller.robots.traffic import Traffic
from hil.sims.robots.maps import Size, random_map


def corridor() -> Ground:
    """A one-lane corridor W0 … W4 with two places at each of its ends, and a charger in the middle."""
    nodes = [{"id": f"W{i}", "x": 5.0 * i, "y": 0, "map": "F"} for i in range(5)]
    edges = [{"id": f"E{i}", "from": f"W{i}", "to": f"W{i + 1}"} for i in range(4)]
    for name, way, y, kind in (
        ("A", 0, 3, "station"),
        ("PA", 0, -3, "park"),
        ("B", 4, 3, "station"),
        ("PB", 4, -3, "park"),
        ("C", 2, 3, "charger"),
    ):
        nodes.append({"id": name, "x": 5.0 * way, "y": y, "map": "F", "kind": kind})
        edges.append({"id": f"S{name}", "from": f"W{way}", "to": name})
    return Ground(parse(json.dumps({"nodes": nodes, "edges": edges}), "map.json"))


class Driven:
    """Traffic with robots that drive at once to wherever they may."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.traffic, self.routes = ground, Traffic(ground), Routes(ground)

    def place(self, robot: str, node: str) -> None:
        self.traffic.place(robot, self.ground.node[node])

    def admit(self, robot: str, goal: str) -> bool:
        path = self.routes.path(Trip(self.traffic.claims[robot].end, self.ground.node[goal]))
        return path is not None and self.traffic.admit(robot, path)

    def drive(self, robot: str) -> bool:
        """One piece on."""
        claim = self.traffic.claims[robot]
        if not self.traffic.extend(robot):
            return False
        self.traffic.passed(robot, claim.given)
        return True

    def at(self, robot: str) -> str:
        claim = self.traffic.claims[robot]
        return self.ground.ids[claim.path[claim.at].node]


@pytest.fixture
def driven() -> Driven:
    return Driven(corridor())


def test_two_that_would_meet_in_a_corridor_pass_it_one_after_the_other(driven: Driven) -> None:
    driven.place("R1", "A")
    driven.place("R2", "B")
    assert driven.admit("R1", "PB")
    assert driven.admit("R2", "PA")
    assert driven.drive("R1")
    assert not driven.drive("R2")  # at W4 it would be where R1 has to go
    while driven.drive("R1"):
        pass
    assert driven.at("R1") == "PB"
    while driven.drive("R2"):
        pass
    assert driven.at("R2") == "PA"


def test_places_are_not_swapped_face_to_face(driven: Driven) -> None:
    driven.place("R1", "A")
    driven.place("R2", "B")
    assert not driven.admit("R1", "B")
    assert driven.admit("R2", "PB")
    while driven.drive("R2"):
        pass
    assert driven.admit("R1", "B")


def test_a_way_into_a_standing_robot_is_not_admitted(driven: Driven) -> None:
    driven.place("R1", "A")
    driven.place("R2", "W2")  # it has no way: an obstacle
    assert not driven.admit("R1", "B")
    driven.traffic.remove("R2")
    assert driven.admit("R1", "B")


def test_who_is_hit_by_a_new_obstacle_is_found(driven: Driven) -> None:
    driven.place("R1", "A")
    assert driven.admit("R1", "B")
    driven.place("R2", "W3")
    assert list(driven.traffic.hindered()) == ["R1"]


def test_who_was_let_on_to_where_a_robot_appears_is_found(driven: Driven) -> None:
    driven.place("R1", "A")
    driven.admit("R1", "B")
    driven.traffic.extend("R1")
    driven.place("R2", "W0")
    assert driven.traffic.run_into("R2") == ["R1"]


def test_what_was_given_is_kept_until_it_is_passed(driven: Driven) -> None:
    driven.place("R1", "A")
    driven.admit("R1", "B")
    driven.traffic.extend("R1")
    driven.traffic.stop("R1")
    held = driven.traffic.claims["R1"].held
    assert held >> driven.ground.node["A"] & 1 and held >> driven.ground.node["W0"] & 1
    driven.traffic.passed("R1", 1)
    assert driven.traffic.claims["R1"].held == 1 << driven.ground.node["W0"]


def test_nobody_waits_in_a_lift() -> None:
    driven = Driven(Ground(demo()))
    driven.place("R1", "park-1")
    driven.place("R2", "U0")
    assert not driven.admit("R1", "ward-a")
    driven.traffic.remove("R2")
    assert driven.admit("R1", "ward-a")
    while driven.at("R1") != "G0":
        assert driven.drive("R1")
    driven.traffic.extend("R1")
    assert driven.ground.ids[driven.traffic.claims["R1"].end] == "U0"


def test_a_new_order_begins_at_nought_and_an_update_goes_on(driven: Driven) -> None:
    driven.place("R1", "A")
    driven.admit("R1", "B")
    driven.drive("R1")
    driven.drive("R1")
    claim = driven.traffic.claims["R1"]
    assert [step.sequence for step in claim.path][:3] == [0, 2, 4]
    assert driven.admit("R1", "PA")
    assert (claim.order, claim.path[0].sequence) == (1, 4)


@given(st.integers(0, 10_000), st.data())
@settings(max_examples=25, deadline=None)
def test_whatever_is_admitted_and_given_nothing_conflicts_and_all_arrive(
    seed: int, data: st.DataObject
) -> None:
    size = Size(3, 3, 2, 4, 4, 2, loops=0.2, crossings=0.3)
    driven = Driven(Ground(random_map(random.Random(seed), size)))
    ground, traffic = driven.ground, driven.traffic
    places = [ground.ids[n] for n in range(ground.nodes) if ground.rests[n]]
    robots = [f"R{i}" for i in range(5)]
    for robot, place in zip(robots, data.draw(st.permutations(places)), strict=False):
        driven.place(robot, place)
    for robot, goal, steps in data.draw(
        st.lists(st.tuples(st.sampled_from(robots), st.sampled_from(places), st.integers(0, 4)), max_size=40)
    ):
        driven.admit(robot, goal)
        for _ in range(steps):
            driven.drive(robot)
        for a in robots:
            for b in robots:
                assert a == b or not ground.spread(traffic.claims[a].held) & traffic.claims[b].held
        assert traffic.unsafe() == []
    moved = True
    while moved:
        moved = sum(driven.drive(robot) for robot in robots) > 0
    assert not any(claim.under_way for claim in traffic.claims.values())
