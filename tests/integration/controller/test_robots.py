"""Robots under the running controller: what they say comes by ingest, what they are told goes by commands."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib.resources import files

import pytest

from controller.clock import SystemClock
from controller.identity.certificates import By
from controller.robots.books import Books, Carriage, Wanted
from controller.robots.map import demo
from controller.robots.told import Said, Stage
from controller.store import Store
from devices.codecs.vda5050.geometry import Pose
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import V2_1
from devices.model.identity import DeviceId
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.wire.block import Lane
from devices.wire.orders import Command
from tests.integration.controller.conftest import Site
from tests.integration.controller.test_kill import fix_ports, process
from tests.support.robots import Robot
from tests.support.sender import Connection, Sender, until
from tests.support.waiting import DEADLINE_S

BY = By("nina")
PACE = 12.0
"""How much quicker the wheels are than the map allows: nobody waits for a test."""


def with_map(site: Site) -> None:
    """The controller has robots, on the demo's map."""
    file = site.folder / "controller.toml"
    text = files("controller.robots").joinpath("demo.toml").read_text("utf-8")
    (site.folder / "map.toml").write_text(text, encoding="utf-8")
    file.write_text(file.read_text("utf-8") + '[robots]\nmap = "map.toml"\n', encoding="utf-8")


@asynccontextmanager
async def booked(site: Site) -> AsyncIterator[Books]:
    """What the controller keeps of robots, beside it."""
    store = await Store.open(site.config.database)
    try:
        yield Books(store, SystemClock())
    finally:
        await store.close()


class Box:
    """A gateway with one robot: blocks up, each command once, and what became of it."""

    def __init__(self) -> None:
        self.sender = Sender("ward-a", "robot-1")
        at = demo().by_id["park-1"]
        self.robot = Robot("robot-1", Pose(at.x, at.y, 0.0, at.map), V2_1)
        self.robot.base.pace, self.robot.base.hands_ms, self.robot.base.ride_ms = PACE, 200, 200
        self.robot.base.step_ms = 100
        physical = replace(self.robot.vehicle._factsheet.physical_parameters, speed_max=PACE * 2)
        self.robot.vehicle._factsheet = replace(self.robot.vehicle._factsheet, physical_parameters=physical)
        self._first = [*self.robot.bridge.receive_message(Topic.FACTSHEET, self.robot.sheet(0), Instant(0))]
        self._done: set[bytes] = set()
        self._answers: list[Command] = []

    async def serve(self, connection: Connection, *, until: Callable[[], bool]) -> None:
        """Live, ten steps a second, until that is so."""
        async with asyncio.timeout(3 * DEADLINE_S):
            while not until():
                self._live()
                await connection.send_pending()
                await asyncio.sleep(0.1)

    def _live(self) -> None:
        now_ms = time.monotonic_ns() // 1_000_000
        for command in self.sender.commands:
            if command.id not in self._done and command.name == "robot-order":
                self._done.add(command.id)
                topic, text = str(command.arguments["topic"]), str(command.arguments["json"])
                self.robot.take(Said("robot-1", 0, topic, text, now_ms, ""), now_ms)
                self._answers.append(command)
        at = Instant(now_ms * 1_000_000)
        first = [replace(one, at=at) for one in self._first if isinstance(one, DeviceEvent)]
        events = [*first, *self.robot.step(now_ms - now_ms % 100)]
        self._first.clear()
        if events:
            self.sender.device = DeviceId("robot-1")
            self.sender.block(*events, mono_us=now_ms * 1000)
        for command in self._answers:
            detail = {"id": command.id.hex(), "name": command.name, "outcome": "done"}
            self.sender.device = None  # type: ignore[assignment]
            self.sender.block(
                DeviceEvent(EventKind.COMMAND, at, detail), lane=Lane.ALERT, mono_us=now_ms * 1000
            )
        self._answers.clear()


async def find(books: Books, transport: str) -> Carriage:
    return await books.find(transport)


async def carried_though_killed(site: Site, box: Box, killed_when: Callable[[], bool]) -> None:
    """A transport from its wish to its end, with a kill of the controller between."""
    with_map(site)
    async with booked(site) as books:
        made = await books.ask(Wanted("pharmacy", "laboratory", "medicines", 2, "RX00000001/1"), BY)
        with process(site) as controller:
            await until(site.is_up)
            fix_ports(site, site.port)
            async with box.sender.connected(site.port, site.tls["ward-a"]) as connection:
                await box.serve(connection, until=killed_when)
                os.kill(controller.pid, signal.SIGKILL)
                assert controller.wait() == -signal.SIGKILL
        with process(site):
            await until(site.is_up)
            async with box.sender.connected(site.port, site.tls["ward-a"]) as connection:
                unloaded = lambda: len(box.robot.base.begun) > 1 and not box.robot.base.load  # noqa: E731
                await box.serve(connection, until=unloaded)
                deadline = time.monotonic() + DEADLINE_S
                while (await find(books, made.id)).state != Stage.DELIVERED:
                    assert time.monotonic() < deadline
                    box._live()
                    await connection.send_pending()
                    await asyncio.sleep(0.1)


@pytest.mark.sqlite_only("a process that is killed opens the file")
async def test_a_transport_survives_the_kill_of_the_controller_and_is_done_once(site: Site) -> None:
    box = Box()
    await carried_though_killed(site, box, lambda: bool(box.robot.base.load))
    kinds = [one.rpartition("-")[2] for one in box.robot.base.begun]
    assert kinds == ["pick", "drop"]
    sent = await site.rows("SELECT count(*) FROM robot_message WHERE topic = 'order'")
    assert sent[0][0] > 1
    told = {row[0] for row in await site.rows("SELECT kind FROM robot_decision")}
    assert {"assigned", "go", "picked", "dropped", "delivered"} <= told


@pytest.mark.sqlite_only("a process that is killed opens the file")
async def test_a_robot_that_drives_to_fetch_goes_on_with_its_order_when_the_controller_was_killed(
    site: Site,
) -> None:
    box = Box()
    await carried_though_killed(site, box, box.robot.base.driving)
    sent = await site.rows("SELECT topic, json FROM robot_message ORDER BY id")
    orders = [json.loads(text) for topic, text in sent if topic == "order"]
    # After the delivery it may be sent away, by an order that does nothing.
    to_do = [one for one in orders if any(node["actions"] for node in one["nodes"])]
    assert len({one["orderId"] for one in to_do}) == 2, "one to fetch it, one to bring it"
    assert not [text for _, text in sent if '"cancelOrder"' in text]
    told = await site.rows("SELECT robot FROM robot_decision WHERE kind IN ('assigned', 'wanted')")
    assert told == [("robot-1",)]
