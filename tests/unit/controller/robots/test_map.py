"""A map is used only if everything about it is right; each problem says what to do."""

import json
import random
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import BadMap
from controller.robots.checks import problems
from controller.robots.geometry import between, close_pairs
from controller.robots.ground import Ground
from controller.robots.map import demo, load, parse
from controller.robots.places import HospitalMap, is_resting_time
from hil.sims.robots.maps import Size, random_map


def small() -> dict[str, list[dict[str, object]]]:
    """Two stations and a charger round one crossing."""
    places = [("W", 0, 0, "way"), ("A", 3, 0, "station"), ("B", 0, 3, "station"), ("C", -3, 0, "charger")]
    return {
        "nodes": [{"id": n, "x": x, "y": y, "map": "F", "kind": k} for n, x, y, k in places],
        "edges": [{"id": f"W-{n}", "from": "W", "to": n} for n in "ABC"],
    }


def refused(raw: object) -> str:
    with pytest.raises(BadMap) as caught:
        parse(json.dumps(raw), "map.json")
    return str(caught.value)


def test_the_demo_hospital_is_right() -> None:
    assert problems(demo()) == []


def test_a_map_is_the_same_in_toml_and_in_json_and_in_any_order(tmp_path: Path) -> None:
    raw = demo().model_dump(mode="json", by_alias=True)
    raw["nodes"].reverse()
    path = tmp_path / "map.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    assert load(path).revision == demo().revision


def test_another_speed_is_another_revision() -> None:
    raw = small()
    before = parse(json.dumps(raw), "map.json").revision
    raw["edges"][0]["speed"] = 0.7
    assert parse(json.dumps(raw), "map.json").revision != before


def test_a_file_that_is_not_there_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(BadMap, match="cannot be read"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize("text", ["", "{", "nodes = 1", "[" * 5000, "\x00", 'nodes = [{id = "A"}]'])
def test_what_is_no_map_is_refused(text: str) -> None:
    for name in ("map.toml", "map.json"):
        with pytest.raises(BadMap):
            parse(text, name)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda m: m["edges"].append({"id": "E", "from": "W", "to": "X"}), "there is no node X"),
        (lambda m: m["edges"].append({"id": "E", "from": "W", "to": "W"}), "to itself"),
        (lambda m: m["edges"].append({"id": "W-A", "from": "W", "to": "B"}), "2 have this id"),
        (lambda m: m["edges"][0].update(length=0), "length"),
        (lambda m: m["edges"][0].update(length=1.0), "3.00 m apart"),
        (lambda m: m["edges"][0].update(kind="door"), "belong together"),
        (lambda m: m["edges"][0].update(kind="lift", length=3), "one lift"),
        (lambda m: m["edges"][0].update(rest="25:00-06:00"), "pattern"),
        (lambda m: m["nodes"][1].update(x=float("1e9")), "less than"),
        (lambda m: m["nodes"][1].update(x=0.0), "on one spot"),
        (lambda m: m["nodes"][1].update(x=0.5), "in the way of W"),
        (lambda m: m["nodes"][3].update(kind="park"), "at least 1 of kind charger"),
        (lambda m: m["edges"].pop(), "charger C: cannot be reached"),
        (lambda m: m["edges"][1].update(both=False), "no way leads from there"),
        (lambda m: m["nodes"][1].update(colour="red"), "colour"),
    ],
)
def test_each_problem_is_named_with_its_place(change: object, told: str) -> None:
    raw = small()
    change(raw)  # type: ignore[operator]
    assert told in refused(raw)


def test_a_station_behind_another_station_cannot_be_reached() -> None:
    raw = small()
    raw["nodes"].append({"id": "D", "x": 6, "y": 0, "map": "F", "kind": "station"})
    raw["edges"].append({"id": "A-D", "from": "A", "to": "D"})
    assert "station D: cannot be reached" in refused(raw)


def test_an_edge_between_floors_has_to_be_a_lift() -> None:
    raw = small()
    raw["nodes"].append({"id": "U", "x": 0, "y": 0, "map": "G"})
    raw["edges"].append({"id": "E", "from": "W", "to": "U"})
    assert 'only kind = "lift"' in refused(raw)


def test_rest_goes_past_midnight() -> None:
    night = (21 * 3_600_000, 6 * 3_600_000)
    assert [is_resting_time(night, h * 3_600_000) for h in (20, 21, 23, 24, 5, 6)] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_a_made_up_map_is_right_and_its_conflicts_are_those_of_every_pair(seed: int) -> None:
    hospital = random_map(random.Random(seed), Size(4, 3, 2, 4, 3, 2, crossings=0.5))
    ground = Ground(hospital)
    graph = nx.DiGraph((arc.start, arc.end) for arcs in ground.out for arc in arcs)
    assert nx.is_strongly_connected(graph)
    for shapes in ground.floors.values():
        for i, (a, s) in enumerate(shapes):
            for b, t in shapes[i + 1 :]:
                ends = [set(ground.ends(p)) if p >= ground.nodes else {p} for p in (a, b)]
                near = between(s, t) < 2 * hospital.radius_m and not ends[0] & ends[1]
                single = bool(hospital.nodes[a].lift) if a < ground.nodes and b < ground.nodes else False
                assert bool(ground.conflicts[a] >> b & 1) == (near or (single and near))


def test_of_one_lift_and_one_door_everything_conflicts() -> None:
    ground = Ground(demo())
    parts = [ground.node["lift-ground"], ground.node["lift-upper"], ground.edge["lift-A"]]
    assert all(ground.conflicts[a] >> b & 1 for a in parts for b in parts)


Coordinate = st.floats(-20, 20, allow_nan=False)
Segments = st.lists(
    st.tuples(st.tuples(Coordinate, Coordinate), st.tuples(Coordinate, Coordinate)), max_size=12
)


@given(Segments, st.floats(0.1, 5))
@settings(max_examples=60, deadline=None)
def test_the_grid_finds_every_near_pair(shapes: list[object], limit: float) -> None:
    every = {
        (i, j)
        for i in range(len(shapes))
        for j in range(i + 1, len(shapes))
        if between(shapes[i], shapes[j]) < limit - 1e-9  # type: ignore[arg-type]
    }
    assert set(close_pairs(shapes, limit)) == every  # type: ignore[arg-type]


def test_crossing_edges_conflict() -> None:
    raw = small()
    cross = [("P", 10, 0), ("Q", 14, 4), ("R", 14, 0), ("S", 10, 4)]
    raw["nodes"] += [{"id": n, "x": x, "y": y, "map": "F"} for n, x, y in cross]
    raw["edges"] += [{"id": "PQ", "from": "P", "to": "Q"}, {"id": "RS", "from": "R", "to": "S"}]
    ground = Ground(HospitalMap.model_validate(raw))
    assert ground.conflicts[ground.edge["PQ"]] >> ground.edge["RS"] & 1
