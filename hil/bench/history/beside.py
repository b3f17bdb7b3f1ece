"""What rolling up and dropping cost the intake: the product's own, on a store with old rows, in this process.

Two runs make a pair, in turns: one with the keeper of history at work beside the intake, one without. In each
blocks of readings come as fast as they are taken, then one every 20 ms, timed from its offer to its receipt.
The store begins with rows old enough to be dropped, so the keeper does both of its tasks all the time.
"""

import asyncio
import secrets
import shutil
import sqlite3
import time
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from controller.anchors import Anchors
from controller.announce import Announcer
from controller.app import kept
from controller.clock import SystemClock
from controller.history.keeper import Keeper
from controller.hub import Hub
from controller.ingest import Arrived
from controller.intake import Intake
from controller.ledger import Ledger
from controller.plan import Planner
from controller.presence import Presence
from controller.registry import Registry
from controller.sections import HistorySection
from controller.store import Store
from devices.model.identity import DeviceId
from devices.model.observation import Instant, Quality, Reading
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.messages import read_receipt
from devices.wire.records import Group
from hil.bench.history.filled import METRICS, Filled

DEVICES, READINGS = 100, 60
"""Devices that blocks come from in turn; readings of a block."""
BLOCKS, UNDER_WAY = 2500, 64
"""Blocks that are offered as fast as they are taken; how many of them may wait for their receipts."""
PACED, PACE_S = 250, 0.02
OLD_DAYS = 2
"""Of the rows that can be dropped."""
_START_US = 1_000_000_000_000
_AGED = """INSERT INTO hour_run (hour, at_ms, next_observation, next_waveform)
SELECT value, 0, (SELECT max(id) + 1 FROM observation), 0 FROM json_each('[1, 25]')"""
_COUNTS = """SELECT ifnull(sum(records), 0) AS dropped,
  (SELECT value FROM meta WHERE key = 'rolled-up') AS rolled_up FROM dropped"""


@dataclass(frozen=True, slots=True)
class Run:
    """Readings stored a second, CPU of all for each, delays of paced blocks in ms, and the keeper's work."""

    readings_per_s: float
    cpu_us: float
    delays_ms: list[float]
    rolled_up: int
    dropped: int


class _Source:
    """Makes blocks, offers them, and sees which are receipted."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self._journal, self._boot = secrets.token_bytes(8), secrets.token_bytes(16)
        self._receipted = asyncio.Event()
        self.made = self.offered = self.settled = 0

    def send(self, topic: str, payload: bytes) -> None:
        """What the intake would publish."""
        if topic.endswith("/receipt"):
            self.settled = max(last + 1 for _, last in read_receipt(payload).committed)
            self._receipted.set()

    def block(self) -> Arrived:
        """Readings of one device, just sealed."""
        now_us = self._clock.now_us()
        begin_us = now_us - 1_000_000 - _START_US
        readings = [
            Reading(metric, Instant((begin_us + n) * 1000), Decimal(60 + n), None, Quality.GOOD)
            for n in range(READINGS // len(METRICS))
            for metric in METRICS
        ]
        clock = BlockClock(self._boot, now_us - _START_US, None, Sync.UNSET, None)
        group = Group(DeviceId(f"monitor-{self.made % DEVICES}"), None, readings)
        payload = seal(self._journal, Lane.VITAL, self.made, clock, [group])
        self.made += 1
        return Arrived("wl/1/ward-a/up/vital", payload, now_us)

    async def offer(self, intake: Intake, block: Arrived, under_way: int) -> None:
        """Offer a block and wait until at most so many have no receipt."""
        intake.offer(block)
        self.offered += 1
        while self.offered - self.settled > under_way:
            self._receipted.clear()
            await self._receipted.wait()


def prepare(folder: Path) -> Path:
    """A store whose rows are all rolled up, a day old, and can be dropped."""
    database = folder / "old.sqlite"
    asyncio.run(_at_work(database))
    filled = Filled(database, beds=2, from_us=SystemClock().now_us() - 30 * 86_400_000_000, days=OLD_DAYS)
    filled.fill(OLD_DAYS)
    asyncio.run(_at_work(database))
    with closing(sqlite3.connect(database)) as db, db:
        db.execute(_AGED)
    return database


async def _at_work(database: Path) -> None:
    """Make the database if there is none, and bring its rollups up to date."""
    store = await Store.open(database)
    await Keeper(store, SystemClock(), HistorySection()).roll_up()
    await store.close()


async def run(old: Path, folder: Path, *, with_keeper: bool) -> Run:
    """One run on a copy of the store `old`, in `folder`, which does not exist before or after."""
    store = await Store.open(_copied(old, folder))
    clock = SystemClock()
    source = _Source(clock)
    intake = await _intake(store, clock, source)
    keeper = Keeper(store, clock, HistorySection(reading_days=1))
    blocks = [source.block() for _ in range(BLOCKS)]
    [before] = await store.read(_COUNTS)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(store.close)
        await stack.enter_async_context(kept("intake", intake.run))
        if with_keeper:
            await stack.enter_async_context(kept("history", keeper.run))
        started, cpu = time.perf_counter(), time.process_time()
        for block in blocks:
            await source.offer(intake, block, UNDER_WAY)
        readings = (BLOCKS - UNDER_WAY) * READINGS
        rate = readings / (time.perf_counter() - started)
        cpu_us = (time.process_time() - cpu) * 1e6 / readings
        delays = [await _paced(intake, source) for _ in range(PACED)]
        [after] = await store.read(_COUNTS)
    shutil.rmtree(folder)
    rolled_up = after["rolled_up"] - before["rolled_up"]
    return Run(rate, cpu_us, delays, rolled_up, after["dropped"] - before["dropped"])


def _copied(old: Path, folder: Path) -> Path:
    folder.mkdir()
    return Path(shutil.copy(old, folder / "wardlink.sqlite"))


async def _paced(intake: Intake, source: _Source) -> float:
    await asyncio.sleep(PACE_S)
    block = source.block()
    started = time.perf_counter()
    await source.offer(intake, block, 0)
    return (time.perf_counter() - started) * 1000


async def _intake(store: Store, clock: SystemClock, source: _Source) -> Intake:
    hub = Hub(clock, "bench")
    registry = Registry(store, hub, clock)
    await registry.load()
    ledger = Ledger()
    return Intake(
        store=store,
        ledger=ledger,
        planner=Planner(ledger, Anchors(), registry),
        registry=registry,
        announcer=Announcer(hub, Presence(), clock),
        clock=clock,
        send=source.send,
    )
