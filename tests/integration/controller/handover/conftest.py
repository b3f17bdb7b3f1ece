"""A running controller, a ride in its database, and what devices measured on it."""

import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from controller.security.permissions import Role
from controller.stays import unknown
from controller.store import Store
from devices.model.observation import NoValue, Quality
from tests.support.controller import RunningController, quick_passwords, running

MINUTE_MS = 60_000
BOX_STAY = "00112233aabbccdd"
UNKNOWN_MAN = unknown(BOX_STAY)


class Ride:
    """Half an hour on the road, then a bed: rows as ingest and the crew's follower write them."""

    def __init__(self, store: Store, now_ms: int) -> None:
        self.store, self.now_ms = store, now_ms
        self.begun_ms, self.arrived_ms = now_ms - 35 * MINUTE_MS, now_ms - 5 * MINUTE_MS
        self._place = 0

    async def put(self, query: str, *values: Any) -> int:
        """What the statement returns; 0: nothing."""

        def work(db: sqlite3.Connection) -> int:
            done = db.execute(query, values)
            return done.fetchone()[0] if done.description else 0

        return await self.store.write(work)

    async def begin(self) -> None:
        await self.put("INSERT INTO stream VALUES (1, x'01', 1, 'rig', 1, 0)")
        add = """INSERT INTO stay (id, bed, identifier, name, from_ms, to_ms, by, gateway, box_stay)
          VALUES (?, ?, ?, 'unknown, male', ?, ?, ?, ?, ?)"""
        crew = self.arrived_ms, "crew:Li", "rig", BOX_STAY
        await self.put(add, 101, "bed-2", UNKNOWN_MAN, self.begun_ms, *crew)
        await self.put(add, 102, "bed-1", UNKNOWN_MAN, self.arrived_ms, None, "nurse", None, None)

    async def measure(
        self,
        bed: str,
        metric: str,
        minute: float,
        value: float | None,
        quality: int = 0,
        device: str = "ox-1",
    ) -> None:
        """So many minutes after the beginning of the ride."""
        find = "SELECT id FROM series WHERE device = ? AND bed = ? AND metric = ?"
        rows = await self.store.read(find, (device, bed, metric))
        add = "INSERT INTO series (device, bed, metric) VALUES (?, ?, ?) RETURNING id"
        series = rows[0]["id"] if rows else await self.put(add, device, bed, metric)
        reason = int(NoValue.NO_CONTACT) if value is None else None
        self._place += 1
        query = """INSERT INTO observation
          (stream, number, place, boot, mono_us, at_us, series, value, reason, quality)
          VALUES (1, 1, ?, 1, 0, ?, ?, ?, ?, ?)"""
        await self.put(query, self._place, self._at_us(minute), series, value, reason, quality)

    async def tell(self, kind: str, minute: float, stay: int | None = 101, **detail: Any) -> None:
        """The crew tells something at the box."""
        told = json.dumps({"event": "0" * 16, "vehicle": "bed-2", "by": "Li", "stay": BOX_STAY, **detail})
        self._place += 1
        query = """INSERT INTO device_event
          (stream, number, place, boot, mono_us, at_us, gateway, device, bed, kind, detail)
          VALUES (1, 2, ?, 1, 0, ?, 'rig', NULL, NULL, ?, ?) RETURNING id"""
        event = await self.put(query, self._place, self._at_us(minute), kind, told)
        problem = None if stay else "it waits for its patient"
        at_ms = self._at_us(minute) // 1000
        query = """INSERT INTO crew_event (event, gateway, kind, vehicle, box_stay, at_ms, stay, problem)
          VALUES (?, 'rig', ?, 'bed-2', ?, ?, ?, ?)"""
        await self.put(query, event, kind, BOX_STAY, at_ms, stay, problem)

    async def alarm(self, minute: float, active: bool, **detail: Any) -> None:
        self._place += 1
        query = """INSERT INTO alert
          (stream, number, place, boot, mono_us, at_us, gateway, device, bed, code, priority, active, detail)
          VALUES (1, 3, ?, 1, 0, ?, 'rig', 'ox-1', 'bed-2', 'spo2-low', 2, ?, ?)"""
        told = json.dumps({"alarm": 7, "value": "88", "limit": "90", **detail})
        await self.put(query, self._place, self._at_us(minute), int(active), told)

    def _at_us(self, minute: float) -> int:
        return (self.begun_ms + int(minute * MINUTE_MS)) * 1000

    async def fill(self) -> None:
        """What a crew and devices would tell."""
        for minute in range(30):
            await self.measure("bed-2", "spo2", minute + 0.5, 90 + minute % 3)
        await self.measure("bed-2", "latitude", 1, 48.1)
        await self.measure("bed-1", "spo2", 31, 95)
        await self.measure("bed-1", "spo2", 32, 60, quality=int(Quality.ARTIFACT))
        await self.measure("bed-1", "spo2", 34.99, None)
        for metric, value in (("nibp_sys", 98), ("nibp_dia", 61)):
            await self.measure("bed-1", metric, 33, value)
        await self.tell("patient", 0, action="begin", sex="male", age=60)
        await self.tell("mark", 9, code="drug-given", text="adrenaline 1 mg")
        await self.tell("mark", 10, code="intubation")
        await self.tell("checklist", 11, list="stroke", item="face", done=1)
        await self.tell("checklist", 12, list="stroke", item="face", done=0)
        await self.tell("mark", 13, stay=None, code="note", text="whose is this?")
        await self.alarm(9, True)
        await self.alarm(10, True, seen=1, over=1)
        await self.alarm(11, False, seen=1)
        add = """INSERT INTO assessment (stay, kind, value, at_ms, by)
          VALUES (101, 'consciousness', ?, ?, 'crew:Li')"""
        await self.put(add, '{"acvpu": "V"}', self.begun_ms + 5 * MINUTE_MS)
        asked = """INSERT INTO arrival_request (stay, resource, note, asked_ms, asked_by)
          VALUES (101, 'cath-lab', 'STEMI', ?, 'crew:Li')"""
        await self.put(asked, self.begun_ms + 6 * MINUTE_MS)


@pytest_asyncio.fixture
async def controller(tmp_path: Path) -> AsyncIterator[RunningController]:
    with quick_passwords():
        async with running(tmp_path, nurse=Role.NURSE, auditor=Role.AUDITOR) as started:
            await started.add_bed("bed-1", "Bed 1", ["ox-1"])
            await started.add_bed("bed-2", "Ambulance 1")
            await started.add_bed("bed-3", "Bed 3")
            yield started


@pytest_asyncio.fixture
async def ride(controller: RunningController) -> Ride:
    if isinstance(controller.store.where, Path):
        controller.store._writer.execute("PRAGMA synchronous = OFF")  # many rows, and no power cut here
    found = Ride(controller.store, controller.clock.now_us() // 1000)
    await found.begin()
    await found.fill()
    await controller.registry.load()
    return found
