"""A vehicle does what the standard says with orders, updates and instant actions, in version 2 and 3."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs.vda5050.action import Action, InstantActions, parameters_of
from devices.codecs.vda5050.factsheet import AgvAction, Factsheet, ProtocolFeatures
from devices.codecs.vda5050.messages import decode, encode
from devices.codecs.vda5050.order import Node, NodePosition, Order
from devices.codecs.vda5050.presence import Connection
from devices.codecs.vda5050.state import ActionState, State
from devices.codecs.vda5050.stitching import stitch
from devices.codecs.vda5050.topics import FROM_MASTER, Topic
from devices.codecs.vda5050.vehicle import Identity, Vehicle
from devices.codecs.vda5050.version import V2_1, V3_0, Version
from devices.codecs.vda5050.words import (
    ActionScope,
    ActionStatus,
    BlockingType,
    ConnectionState,
    OperatingMode,
)
from tests.support.vda5050_base import MemoryBase
from tests.support.vda5050_messages import edge, header, made, order

FINISHED, FAILED, RUNNING, WAITING = (
    ActionStatus.FINISHED,
    ActionStatus.FAILED,
    ActionStatus.RUNNING,
    ActionStatus.WAITING,
)


@pytest.fixture(params=[V2_1, V3_0], ids=str)
def version(request: pytest.FixtureRequest) -> Version:
    return request.param


class Master:
    """Sends to one vehicle, and hears what it says."""

    def __init__(self, version: Version, base: MemoryBase | None = None) -> None:
        self.base = base or MemoryBase()
        self.version = version
        self.vehicle = Vehicle(Identity("Acme", "AGV-1", version), self.base, factsheet(version))
        self.now = 0
        self.states: list[State] = []
        self.others: list[Any] = []

    def send(self, message: Order | InstantActions) -> State:
        topic = Topic.ORDER if isinstance(message, Order) else Topic.INSTANT_ACTIONS
        self.vehicle.receive(topic, encode(message, self.version), self.now)
        return self.hear()

    def ask(self, kind: str, number: str, **parameters: object) -> State:
        given = parameters_of(parameters)
        one = Action(
            action_type=kind, action_id=number, blocking_type=BlockingType.NONE, action_parameters=given
        )
        return self.send(InstantActions(header=header(), actions=(one,)))

    def run(self, ticks: int = 40, seconds: float = 0.1) -> State:
        for _ in range(ticks):
            self.now += round(seconds * 1_000_000)
            self.vehicle.tick(self.now)
            self.hear()
        return self.states[-1]

    def hear(self) -> State:
        for topic, data in self.vehicle.take():
            message = decode(topic, data, self.version)
            (self.states if isinstance(message, State) else self.others).append(message)
        return self.states[-1]

    def errors(self) -> list[str]:
        return [one.error_type for one in self.states[-1].errors]

    def status(self, number: str) -> ActionStatus:
        last = self.states[-1]
        return next(
            one.action_status
            for one in (*last.action_states, *last.instant_action_states)
            if one.action_id == number
        )


def factsheet(version: Version) -> Factsheet:
    scopes = (ActionScope.INSTANT, ActionScope.NODE, ActionScope.EDGE)
    known = tuple(
        AgvAction(action_type=one, action_scopes=scopes, pause_allowed=allowed, cancel_allowed=allowed)
        for one in ("pick", "beep", "jam")
        for allowed in [True if version is V3_0 else None]
    )
    drawn: Factsheet = made(Factsheet, version, 5)
    limits = replace(drawn.protocol_limits, max_array_lens={})
    features = ProtocolFeatures(optional_parameters=(), agv_actions=known)
    return replace(drawn, protocol_limits=limits, protocol_features=features, extra={})


def way(names: str = "abc", actions: dict[str, tuple[Action, ...]] | None = None, **given: Any) -> Order:
    """Nodes 3 m apart, with actions by the name of their node or edge."""
    told, bare = actions or {}, order(names, **given)
    return replace(
        bare,
        nodes=tuple(
            replace(one, node_position=place(one), actions=told.get(one.node_id, ())) for one in bare.nodes
        ),
        edges=tuple(replace(one, actions=told.get(one.edge_id, ())) for one in bare.edges),
    )


def place(node: Node) -> NodePosition:
    return NodePosition(x=3.0 * "abcdefgh".index(node.node_id), y=0.0, map_id="floor")


def action(number: str, kind: str = "pick", blocking: BlockingType = BlockingType.HARD) -> Action:
    return Action(action_type=kind, action_id=number, blocking_type=blocking)


def history(master: Master, number: str) -> list[ActionStatus]:
    """Each status that was told of an action, once."""
    told: list[ActionStatus] = []
    for state in master.states:
        every: tuple[ActionState, ...] = (*state.action_states, *state.instant_action_states)
        told += [
            one.action_status for one in every if one.action_id == number and told[-1:] != [one.action_status]
        ]
    return told


def test_it_drives_an_order_to_its_end_and_tells_each_node(version: Version) -> None:
    master = Master(version)
    first = master.send(way())
    assert ([one.node_id for one in first.node_states], first.last_node_id) == (["b", "c"], "a")
    last = master.run()
    assert (last.last_node_id, last.last_node_sequence_id, last.driving) == ("c", 4, False)
    assert (last.node_states, last.edge_states, last.order_id) == ((), (), "o-1")
    passed = [state.last_node_id for state in master.states]
    assert list(dict.fromkeys(passed)) == ["a", "b", "c"]
    assert [one.header.header_id for one in master.states] == list(range(len(master.states)))


def test_actions_wait_for_their_node_and_hold_the_vehicle(version: Version) -> None:
    master = Master(version)
    beep = action("beep", "beep", BlockingType.NONE)
    master.send(way(actions={"b": (action("p1"), action("p2")), "bc": (beep,)}))
    last = master.run()
    for number in ("p1", "p2", "beep"):
        assert history(master, number) == [WAITING, RUNNING, FINISHED]
    assert master.base.begun == ["p1", "p2", "beep"]
    assert {one.result_description for one in last.action_states} <= {"done", None}
    held = [
        one
        for one in master.states
        if any(a.action_status is RUNNING and a.action_id != "beep" for a in one.action_states)
    ]
    assert {(one.last_node_id, one.driving) for one in held} == {("b", False)}


def test_an_action_that_fails_is_told_and_the_order_goes_on(version: Version) -> None:
    master = Master(version)
    master.send(way(actions={"a": (action("1", "jam"),)}))
    assert master.run().last_node_id == "c"
    assert master.status("1") is FAILED


def test_it_waits_at_the_decision_point_and_goes_on_with_an_update(version: Version) -> None:
    master = Master(version)
    first = way("abcd", {"b": (action("p"),)}, released=2)
    master.send(first)
    waiting = master.run()
    assert (waiting.last_node_id, waiting.driving, waiting.new_base_request) == ("b", False, True)
    assert [one.released for one in waiting.node_states] == [False, False]
    further = [
        Node(node_id="e", sequence_id=0, released=True, node_position=NodePosition(x=12, y=0, map_id="floor"))
    ]
    update = stitch(first, header(1), further, [edge("be")])
    after = master.send(update)
    assert (after.order_update_id, [one.node_id for one in after.node_states]) == (1, ["e"])
    assert master.run().last_node_id == "e"
    assert master.base.begun == ["p"], "the action of the node that was sent again has not run again"
    assert history(master, "p") == [WAITING, RUNNING, FINISHED]


def test_an_update_that_does_not_fit_is_told_until_one_fits(version: Version) -> None:
    master = Master(version)
    first = way("abc", released=2)
    master.send(first)
    master.send(replace(way("cd", first=4), order_update_id=1))
    assert master.errors() == ["orderUpdateError" if version is V2_1 else "INVALID_ORDER"]
    assert master.run().last_node_id == "b"
    assert len(master.errors()) == 1
    good = stitch(
        first, header(2), [replace(first.nodes[2], released=True)], [replace(first.edges[1], released=True)]
    )
    assert master.send(good).errors == ()
    assert master.run().last_node_id == "c"


def test_another_order_waits_for_the_end_of_the_first(version: Version) -> None:
    master = Master(version)
    master.send(way())
    assert master.send(way("ab", order_id="o-2")).order_id == "o-1"
    assert master.errors() == ["orderError" if version is V2_1 else "OTHER_ORDER_ACTIVE"]
    master.run()
    assert master.send(way("cd", order_id="o-2")).order_id == "o-2"
    assert (master.errors(), master.run().last_node_id) == ([], "d")


def test_cancelling_stops_and_fails_what_waits(version: Version) -> None:
    master = Master(version, MemoryBase(unstoppable=("beep",)))
    kinds = (action("1", "beep", BlockingType.NONE), action("2", "pick", BlockingType.NONE))
    master.send(way(actions={"a": kinds, "c": (action("3"),)}))
    asked = master.ask("cancelOrder", "x")
    assert (asked.driving, asked.node_states, asked.edge_states) == (False, (), ())
    assert [master.status(one) for one in "123x"] == [RUNNING, FAILED, FAILED, RUNNING]
    last = master.run()
    assert [master.status(one) for one in "123x"] == [FINISHED, FAILED, FAILED, FINISHED]
    assert (last.order_id, last.order_update_id, master.base.aborted) == ("o-1", 0, ["2"])
    master.send(replace(way("ab"), order_update_id=1))
    assert master.errors() == ["orderUpdateError" if version is V2_1 else "ORDER_UPDATE_FOLLOWING_CANCEL"]


def test_without_an_order_there_is_nothing_to_cancel(version: Version) -> None:
    master = Master(version)
    master.ask("cancelOrder", "x")
    assert master.status("x") is FAILED
    assert master.errors() == ["noOrderToCancel" if version is V2_1 else "NO_ORDER_TO_CANCEL"]
    (told,) = master.states[-1].errors
    assert told.error_references
    assert told.error_references[0].reference_value == "x"


def test_another_orders_id_cancels_nothing(version: Version) -> None:
    master = Master(version)
    master.send(way())
    master.ask("cancelOrder", "x", orderId="o-9")
    assert master.status("x") is FAILED
    assert master.run().last_node_id == "c"


def test_it_stands_while_it_is_paused(version: Version) -> None:
    master = Master(version)
    master.send(way())
    paused = master.ask("startPause", "1")
    assert (paused.paused, master.run().last_node_id, master.states[-1].driving) == (True, "a", False)
    assert master.ask("stopPause", "2").paused is False
    assert master.run().last_node_id == "c"


def test_state_and_factsheet_are_sent_when_asked_for(version: Version) -> None:
    master = Master(version)
    master.run(2)
    before = len(master.states)
    master.ask("stateRequest", "1")
    assert len(master.states) == before + 1
    master.ask("factsheetRequest", "2")
    (sent,) = master.others
    assert replace(sent, header=header()) == replace(factsheet(version), header=header())
    assert [master.status(one) for one in "12"] == [FINISHED, FINISHED]


def test_an_instant_action_of_the_vehicles_own_takes_its_time(version: Version) -> None:
    master = Master(version)
    master.ask("beep", "1")
    master.ask("beep", "1")
    master.run()
    assert (history(master, "1"), master.base.begun) == ([RUNNING, FINISHED], ["1"])
    master.ask("fly", "2")
    assert master.status("2") is FAILED
    assert master.errors() == ["instantActionError" if version is V2_1 else "INVALID_INSTANT_ACTION"]


def test_it_takes_a_first_position(version: Version) -> None:
    master = Master(version)
    master.base.here = None
    nowhere = master.send(way()).agv_position
    assert nowhere
    assert nowhere.position_initialized is False
    assert master.errors() == ["noRouteError" if version is V2_1 else "START_NODE_OUT_OF_RANGE"]
    placed = master.ask("initPosition", "1", x=3.0, y=0, theta=0.0, mapId="floor", lastNodeId="b")
    assert placed.agv_position
    assert (placed.agv_position.x, placed.last_node_id, master.status("1")) == (3.0, "b", FINISHED)
    master.ask("initPosition", "2", x="here")
    assert master.status("2") is FAILED


def test_an_order_that_begins_elsewhere_or_asks_too_much_is_rejected(version: Version) -> None:
    master = Master(version)
    assert master.send(way("bc")).order_id == ""
    master.send(way(actions={"a": (action("1", "fly"),)}))
    names = (
        ["noRouteError", "orderError"]
        if version is V2_1
        else ["START_NODE_OUT_OF_RANGE", "INVALID_ORDER_ACTION"]
    )
    assert master.errors() == names
    master.vehicle.operating_mode = OperatingMode.MANUAL
    assert master.send(way()).order_id == ""
    assert len(master.errors()) == 3


def test_it_tells_what_has_changed_and_itself_every_30_seconds(version: Version) -> None:
    master = Master(version)
    master.run(1)
    master.run(299)
    assert len(master.states) == 1
    master.run(2)
    assert len(master.states) == 2


def test_its_connection_is_a_message_of_its_own(version: Version) -> None:
    data = Master(version).vehicle.connection(ConnectionState.CONNECTIONBROKEN, 0)
    message = decode(Topic.CONNECTION, data)
    assert isinstance(message, Connection)
    assert message.connection_state is ConnectionState.CONNECTIONBROKEN


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(FROM_MASTER)), st.integers(0, 2**32), st.booleans()), max_size=6
    )
)
@settings(max_examples=40)
def test_whatever_comes_it_goes_on_and_tells_its_state(sent: list[tuple[Topic, int, bool]]) -> None:
    master = Master(V3_0)
    master.send(way())
    for topic, seed, whole in sent:
        kind = Order if topic is Topic.ORDER else InstantActions
        data = encode(made(kind, V3_0, seed), V3_0)
        master.vehicle.receive(topic, data if whole else data[: seed % len(data)], master.now)
        master.run(1)
    assert master.run().last_node_id in {"a", "b", "c", master.states[-1].last_node_id}


def test_an_order_that_is_not_understood_is_told(version: Version) -> None:
    master = Master(version)
    master.vehicle.receive(Topic.ORDER, b'{"orderId": 5}', 0)
    (told,) = master.hear().errors
    assert told.error_type == ("validationError" if version is V2_1 else "VALIDATION_FAILURE")
    assert told.error_description == "headerId: expected it, got nothing"
