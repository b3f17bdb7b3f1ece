"""Vehicles at a running controller without a broker: what they say is put where ingest puts it, and what they
are told is taken from where commands are sent from.

here = RobotsHere(controller, {"robot-1": "park-1"})
async with here.living():
    ...                                       # robots drive, and the controller rules them
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from controller.robots.map import demo
from controller.robots.told import Said
from devices.codecs.vda5050.geometry import Pose
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import V2_1
from devices.model.observation import EventKind
from tests.support.controller import RunningController
from tests.support.robots import Robot

STEP_S = 0.1
PACE = 12.0
"""How much quicker than the map allows: nobody waits for a test."""
_EVENT = """INSERT INTO device_event
(stream, number, place, boot, mono_us, at_us, utc_us, gateway, device, kind, detail)
VALUES (0, 0, 0, 0, ?1, ?1, ?1, 'gw-a', ?2, ?3, ?4)"""
_SENT = "SELECT id, robot, topic, json, command FROM robot_message WHERE id > ? ORDER BY id"


class RobotsHere:
    """`robots` by name; `silent`: those of which nothing reaches the controller."""

    def __init__(self, controller: RunningController, places: Mapping[str, str]) -> None:
        self.controller = controller
        self.robots = {name: _robot(name, node) for name, node in places.items()}
        self.silent: set[str] = set()
        self._last = 0

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """They live as long as the block."""
        await self._begin()
        life = asyncio.create_task(self._live())
        try:
            yield
        finally:
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)
        assert life.cancelled(), life.exception()

    async def _begin(self) -> None:
        if "gw-a" not in self.controller.registry.gateways:
            await self.controller.registry.add_gateway("gw-a", "Gateway A")
        now_ms = self._now_ms()
        rows = [
            (name, EventKind.VEHICLE, {"topic": Topic.FACTSHEET, "json": robot.sheet(now_ms).decode()})
            for name, robot in self.robots.items()
        ]
        await self._tell(rows, now_ms)

    async def _live(self) -> None:
        while True:
            now_ms = self._now_ms() // 100 * 100
            rows: list[tuple[str | None, str, Mapping[str, Any]]] = []
            for name, robot in self.robots.items():
                told = robot.step(now_ms)
                rows += [(name, one.kind, one.detail) for one in told if name not in self.silent]
            await self._tell([*rows, *await self._take(now_ms)], now_ms)
            await asyncio.sleep(STEP_S)

    async def _take(self, now_ms: int) -> list[tuple[None, str, Mapping[str, Any]]]:
        """What they were told since; and that it was done."""
        done: list[tuple[None, str, Mapping[str, Any]]] = []
        for row in await self.controller.store.read(_SENT, (self._last,)):
            self._last = row["id"]
            if row["robot"] in self.silent:
                continue
            self.robots[row["robot"]].take(
                Said(row["robot"], 0, row["topic"], row["json"], now_ms, ""), now_ms
            )
            done.append((None, EventKind.COMMAND, {"id": row["command"], "outcome": "done"}))
        return done

    async def _tell(self, rows: list[Any], now_ms: int) -> None:
        values = [(now_ms * 1000, name, str(kind), json.dumps(dict(detail))) for name, kind, detail in rows]
        if values:
            await self.controller.store.write(lambda db: db.executemany(_EVENT, values))

    def _now_ms(self) -> int:
        return self.controller.clock.now_us() // 1000


def _robot(name: str, node: str) -> Robot:
    at = demo().by_id[node]
    robot = Robot(name, Pose(at.x, at.y, 0.0, at.map), V2_1)
    robot.base.pace, robot.base.hands_ms, robot.base.ride_ms, robot.base.step_ms = PACE, 200, 200, 100
    physical = replace(robot.vehicle._factsheet.physical_parameters, speed_max=PACE * 2)
    robot.vehicle._factsheet = replace(robot.vehicle._factsheet, physical_parameters=physical)
    return robot
