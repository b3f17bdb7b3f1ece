"""A robot's link against a real mosquitto: what it hears and publishes, and how it knows who is there."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devices.codecs.vda5050.bridge import Bridge
from devices.codecs.vda5050.words import ConnectionState
from devices.model.observation import EventKind
from devices.profiles import Profile, VehicleLink, profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.errors import LinkError, OrderRefused
from gateway.links.backoff import Backoff
from gateway.links.robot import RobotLink
from tests.support.links import Heard, running
from tests.support.node_broker import NodeBroker
from tests.support.robot import PREFIX, RULES, RobotAtBroker, a_cancel, an_order, connection, state
from tests.support.waiting import DEADLINE_S, until


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[NodeBroker]:
    with NodeBroker(tmp_path / "mosquitto", RULES) as made:
        yield made


@pytest.fixture
def heard() -> Heard:
    return Heard()


def link_of(broker: NodeBroker, heard: Heard, model: Profile | None = None) -> RobotLink:
    credentials = broker.of_gateway(broker.folder)
    device = DeviceConfig(
        id="robot-1", profile="vda5050-vehicle", broker=broker.url, address=PREFIX, credentials=credentials
    )
    model = model or profile("vda5050-vehicle")
    return RobotLink(device, model, SystemClock(), heard, backoff=Backoff(0.05, 0.1))


@pytest.fixture
async def link(broker: NodeBroker, heard: Heard) -> AsyncIterator[RobotLink]:
    made = link_of(broker, heard)
    async with running(made):
        yield made


async def told(robot: RobotAtBroker, heard: Heard) -> None:
    """The robot is there. What it says before the link has subscribed is lost (QoS 0), and said again."""
    async with asyncio.timeout(DEADLINE_S):
        while heard.presence[-1:] != ["connected"]:
            await robot.say(state())
            await asyncio.sleep(0.1)


async def test_it_connects_with_its_first_state_and_is_heard_from_then_on(
    broker: NodeBroker, link: RobotLink, heard: Heard
) -> None:
    async with RobotAtBroker(broker) as robot:
        await until(lambda: heard.events(EventKind.VEHICLE), "its connection, which is retained")
        assert heard.presence == []
        await told(robot, heard)
        await robot.say(state(last_node_id="A"))
        await until(lambda: len(heard.events(EventKind.VEHICLE)) == 3, "connection and two states")
    await heard.until_presence("offline")


async def test_a_robot_that_vanishes_is_lost_by_its_will_and_back_with_its_next_state(
    broker: NodeBroker, link: RobotLink, heard: Heard
) -> None:
    async with RobotAtBroker(broker) as robot:
        await told(robot, heard)
        robot.vanish()
        await heard.until_presence("link-broken")
    async with RobotAtBroker(broker) as robot:
        await told(robot, heard)
    assert [one.detail for one in heard.events(EventKind.STATUS)] == [{"link-broken": 1}, {"link-broken": 0}]


async def test_a_robot_that_tells_no_state_is_silent_whatever_else_it_says(
    broker: NodeBroker, heard: Heard
) -> None:
    model = replace(profile("vda5050-vehicle"), link=VehicleLink(codec=lambda: Bridge(longest_s=0.3)))
    async with running(link_of(broker, heard, model)), RobotAtBroker(broker) as robot:
        await told(robot, heard)
        await heard.until_presence("silent")
        await told(robot, heard)


async def test_an_order_reaches_it_byte_for_byte_and_once(
    broker: NodeBroker, link: RobotLink, heard: Heard
) -> None:
    async with RobotAtBroker(broker) as robot:
        await told(robot, heard)
        await link.order("order", an_order())
        await link.order("instantActions", a_cancel())
        await until(lambda: len(robot.heard) == 2, "both")
        assert robot.heard == [("order", an_order().encode()), ("instantActions", a_cancel().encode())]


async def test_a_robot_that_is_not_there_gets_no_order_but_may_be_stopped(
    broker: NodeBroker, link: RobotLink, heard: Heard
) -> None:
    async with RobotAtBroker(broker) as robot:
        await told(robot, heard)
        await robot.say(connection(ConnectionState.CONNECTIONBROKEN))
        await heard.until_presence("link-broken")
        with pytest.raises(LinkError, match="robot-1 is not there"):
            await link.order("order", an_order())
        await link.order("instantActions", a_cancel())
        await until(lambda: robot.heard, "the stop")
        assert [topic for topic, _ in robot.heard] == ["instantActions"]


async def test_what_is_no_order_for_it_is_refused_and_nothing_is_published(
    broker: NodeBroker, link: RobotLink, heard: Heard
) -> None:
    async with RobotAtBroker(broker) as robot:
        await told(robot, heard)
        for wrong in ("{}", an_order().replace("AGV-1", "AGV-2"), a_cancel(), "no json"):
            with pytest.raises(OrderRefused, match="robot-1 is not told that"):
                await link.order("order", wrong)
        await link.order("order", an_order())
        await until(lambda: robot.heard, "the good one")
        assert len(robot.heard) == 1


async def test_the_broker_killed_and_back_is_told_and_no_order_waits_for_it(
    broker: NodeBroker, link: RobotLink, heard: Heard
) -> None:
    async with RobotAtBroker(broker) as robot:
        await told(robot, heard)
        broker.kill()
        await heard.until_presence("unreachable")
        with pytest.raises(LinkError):
            await link.order("order", an_order())
        broker.start()
    async with RobotAtBroker(broker) as robot:
        await told(robot, heard)
        assert robot.heard == []


async def test_bad_messages_are_counted_and_the_next_good_one_is_read(
    broker: NodeBroker, link: RobotLink, heard: Heard
) -> None:
    async with RobotAtBroker(broker) as robot:
        await until(lambda: heard.events(EventKind.VEHICLE), "it listens: what comes before that is lost")
        await robot.say_bytes("state", b"{")
        await until(lambda: heard.events(EventKind.BAD_BYTES), "the bad one is counted")
        await told(robot, heard)
    assert [one.detail for one in heard.events(EventKind.BAD_BYTES)] == [{"framing": 1}]
