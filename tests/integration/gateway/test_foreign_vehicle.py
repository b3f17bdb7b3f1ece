"""A vehicle that is not ours drives by our messages: npm's vda-5050-lib at a real broker, through the link.

First by messages of the codec alone, then with the fleet's master, which has it carry something while things
go wrong: the vehicle is killed, messages come twice or not at all, a way is blocked, its battery runs out.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.robots.people import block, go_all, stop_all
from controller.robots.told import Said
from devices.codecs.vda5050.action import Action, InstantActions, parameters_of
from devices.codecs.vda5050.messages import decode, encode
from devices.codecs.vda5050.order import Node, NodePosition
from devices.codecs.vda5050.state import State
from devices.codecs.vda5050.stitching import stitch
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import ActionStatus, BlockingType
from devices.model.observation import EventKind
from devices.profiles import profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.links import Outlet
from gateway.links.backoff import Backoff
from gateway.links.robot import RobotLink
from tests.support.foreign_vehicle import ForeignVehicle
from tests.support.links import Heard, running
from tests.support.node_broker import NodeBroker
from tests.support.robot import PREFIX, RULES
from tests.support.robot_map import corridors, place
from tests.support.robot_master import MasterAtBroker
from tests.support.vda5050_messages import edge, header, order
from tests.support.waiting import until

V2_0 = Version.V2_0


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NodeBroker]:
    with NodeBroker(tmp_path / "mosquitto", RULES) as made:
        yield made


@pytest.fixture
def vehicle(broker: NodeBroker) -> Iterator[ForeignVehicle]:
    with ForeignVehicle(broker, *place("P1")) as made:
        yield made


class Foreign:
    """The link to it."""

    def __init__(self, broker: NodeBroker) -> None:
        self._device = DeviceConfig(
            id="robot-1",
            profile="vda5050-vehicle",
            broker=broker.url,
            address=PREFIX,
            credentials=broker.of_gateway(broker.folder),
        )

    def __call__(self, outlet: Outlet) -> RobotLink:
        model = profile("vda5050-vehicle")
        return RobotLink(self._device, model, SystemClock(), outlet, backoff=Backoff(0.05, 0.2))


def last_state(heard: Heard) -> State:
    told = [one.detail for one in heard.events(EventKind.VEHICLE)]
    states = [str(one["json"]) for one in told if one["topic"] == "state"]
    message = decode(Topic.STATE, states[-1].encode())
    assert isinstance(message, State)
    return message


def ended(heard: Heard) -> dict[str, ActionStatus]:
    return {one.action_id: one.action_status for one in last_state(heard).action_states}


def node(name: str, *actions: Action) -> Node:
    x, y = place(name)
    where = NodePosition(x=x, y=y, map_id="floor")
    return Node(node_id=name, sequence_id=0, released=True, node_position=where, actions=actions)


async def test_by_bare_messages_it_drives_its_base_goes_on_with_an_update_acts_and_drops_its_order(
    broker: NodeBroker, vehicle: ForeignVehicle
) -> None:
    heard = Heard()
    link = Foreign(broker)(heard)
    pick = Action(
        action_type="pick",
        action_id="p",
        blocking_type=BlockingType.HARD,
        action_parameters=parameters_of({}),
    )
    names = {"A": "P1", "B": "W1", "C": "W2"}
    bare = order("ABC", released=2)
    nodes = tuple(replace(one, node_position=node(names[one.node_id]).node_position) for one in bare.nodes)
    first = replace(bare, nodes=(nodes[0], replace(nodes[1], actions=(pick,)), nodes[2]))
    async with running(link):
        await heard.until_presence("connected")
        await link.order("order", encode(first, V2_0).decode())
        await until(
            lambda: ended(heard).get("p") is ActionStatus.FINISHED, "it has loaded where its base ends"
        )
        assert (last_state(heard).last_node_id, [one.released for one in last_state(heard).node_states]) == (
            "B",
            [False],
        )
        update = stitch(
            first, header(1), [node("W2"), node("W3")], [edge("BC"), edge("CD")], resend_actions=False
        )
        renamed = tuple(replace(one, node_id=name) for one, name in zip(update.nodes, "BCD", strict=True))
        await link.order("order", encode(replace(update, nodes=renamed), V2_0).decode())
        await until(lambda: last_state(heard).last_node_id == "D", "it has driven on")
        assert last_state(heard).errors == ()

        away = order("DE", order_id="o-2")
        ends = (NodePosition(x=x, y=0.0, map_id="floor") for x in (place("W3")[0], 90.0))
        nodes = tuple(replace(one, node_position=at) for one, at in zip(away.nodes, ends, strict=True))
        await link.order("order", encode(replace(away, nodes=nodes), V2_0).decode())
        await until(lambda: last_state(heard).driving, "it drives far away")
        await link.order("instantActions", cancelling("c"))
        await until(lambda: not last_state(heard).node_states, "it has dropped its order")
        assert ended(heard)["c"] is ActionStatus.FINISHED


def cancelling(number: str) -> str:
    """With the list under the name that this vehicle knows, too."""
    one = Action(action_type="cancelOrder", action_id=number, blocking_type=BlockingType.HARD)
    plain = encode(InstantActions(header=header(), actions=(one,)), V2_0)
    told = json.loads(plain)
    return json.dumps(told | {"instantActions": told["actions"]})


async def test_it_carries_for_the_master_although_messages_come_twice_or_are_lost(
    broker: NodeBroker, vehicle: ForeignVehicle
) -> None:
    lost: list[int] = []

    def road(one: Said) -> int:
        if one.topic == "order" and not lost:
            lost.append(one.number)
            return 0
        return 2

    async with MasterAtBroker(corridors(), {"robot-1": Foreign(broker)}, road) as ruled:
        await until(lambda: ruled.master.fleet.vehicles, "it is known")
        ruled.wants("T1", "A", "B")
        await until(lambda: ruled.stage("T1") == "delivered", "it is delivered")
        assert ruled.stages["T1"] == ["assigned", "picked", "delivered"]
        assert len({one["orderId"] for one in ruled.orders()}) < len(ruled.orders()), "one was sent again"
        assert (ruled.asks(), bool(lost)) == ([], True)


async def test_killed_on_its_way_it_keeps_its_place_and_is_given_its_way_anew_when_it_is_back(
    broker: NodeBroker, vehicle: ForeignVehicle
) -> None:
    async with MasterAtBroker(corridors(), {"robot-1": Foreign(broker)}) as ruled:
        await until(lambda: ruled.master.fleet.vehicles, "it is known")
        ruled.wants("T1", "A", "B")
        await until(lambda: (s := ruled.state("robot-1")) and s.last_node_id == "W1", "it is on its way")
        vehicle.kill()
        await ruled.ears["robot-1"].until_presence("link-broken")
        await until(lambda: any("CONNECTIONBROKEN" in one for one in ruled.asks()), "a person is asked")
        state, said = ruled.state("robot-1"), len(ruled.orders())
        assert "W1" in ruled.held("robot-1"), "nobody else gets its place"
        assert state
        assert state.agv_position
        vehicle.at(state.agv_position.x, state.agv_position.y)
        vehicle.start()
        await until(lambda: ruled.stage("T1") == "delivered", "it is delivered after all")
        before = {one["orderId"] for one in ruled.orders()[:said]}
        assert {one["orderId"] for one in ruled.orders()[said:]}.isdisjoint(before), "an order of its own"


async def test_it_stands_while_all_are_stopped_and_goes_round_where_a_way_is_blocked(
    broker: NodeBroker, vehicle: ForeignVehicle
) -> None:
    async with MasterAtBroker(corridors(), {"robot-1": Foreign(broker)}) as ruled:
        await until(lambda: ruled.master.fleet.vehicles, "it is known")
        ruled.wants("T1", "A", "B")
        await until(lambda: ruled.stage("T1") == "picked", "it has it")
        ruled.does(lambda master, now: stop_all(master, "nurse", now))
        await until(lambda: (s := ruled.state("robot-1")) and s.paused, "it stands")
        ruled.does(lambda master, now: block(master, "W2-W3", "nurse", "a bed stands there", now))
        ruled.does(lambda master, now: go_all(master, "nurse", now))
        await until(lambda: (s := ruled.state("robot-1")) and not s.paused, "it goes on")
        await until(lambda: ruled.stage("T1") == "delivered", "it is delivered")
        driven = {n["nodeId"] for one in ruled.orders() for n in one["nodes"] if n["released"]}
        assert "V2" in driven, "by the way round"


async def test_when_its_battery_runs_out_on_the_way_a_person_is_asked_to_help(broker: NodeBroker) -> None:
    with ForeignVehicle(broker, *place("P1"), reach_m=12.0):
        async with MasterAtBroker(corridors(), {"robot-1": Foreign(broker)}) as ruled:
            await until(lambda: ruled.master.fleet.vehicles, "it is known")
            ruled.wants("T1", "A", "B")
            await until(lambda: any("battery" in one.lower() for one in ruled.asks()), "a person is asked")
            assert ruled.stage("T1") != "delivered"
