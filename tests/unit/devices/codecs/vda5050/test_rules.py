"""What an order must be beyond its types, and what a vehicle cannot do: each as an error of the standard."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs.vda5050.action import Action, parameters_of
from devices.codecs.vda5050.factsheet import (
    AgvAction,
    Factsheet,
    ParameterDefinition,
    ProtocolFeatures,
    ProtocolLimits,
)
from devices.codecs.vda5050.order import ControlPoint, Order, Trajectory
from devices.codecs.vda5050.problems import ErrorType, Problem
from devices.codecs.vda5050.rules import beyond, faults_of
from devices.codecs.vda5050.version import V2_0, V2_1, V3_0
from devices.codecs.vda5050.words import ActionScope, BlockingType, ErrorLevel, ValueDataType
from tests.support.vda5050_messages import made, order

GOOD = order("abcd", released=2)


def changed(
    nodes: dict[int, dict[str, Any]] | None = None, edges: dict[int, dict[str, Any]] | None = None
) -> Order:
    def put(items: tuple[Any, ...], changes: dict[int, dict[str, Any]]) -> tuple[Any, ...]:
        return tuple(replace(one, **changes.get(place, {})) for place, one in enumerate(items))

    return replace(GOOD, nodes=put(GOOD.nodes, nodes or {}), edges=put(GOOD.edges, edges or {}))


@given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 5))
def test_an_order_whose_base_comes_first_is_good(count: int, released: int, first: int) -> None:
    assert faults_of(order("abcdefgh"[:count], min(released, count), first=2 * first)) == []


@given(st.integers(0, 2**32))
@settings(max_examples=50)
def test_any_order_is_judged(seed: int) -> None:
    drawn = made(Order, V3_0, seed)
    assert isinstance(faults_of(drawn), list)
    assert isinstance(beyond(drawn, made(Factsheet, V3_0, seed)), list)


@pytest.mark.parametrize(
    ("bad", "why", "about"),
    [
        (replace(GOOD, nodes=()), "at least one node", {}),
        (replace(GOOD, edges=GOOD.edges[:2]), "one edge less", {}),
        (changed(nodes={1: {"sequence_id": 3}}), "expected sequenceId 2, got 3", {"nodeId": "b"}),
        (changed(nodes={0: {"sequence_id": 1}}), "expected an even sequenceId", {"nodeId": "a"}),
        (changed(edges={1: {"sequence_id": 5}}), "expected sequenceId 3, got 5", {"edgeId": "bc"}),
        (changed(edges={2: {"end_node_id": "a"}}), "expected from c to d, got from c to a", {"edgeId": "cd"}),
        (changed(nodes={0: {"released": False}}), "first node that is released", {"nodeId": "a"}),
        (changed(nodes={3: {"released": True}}), "nothing released behind", {"nodeId": "d"}),
        (changed(edges={1: {"released": True}}), "a released node at the end", {"edgeId": "bc"}),
        (changed(edges={2: {"released": True}}), "nothing released behind", {"edgeId": "cd"}),
    ],
)
def test_a_graph_that_is_broken_is_told_with_its_place(bad: Order, why: str, about: dict[str, str]) -> None:
    told = [one for one in faults_of(bad) if why in one.why]
    assert told
    assert told[0].type is ErrorType.GRAPH
    assert {"orderId": "o-1", "orderUpdateId": "0"} | about == told[0].references


def test_two_actions_with_one_id_are_refused() -> None:
    one = Action(action_type="beep", action_id="1")
    (told,) = faults_of(changed(nodes={0: {"actions": (one,)}}, edges={0: {"actions": (one,)}}))
    assert (told.why, told.references["actionId"]) == ("expected an actionId of its own, got it 2 times", "1")


@pytest.mark.parametrize(
    ("degree", "knots", "points", "why"),
    [
        (1, (0, 0, 1, 1), 2, None),
        (None, None, 2, None),
        (2, None, 2, "at least 3 control points"),
        (1, (0, 1), 2, "expected 4 knots for 2 points of degree 1, got 2"),
        (1, (0, 1, 0, 1), 2, "knots that do not go back"),
    ],
)
def test_a_trajectory_has_as_many_knots_as_it_needs(
    degree: Any, knots: Any, points: int, why: str | None
) -> None:
    curve = Trajectory(degree=degree, knot_vector=knots, control_points=(ControlPoint(x=0, y=0),) * points)
    told = faults_of(changed(edges={0: {"trajectory": curve}}))
    assert [why in one.why for one in told if why] == ([True] if why else [])
    assert bool(told) == bool(why)


def factsheet(**limits: int) -> Factsheet:
    """Of a vehicle that can pick at a node, alone, from a station that must be named."""
    station = ParameterDefinition(key="stationName", value_data_type=ValueDataType.STRING)
    side = ParameterDefinition(key="side", value_data_type=ValueDataType.STRING, is_optional=True)
    pick = AgvAction(
        action_type="pick",
        action_scopes=(ActionScope.NODE,),
        action_parameters=(station, side),
        blocking_types=(BlockingType.HARD,),
    )
    drawn = made(Factsheet, V2_1, 1)
    known: ProtocolLimits = replace(drawn.protocol_limits, max_array_lens=limits)
    return replace(
        drawn,
        protocol_limits=known,
        protocol_features=ProtocolFeatures(optional_parameters=(), agv_actions=(pick,)),
    )


def test_an_action_that_the_vehicle_has_is_asked_for_as_it_can_do_it() -> None:
    pick = Action(
        action_type="pick", action_id="1", action_parameters=parameters_of({"stationName": "bed 3"})
    )
    assert beyond(changed(nodes={0: {"actions": (pick,)}}), factsheet()) == []
    for bad, why in (
        (replace(pick, action_type="drop"), "expected an action that the vehicle has for NODE, got drop"),
        (replace(pick, blocking_type=BlockingType.NONE), "expected blockingType HARD, got NONE"),
        (replace(pick, action_parameters=None), "expected the parameters stationName of pick, got none"),
    ):
        (told,) = beyond(changed(nodes={0: {"actions": (bad,)}}), factsheet())
        assert (told.type, told.why, told.references["actionId"]) == (ErrorType.ACTION, why, "1")
    (told,) = beyond(changed(edges={0: {"actions": (pick,)}}), factsheet())
    assert "for EDGE" in told.why


def test_an_order_that_the_vehicle_has_no_room_for_is_told() -> None:
    limits = {"order.nodes": 3, "order.edges": 0, "node.actions": 5}
    (told,) = beyond(GOOD, factsheet(**limits))
    assert (told.type, told.why) == (ErrorType.TOO_MUCH, "expected at most 3 of order.nodes, got 4")


@pytest.mark.parametrize("kind", ErrorType)
def test_a_problem_is_an_error_in_each_version_with_its_names(kind: ErrorType) -> None:
    problem = Problem(kind, "expected this, got that", {"orderId": "o-1"}, "Do so.")
    old, middle, new = (problem.error(version) for version in (V2_0, V2_1, V3_0))
    assert old.error_level is middle.error_level is ErrorLevel.WARNING
    assert (old.error_hint, middle.error_hint, new.error_hint) == (None, "Do so.", "Do so.")
    assert old.error_type[0].islower()
    assert new.error_type.isupper()
    assert new.error_references
    assert new.error_references[0].reference_value == "o-1"
