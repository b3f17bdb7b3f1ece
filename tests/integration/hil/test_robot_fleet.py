"""Simulated robots at the demo's broker: the fleet's master has them carry by way of the gateway's links.

The broker is the one of `hil/sims/robots/broker.py`, the robots their process as it runs in the demo.
"""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from controller.robots.vehicles import Condition
from devices.model.observation import EventKind
from devices.profiles import profile
from gateway.clock import SystemClock
from gateway.config import DeviceConfig
from gateway.errors import Unreachable
from gateway.links import Outlet
from gateway.links.backoff import Backoff
from gateway.links.mqtt import Credentials
from gateway.links.robot import RobotLink
from gateway.mqtt import Connection, connected
from hil.sims.robots.broker import RobotBroker
from hil.sims.robots.files import Spot, write_fleet
from tests.support.broker_process import free_port
from tests.support.robot_map import SPEED_M_S, corridors, place
from tests.support.robot_master import MakeLink, MasterAtBroker
from tests.support.waiting import until, wait_for


class Robots:
    """The process of robots, one at each place that is named, and their broker."""

    def __init__(self, folder: Path, *places: str) -> None:
        self._folder = folder
        self.broker = RobotBroker(folder / "broker", free_port())
        self.broker.write()
        self.serials = [f"robot-{number}" for number in range(1, len(places) + 1)]
        spots = (
            Spot(serial, *place(name), "floor") for serial, name in zip(self.serials, places, strict=True)
        )
        self._file = write_fleet(folder / "fleet.toml", self.broker, spots, speed=SPEED_M_S, handling=0.5)

    def start(self) -> None:
        """The broker and the robots."""
        module = "hil.sims.robots.fleet"
        robots = [sys.executable, "-m", module, str(self._file), "--plugs", str(self._folder)]
        self.processes = [subprocess.Popen(self.broker.command), subprocess.Popen(robots)]

    def stop(self) -> None:
        """All that still runs, the robots first."""
        for one in reversed(self.processes):
            one.terminate()
            one.wait(10)

    def do(self, serial: str, word: str) -> None:
        """Somebody does something to a robot."""
        wait_for(self.plug(serial).exists, "the robot has its plug")
        self.plug(serial).write_text(f"{word}\n", encoding="utf-8")

    def plug(self, serial: str) -> Path:
        """Its plug."""
        return self._folder / serial

    def links(self) -> dict[str, MakeLink]:
        """The gateway's links to them."""
        return {serial: lambda outlet, s=serial: self._link(s, outlet) for serial in self.serials}

    def _link(self, serial: str, outlet: Outlet) -> RobotLink:
        device = DeviceConfig(
            id=serial,
            profile="vda5050-vehicle",
            broker=self.broker.url,
            address=f"uagv/v2/Wardlink/{serial}",
            credentials=self.broker.gateway,
        )
        model = profile("vda5050-vehicle")
        return RobotLink(device, model, SystemClock(), outlet, backoff=Backoff(0.05, 0.2))


@pytest.fixture
def robots(tmp_path: Path) -> Iterator[Robots]:
    made = Robots(tmp_path, "P1", "P2")
    made.start()
    yield made
    made.stop()


async def test_a_robot_carries_what_is_wanted_and_stands_while_its_emergency_stop_is_pressed(
    robots: Robots,
) -> None:
    async with MasterAtBroker(corridors(), robots.links()) as ruled:
        await until(lambda: len(ruled.master.fleet.vehicles) == 2, "both are known")
        ruled.wants("T1", "A", "B")
        await until(lambda: ruled.stage("T1") == "picked", "it has it")
        robots.do("robot-1", "e-stop")
        await until(lambda: any("emergency stop" in one for one in ruled.asks()), "a person is asked")
        assert ruled.stage("T1") == "picked"
        robots.do("robot-1", "released")
        await until(lambda: ruled.stage("T1") == "delivered", "it is delivered")
        assert ruled.ears["robot-1"].events(EventKind.STATUS)


async def test_a_robot_that_dies_on_its_way_keeps_its_place_and_is_given_its_way_anew_when_it_is_back(
    robots: Robots,
) -> None:
    async with MasterAtBroker(corridors(), robots.links()) as ruled:
        await until(lambda: len(ruled.master.fleet.vehicles) == 2, "both are known")
        ruled.wants("T1", "A", "B")
        await until(lambda: (s := ruled.state("robot-1")) and s.last_node_id == "W1", "it is on its way")
        robots.do("robot-1", "dead")
        await ruled.ears["robot-1"].until_presence("link-broken")
        await until(lambda: any("CONNECTIONBROKEN" in one for one in ruled.asks()), "a person is asked")
        held, said = ruled.held("robot-1"), len(ruled.orders())
        assert held, "its way stays its own"
        robots.do("robot-1", "alive")
        await until(lambda: ruled.stage("T1") == "delivered", "it is delivered after all")
        assert ruled.orders()[said:], "it was told its way anew"
        assert ruled.master.fleet.vehicles["robot-1"].condition == Condition.READY


async def test_at_the_demos_broker_robots_cannot_order_each_other_nor_hear_each_other(robots: Robots) -> None:
    wait_for(robots.plug("robot-1").exists, "the process runs")
    order, state = (f"uagv/v2/Wardlink/robot-9/{one}" for one in ("order", "state"))
    async with client(robots.broker, robots.broker.robots) as robot:
        await robot.subscribe(order)
        await robot.publish(order, b"from a robot", qos=0)
        with pytest.raises(Unreachable, match="refuses a subscription"):
            await robot.subscribe(state)
    async with (
        client(robots.broker, robots.broker.robots) as robot,
        client(robots.broker, robots.broker.gateway) as gateway,
    ):
        await robot.subscribe(order)
        await gateway.publish(order, b"from the gateway", qos=0)
        assert await anext(aiter(robot.messages())) == (order, b"from the gateway")


async def test_robots_end_when_they_are_told_to_also_without_their_broker(robots: Robots) -> None:
    async with MasterAtBroker(corridors(), robots.links()) as ruled:
        await until(lambda: len(ruled.master.fleet.vehicles) == 2, "both are known")
    robots.processes[0].kill()
    robots.stop()
    assert not robots.plug("robot-1").exists()


@asynccontextmanager
async def client(broker: RobotBroker, credentials: Path) -> AsyncIterator[Connection]:
    using = Credentials.read(credentials)
    async with connected(broker.url, using.tls, client_id=os.urandom(4).hex(), login=using.login) as made:
        yield made
