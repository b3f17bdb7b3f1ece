"""A simulated robot does what its order says, and shows each trouble as the standard has it."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from devices.codecs.vda5050.action import Action, InstantActions, parameters_of
from devices.codecs.vda5050.geometry import Pose
from devices.codecs.vda5050.messages import decode, encode
from devices.codecs.vda5050.order import Edge, Node, NodePosition, Order
from devices.codecs.vda5050.state import Reference, State
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.vehicle import Identity
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import ActionStatus, ErrorLevel, EStop, OperatingMode
from hil.errors import BadOrder
from hil.sims.robots.base import Kind, SimBase
from hil.sims.robots.machine import Machine
from hil.sims.robots.trouble import Trouble, trouble
from tests.support.vda5050_messages import header

_TICK_US = 100_000
_NODES = {"a": (0.0, "ground"), "b": (5.0, "ground"), "c": (5.0, "upper"), "d": (9.0, "upper")}


class Told:
    """One robot, at node a, in simulated time."""

    def __init__(self, version: Version = Version.V2_1, *, waits: bool = False) -> None:
        kind = Kind(speed_m_s=1.0, handling_s=2.0, waits=waits)
        self.base = SimBase(kind, Pose(0.0, 0.0, 0.0, "ground"))
        self.version = version
        self.machine = Machine(Identity("Acme", "AGV-1", version), self.base)
        self.now = 0
        self.states: list[State] = []

    def order(self, *ends: Action) -> None:
        data = encode(way(*ends), self.version)
        self.machine.core.receive(Topic.ORDER, data, self.now)

    def run(self, seconds: float) -> State:
        for _ in range(round(seconds * 10)):
            self.now += _TICK_US
            self.machine.tick(self.now)
            for topic, data in self.machine.core.take():
                message = decode(topic, data, self.version)
                if isinstance(message, State):
                    self.states.append(message)
        return self.states[-1]


def way(*ends: Action) -> Order:
    names = list(_NODES)
    places = {name: NodePosition(x=x, y=0.0, map_id=floor, theta=None) for name, (x, floor) in _NODES.items()}
    nodes = [
        Node(node_id=n, sequence_id=2 * i, released=True, node_position=places[n])
        for i, n in enumerate(names)
    ]
    nodes[-1] = replace(nodes[-1], actions=ends)
    edges = tuple(
        Edge(
            edge_id=f"{a}{b}",
            sequence_id=2 * i + 1,
            released=True,
            start_node_id=a,
            end_node_id=b,
            max_speed=1.0,
        )
        for i, (a, b) in enumerate(pairwise(names))
    )
    return Order(header=header(), order_id="o-1", order_update_id=0, nodes=tuple(nodes), edges=edges)


def action(kind: str, number: str) -> Action:
    return Action(action_type=kind, action_id=number)


@pytest.mark.parametrize("version", Version)
def test_it_drives_takes_the_lift_picks_up_and_tells_its_state_once_a_second(version: Version) -> None:
    told = Told(version)
    told.order(action("pick", "p"), action("pick", "q"))
    last = told.run(25)
    assert (last.last_node_id, last.driving, last.agv_position and last.agv_position.map_id) == (
        "d",
        False,
        "upper",
    )
    statuses = {one.action_id: one.action_status for one in last.action_states}
    assert statuses == {"p": ActionStatus.FINISHED, "q": ActionStatus.FAILED}
    assert [one.load_id for one in last.loads or ()] == ["p"]
    assert len(told.states) >= 25
    assert told.base.driven_m == pytest.approx(9.0)
    assert told.base.charge < 0.8


def stops(state: State) -> bool:
    return state.safety_state.e_stop is EStop.MANUAL


def is_blocked(state: State) -> bool:
    told = [(one.error_type, one.error_references) for one in state.errors]
    return told == [("pathBlocked", (Reference(reference_key="edgeId", reference_value="ab"),))]


def is_lost(state: State) -> bool:
    return bool(state.agv_position and not state.agv_position.position_initialized)


def is_taken(state: State) -> bool:
    return state.operating_mode is OperatingMode.MANUAL


@pytest.mark.parametrize(
    ("begin", "end", "shows"),
    [
        (Trouble.E_STOP, Trouble.RELEASED, stops),
        (Trouble.BLOCKED, Trouble.CLEAR, is_blocked),
        (Trouble.LOST, Trouble.FOUND, is_lost),
    ],
)
def test_in_trouble_it_stands_and_says_so_and_goes_on_when_that_is_over(
    begin: Trouble, end: Trouble, shows: Callable[[State], bool]
) -> None:
    told = Told()
    told.order()
    told.run(2)
    told.machine.obey(begin)
    at = told.base.parked
    state = told.run(3)
    assert (shows(state), state.driving) == (True, False)
    assert abs(told.base.parked.x - at.x) < 0.2
    told.machine.obey(end)
    last = told.run(20)
    assert (shows(last), last.last_node_id, last.errors) == (False, "d", ())


def test_taken_over_it_takes_no_order() -> None:
    told = Told()
    told.machine.obey(Trouble.TAKEN_OVER)
    told.order()
    state = told.run(1)
    assert (is_taken(state), state.order_id, [one.error_type for one in state.errors]) == (
        True,
        "",
        ["orderError"],
    )
    told.machine.obey(Trouble.HANDED_BACK)
    told.order()
    assert told.run(1).order_id == "o-1"


def test_with_an_empty_battery_it_stands_and_needs_a_hand() -> None:
    told = Told()
    told.machine.obey(Trouble.BATTERY_LOW)
    assert told.run(1).battery_state.battery_charge == pytest.approx(8, abs=0.1)
    told.order()
    told.run(1)
    told.base.charge = 0.0001
    state = told.run(5)
    assert [one.error_level for one in state.errors] == [ErrorLevel.FATAL]
    assert state.driving is False


def test_charging_fills_it() -> None:
    told = Told()
    told.base.charge = 0.5
    told.order(action("startCharging", "c"))
    assert told.run(25).battery_state.charging is True
    charged = told.base.charge
    told.run(36)
    assert told.base.charge == pytest.approx(charged + 0.01, abs=0.001)


def test_switched_on_again_it_has_forgotten_its_order_and_stands_where_it_stood() -> None:
    told = Told()
    told.order()
    told.run(3)
    told.machine.obey(Trouble.DEAD)
    assert told.machine.is_dead
    told.machine.obey(Trouble.ALIVE)
    told.machine.wake()
    state = told.run(2)
    assert (state.order_id, state.node_states, state.driving) == ("", (), False)
    assert state.agv_position
    assert state.agv_position.x == pytest.approx(3.0, abs=0.3)


def test_a_drawer_opens_at_once() -> None:
    told = Told()
    asked = InstantActions(header=header(), actions=(action("openDrawer", "x"),))
    told.machine.core.receive(Topic.INSTANT_ACTIONS, encode(asked, told.version), told.now)
    assert told.run(2).action_states[-1].action_status is ActionStatus.FINISHED


def test_its_camera_turns_as_far_as_it_can_while_it_drives() -> None:
    told = Told()
    told.order()
    for number, turn in enumerate((15.0, -500.0)):
        asked = replace(
            action("lookAt", f"look-{number}"), action_parameters=parameters_of({"pan": turn, "tilt": 5.0})
        )
        message = InstantActions(header=header(), actions=(asked,))
        told.machine.core.receive(Topic.INSTANT_ACTIONS, encode(message, told.version), told.now)
        state = told.run(2)
        assert state.action_states[-1].action_status is ActionStatus.FINISHED
        assert state.driving
    assert told.base.looks == (-170.0, 10.0)


def test_an_unknown_trouble_is_refused_with_those_that_there_are() -> None:
    assert trouble("e-stop\n") is Trouble.E_STOP
    with pytest.raises(BadOrder, match="'explode' is no trouble; there are: blocked, clear, dead"):
        trouble("explode")


def test_one_that_waits_for_hands_is_loaded_only_after_somebody_opened_its_drawer() -> None:
    told = Told(waits=True)
    told.order(action("pick", "p"))
    before = told.run(60.0)
    assert (before.last_node_id, before.loads) == ("d", None)
    assert [one.action_status for one in before.action_states] == [ActionStatus.RUNNING]
    opened = InstantActions(header=header(), actions=(action("openDrawer", "o"),))
    told.machine.core.receive(Topic.INSTANT_ACTIONS, encode(opened, told.version), told.now)
    assert next(one.action_status for one in told.run(2.0).action_states) is ActionStatus.RUNNING
    assert {one.action_status for one in told.run(2.0).action_states} == {ActionStatus.FINISHED}
