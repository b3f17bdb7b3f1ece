"""The quickest way, against networkx."""

import math
import random

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.robots.ground import Ground, mask_of
from controller.robots.map import demo
from controller.robots.places import Kind, Width
from controller.robots.routes import Routes, Trip
from hil.sims.robots.maps import Size, random_map

NIGHT, NOON = 23 * 3_600_000, 12 * 3_600_000


def oracle(ground: Ground, start: int, goal: int, closed: set[int], avoided: int) -> float:
    graph = nx.DiGraph()
    graph.add_nodes_from((start, goal))
    for arc in (arc for arcs in ground.out for arc in arcs):
        through = {arc.start, arc.end} - {start, goal}
        shut = any(ground.rests[node] for node in through) or arc.edge in closed
        taken = [p for p in (arc.edge, arc.end) if ground.conflicts[p] & avoided]
        if not shut and not taken:
            graph.add_edge(arc.start, arc.end, ms=arc.ms)
    try:
        return nx.dijkstra_path_length(graph, start, goal, "ms")
    except nx.NetworkXNoPath:
        return math.inf


@given(st.integers(0, 10_000), st.data())
@settings(max_examples=40, deadline=None)
def test_a_way_is_as_quick_as_networkx_finds_it(seed: int, data: st.DataObject) -> None:
    ground = Ground(random_map(random.Random(seed), Size(4, 3, 2, 4, 3, 2, crossings=0.3)))
    edges = st.integers(ground.nodes, len(ground.ids) - 1)
    closed = data.draw(st.sets(edges, max_size=4))
    avoided = mask_of(data.draw(st.sets(st.integers(0, len(ground.ids) - 1), max_size=3)))
    start, goal = data.draw(st.lists(st.integers(0, ground.nodes - 1), min_size=2, max_size=2, unique=True))
    routes = Routes(ground)
    routes.close(mask_of(closed))
    found = routes.path(Trip(start, goal), avoided)
    best = oracle(ground, start, goal, closed, avoided)
    assert (math.inf if found is None else sum(arc.ms for arc in found)) == best or math.isclose(
        sum(arc.ms for arc in found or []), best
    )
    if found:
        assert [arc.start for arc in found] == [start, *(arc.end for arc in found[:-1])]
    assert math.isclose(routes.field(goal, Width.NARROW)[start], oracle(ground, start, goal, closed, 0))


def test_nobody_drives_past_a_sleeping_ward() -> None:
    ground = Ground(demo())
    routes = Routes(ground)
    start, goal = ground.node["U5"], ground.node["U5b"]
    rest = ground.edge["U5-U5b"]
    day = routes.path(Trip(start, goal, Width.NARROW, NOON))
    night = routes.path(Trip(start, goal, Width.NARROW, NIGHT))
    assert day and [arc.edge for arc in day] == [rest]
    assert night and rest not in [arc.edge for arc in night]


def test_a_way_that_would_last_into_the_rest_goes_round() -> None:
    ground = Ground(demo())
    trip = Trip(ground.node["U4"], ground.node["U5b"], Width.NARROW, 21 * 3_600_000 - 11_000)
    path = Routes(ground).path(trip)
    assert path and ground.edge["U5-U5b"] not in [arc.edge for arc in path]


def test_a_wide_robot_stays_out_of_narrow_ways() -> None:
    ground = Ground(demo())
    assert Routes(ground).path(Trip(ground.node["G0"], ground.node["G6"], Width.WIDE)) is None


def test_the_nearest_place_of_a_kind_is_the_least_of_all() -> None:
    ground = Ground(demo())
    routes = Routes(ground)
    nearest = routes.nearest(Kind.CHARGER, Width.NARROW)
    fields = [routes.field(ground.node[f"charger-{n}"], Width.NARROW) for n in (1, 2)]
    assert nearest == [min(pair) for pair in zip(*fields, strict=True)]


def test_what_is_opened_again_is_driven_on_again() -> None:
    ground = Ground(demo())
    routes = Routes(ground)
    trip = Trip(ground.node["G0"], ground.node["G1"])
    routes.close(mask_of([ground.edge["G0-G1"]]))
    round_about = routes.path(trip)
    routes.close(0)
    assert round_about and len(round_about) > 1
    assert len(routes.path(trip) or []) == 1
