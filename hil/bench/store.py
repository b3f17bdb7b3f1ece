"""What storing costs: the same blocks into SQLite and into PostgreSQL, each batch a transaction, in one run.

    ./run bench store [--turns N]

Both wait for the disk. CPU is of this process and of the server's; neither MQTT nor a page is measured.
"""

import asyncio
import os
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from controller.anchors import Anchors
from controller.clock import SystemClock
from controller.hub import Hub
from controller.ingest import Arrived, read
from controller.intake import devices_of
from controller.ledger import Ledger
from controller.plan import Planner
from controller.registry import Registry
from controller.store import Store
from controller.store.blocks import BlockWriter
from devices.model.identity import DeviceId
from devices.model.observation import Instant, Quality, Reading
from devices.wire import topics
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.records import Group
from hil.postgres import Server
from hil.prepare import quiet_port

READINGS = 20
"""In a block."""
TOGETHER = (1, 16, 128)
"""Blocks in a transaction."""
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Took:
    """Of each turn: seconds for a transaction; CPU seconds of ours and of the server's."""

    wall: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)


async def measure(turns: int) -> dict[tuple[str, int], Took]:
    """By database and blocks in a transaction; the two take turns."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as held, Server.made(quiet_port()) as server:
        folder = Path(held)
        (beside := folder / "beside").mkdir()  # a server's database would be refused beside the other's file
        there = await Store.open(server.database("wardlink"), folder=beside)
        arms = {
            "SQLite": await Arm.made(await Store.open(folder / "wardlink.sqlite"), None),
            "PostgreSQL": await Arm.made(there, server.pid),
        }
        took = {(name, together): Took() for together in TOGETHER for name in arms}
        for turn in range(turns + 1):
            for together in TOGETHER:
                for name, arm in sorted(arms.items(), reverse=bool(turn % 2)):
                    await arm.go(
                        together, took[name, together] if turn else Took()
                    )  # the first is to warm up
        for arm in arms.values():
            await arm.store.close()
        return took


@dataclass(slots=True)
class Arm:
    """One that stores, with blocks of one device of `gateway`."""

    store: Store
    server: int | None
    planner: Planner
    registry: Registry
    ledger: Ledger
    clock: SystemClock
    gateway: str = "ward-a"
    writer: BlockWriter = field(default_factory=BlockWriter)
    journal: bytes = field(default_factory=lambda: secrets.token_bytes(8))
    boot: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    number: int = 0

    @classmethod
    async def made(cls, store: Store, server: int | None, gateway: str = "ward-a") -> "Arm":
        """`server`: the process of PostgreSQL, whose time is told."""
        clock, ledger = SystemClock(), Ledger()
        registry = Registry(store, Hub(clock, "bench"), clock)
        await registry.load()
        return cls(store, server, Planner(ledger, Anchors(), registry), registry, ledger, clock, gateway)

    async def go(self, together: int, took: Took, *, beside_others: bool = False) -> bool:
        """One transaction; `beside_others`: if it may, others that do so run at the same time. Returns
        whether it might."""
        now_us, topic = self.clock.now_us(), topics.up(self.gateway, "vital")
        verdicts = [read(Arrived(topic, self._block(now_us), now_us)) for _ in range(together)]
        batch = self.planner.plan(verdicts, now_us // 1000).batch
        began, ours, theirs = time.perf_counter(), time.process_time(), _cpu_s(self.server)

        def work(db: sqlite3.Connection) -> None:
            self.writer.write(db, batch)

        beside_others = beside_others and self.writer.keeps_to_itself(batch)
        await self.store.write(work, beside_others=beside_others)
        took.wall.append(time.perf_counter() - began)
        took.ours.append(time.process_time() - ours)
        took.theirs.append(_cpu_s(self.server) - theirs)
        for block in batch.blocks:
            self.ledger.stored(block.key, block.number, readable=True)
        self.registry.learned(batch.owners.values(), devices_of(batch), batch.moves, batch.now_ms)
        return beside_others

    def _block(self, now_us: int) -> bytes:
        values = [
            Reading("hr", Instant((now_us - n * 1000) * 1000), Decimal(60 + n), None, Quality.GOOD)
            for n in range(READINGS)
        ]
        self.number += 1
        clock = BlockClock(self.boot, now_us, None, Sync.UNSET, None)
        return seal(
            self.journal,
            Lane.VITAL,
            self.number - 1,
            clock,
            [Group(DeviceId(f"ox-{self.gateway}"), None, values)],
        )


def _cpu_s(server: int | None) -> float:
    """Of the postmaster's children that live, user and system (proc(5), stat); in ticks of 10 ms."""
    if server is None:
        return 0.0
    children = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
    stats = (
        Path(f"/proc/{one}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for one in children
    )
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / _TICKS


def table(took: dict[tuple[str, int], Took]) -> Iterator[str]:
    """For people."""
    yield "CPU is of one reading, in µs: of the controller, and of the server"
    yield f"{'':12}{'blocks':>8}{'ms each':>10}{'blocks/s':>10}{'ours':>10}{'theirs':>11}"
    for (name, together), one in took.items():
        readings = len(one.wall) * together * READINGS
        middle = median(one.wall)
        ours, theirs = sum(one.ours) / readings * 1e6, sum(one.theirs) / readings * 1e6
        yield (
            f"{name:12}{together:8}{middle * 1000:10.1f}{together / middle:10.0f}{ours:10.1f}{theirs:11.1f}"
        )


def command(turns: Annotated[int, typer.Option(help="Transactions of each kind.")] = 100) -> None:
    """Storing blocks in SQLite and in PostgreSQL, side by side."""
    for line in table(asyncio.run(measure(turns))):
        typer.echo(line)
