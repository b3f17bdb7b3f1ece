"""Robots through a gateway as it runs: their states climb to the controller, its signed orders reach them.

Whatever is published to a robot is the JSON of one verified, new and unexpired command for it, byte for byte.
"""

import json
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from controller.identity.authority import new_authority
from controller.orders.signing import Signer
from devices.codecs.vda5050.messages import decode
from devices.codecs.vda5050.topics import Topic
from devices.model.observation import DeviceEvent, EventKind
from devices.model.orders import MOST_JSON, ROBOT_ORDER
from devices.wire.orders import Command
from hil.identities import now
from tests.integration.gateway.rig import GatewayProcess
from tests.support.broker_process import BrokerProcess
from tests.support.node_broker import NodeBroker
from tests.support.peer import Peer
from tests.support.robot import PREFIX, RULES, RobotAtBroker, a_cancel, an_order, state
from tests.support.waiting import until

_CONFIG = """[gateway]
id = "ward-a"
[controller]
address = "{controller}"
[[device]]
id = "robot-1"
profile = "vda5050-vehicle"
broker = "{broker}"
address = "{prefix}"
credentials = "{credentials}"
"""
_MINUTE_US = 60_000_000


class Ward:
    """A gateway with a robot at the ward's broker, and the peer that gets its journal."""

    def __init__(self, folder: Path, controller: BrokerProcess, peer: Peer) -> None:
        self.controller, self.peer = controller, peer
        self.broker = NodeBroker(folder / "mosquitto", RULES)
        (folder / "gateway-data").mkdir()
        (folder / "gateway-data" / "identity").symlink_to(controller.identity("ward-a"))
        credentials = self.broker.of_gateway(folder).name
        config = folder / "ward-a.toml"
        told = {"controller": controller.url, "broker": self.broker.url, "prefix": PREFIX}
        config.write_text(_CONFIG.format(**told, credentials=credentials), encoding="utf-8")
        self.gateway = GatewayProcess(config)

    def told(self, kind: EventKind) -> list[dict[str, Any]]:
        """The details of events that came, oldest first."""
        events = [one for one in self.peer.records() if isinstance(one, DeviceEvent)]
        return [dict(one.detail) for one in events if one.kind == kind]

    def nodes(self) -> set[str]:
        """The last node of each state that came whole."""
        told = [one for one in self.told(EventKind.VEHICLE) if one["topic"] == "state"]
        return {json.loads(one["json"])["lastNodeId"] for one in told}

    def refused(self) -> int:
        """How many orders the gateway did not even answer."""
        return (self.peer.states[-1].counts or {}).get("orders-refused", 0)

    async def are_connected(self, robot: RobotAtBroker) -> None:
        """The robot is known to be there, and a command is heard."""
        await until(lambda: self.told(EventKind.VEHICLE), "its connection, which is retained")
        await robot.say(state())
        await until(lambda: self.told(EventKind.CONNECTED), "the robot is connected")

    def order(self, **other: Any) -> Command:
        """For robot-1 at ward-a, good for a minute; `other`: attributes of the command, or arguments."""
        arguments = {"vehicle": "robot-1", "topic": "order", "json": an_order()}
        arguments |= {name: other.pop(name) for name in arguments.keys() & other.keys()}
        utc_us = time.time_ns() // 1000
        plain = {
            "gateway": "ward-a",
            "issuer": "robots",
            "issued_us": utc_us,
            "expires_us": utc_us + _MINUTE_US,
        }
        return Command(os.urandom(16), ROBOT_ORDER, arguments, **(plain | other))

    async def send(self, command: Command, signer: Signer | None = None) -> Command:
        """Publish it, signed by the controller or by another."""
        data = (signer or self.controller.signer).command(command)
        await self.peer.publish("ward-a", "command", data)
        return command

    async def outcome(self, command: Command) -> tuple[str, str]:
        """What became of it: (outcome, why)."""

        def found() -> list[dict[str, Any]]:
            return [one for one in self.told(EventKind.COMMAND) if one["id"] == command.id.hex()]

        await until(found, "the outcome")
        [one] = found()
        return one["outcome"], one.get("why", "")


@pytest.fixture
async def ward(tmp_path: Path) -> AsyncIterator[Ward]:
    controller = BrokerProcess(tmp_path / "broker", "ward-a")
    controller.start()
    async with Peer(controller) as peer:
        made = Ward(tmp_path, controller, peer)
        with made.broker, made.gateway:
            yield made
    controller.stop()


async def test_nothing_reaches_a_robot_but_verified_new_and_unexpired_orders_byte_for_byte(
    ward: Ward,
) -> None:
    async with RobotAtBroker(ward.broker) as robot:
        await ward.are_connected(robot)
        wanted = await ward.send(ward.order())
        assert await ward.outcome(wanted) == ("done", "")
        stop = await ward.send(ward.order(topic="instantActions", json=a_cancel()))
        assert await ward.outcome(stop) == ("done", "")

        long = await ward.send(ward.order(json=an_order()[:-1] + " " * (MOST_JSON - len(an_order())) + "}"))
        assert await ward.outcome(long) == ("done", "")

        utc_us = time.time_ns() // 1000
        await ward.send(wanted)  # again
        await ward.send(ward.order(expires_us=utc_us - 1))
        await ward.send(ward.order(gateway="ward-b"))
        await ward.send(ward.order(), Signer(new_authority(now())[0]))
        refused = [
            await ward.send(ward.order(vehicle="robot-9")),
            await ward.send(ward.order(json="{}")),
            await ward.send(ward.order(json=an_order().replace("AGV-1", "AGV-2"))),
            await ward.send(ward.order(topic="state", json="{}")),
            await ward.send(ward.order(json=f'"{"x" * MOST_JSON}"')),
        ]
        assert [(await ward.outcome(one))[0] for one in refused] == ["refused"] * 5
        assert "serves no robot robot-9" in (await ward.outcome(refused[0]))[1]
        await until(lambda: ward.refused() == 3, "expired, another gateway's and a stranger's are counted")

        await ward.send(ward.order(topic="instantActions", json=a_cancel()))
        await until(lambda: len(robot.heard) == 4, "the last stop")
        said = [one.arguments for one in (wanted, stop, long, stop)]
        assert robot.heard == [(one["topic"], str(one["json"]).encode()) for one in said]


async def test_with_the_uplink_cut_states_go_on_into_the_journal_and_nothing_is_said_to_the_robot(
    ward: Ward,
) -> None:
    async with RobotAtBroker(ward.broker) as robot:
        await ward.are_connected(robot)
        ward.controller.stop()
        for number in range(20):
            await robot.say(state(number, number, last_node_id=f"node-{number}"))
        late = ward.order()
        ward.controller.start()
        await until(lambda: {f"node-{number}" for number in range(20)} <= ward.nodes(), "all states")
        assert robot.heard == []
        await ward.send(late)
        assert await ward.outcome(late) == ("done", "")
    assert ward.peer.missing() == {}


async def test_an_order_that_the_gateway_began_is_not_done_again_after_kill_9(ward: Ward) -> None:
    async with RobotAtBroker(ward.broker) as robot:
        await ward.are_connected(robot)
        order = await ward.send(ward.order())
        await until(lambda: robot.heard, "the order")
        ward.gateway.end(signal.SIGKILL)
        born = len(ward.peer.births)
        ward.gateway.start()
        await until(lambda: len(ward.peer.births) > born, "it is back")
        await ward.send(order)
        assert (await ward.outcome(order))[0] in ("done", "interrupted")
        stop = await ward.send(ward.order(topic="instantActions", json=a_cancel()))
        await ward.outcome(stop)
        assert [topic for topic, _ in robot.heard] in (["order"], ["order", "instantActions"])


async def test_an_order_for_a_robot_that_went_fails_and_says_so(ward: Ward) -> None:
    async with RobotAtBroker(ward.broker) as robot:
        await ward.are_connected(robot)
    await until(lambda: ward.told(EventKind.DISCONNECTED), "it went")
    order = await ward.send(ward.order())
    assert await ward.outcome(order) == ("failed", "robot-1 is not there: it is not told to drive")


async def test_what_a_robot_says_is_read_at_the_controller_as_it_said_it(ward: Ward) -> None:
    async with RobotAtBroker(ward.broker) as robot:
        await ward.are_connected(robot)
        await until(lambda: "dock" in ward.nodes(), "its state")
    [one] = [one for one in ward.told(EventKind.VEHICLE) if one["topic"] == "state"]
    assert decode(Topic.STATE, one["json"].encode()) == state()
    assert ward.told(EventKind.BATTERY) == [{"percent": 80}]
