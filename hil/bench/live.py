"""What one controller commits, told to another: by the broker and by PostgreSQL's NOTIFY, in turn in one run.

    ./run bench live [--seconds N]

    nobody          the blocks are committed, and nobody is told: what telling costs is what is more than this
    broker          as it is: sent on after the commit, as they came
    notify          the same frame inside the transaction, in base 64 (a notice has 8000 bytes at most)
    notify, rows    a notice names the device, and the other reads its newest rows

Latency is from the commit's return at the one until the hub of the other, which is a process of its own, has
it. CPU is of either process, for a block; that of the broker and of PostgreSQL is not told.
"""

import asyncio
import base64
import json
import secrets
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated, Any

import typer

from controller.anchors import Anchors
from controller.clock import SystemClock
from controller.hub import Hub
from controller.ingest import Arrived
from controller.ingest import read as understood
from controller.kept import kept
from controller.ledger import Ledger
from controller.mqtt import MqttLink
from controller.plan import Planner
from controller.registry import Registry
from controller.shards.frames import Frames
from controller.shards.topics import LIVE
from controller.store import Store
from controller.store.blocks import BlockWriter
from devices.model.identity import DeviceId
from devices.model.observation import Instant, Quality, Reading
from devices.wire import topics
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.records import Group
from hil.bench.live_reader import CHANNEL, ROWS
from hil.errors import NotReady
from hil.identities import lone_broker
from hil.postgres import Server
from hil.prepare import quiet_port

WAYS = ("nobody", "broker", "notify", "notify, rows")
RATES = (20, 200)
"""Blocks a second."""
READINGS = 5
"""In a block."""
SETTLE_S = 2.0
"""What is under way at the end of a turn arrives."""
_DEVICE, _GATEWAY = "ox-1", "ward-a"
_NOTIFY = f"SELECT pg_notify('{CHANNEL}', ?)"


@dataclass
class Took:
    """Of one way at one rate. Latencies in ms; CPU in µs for a block, here and there."""

    blocks: int = 0
    late_ms: list[float] = field(default_factory=list[float])
    here_us: float = 0.0
    there_us: float = 0.0


@dataclass
class Writer:
    """The controller that commits, as far as that matters here."""

    store: Store
    planner: Planner
    ledger: Ledger
    link: MqttLink
    frames: Frames = field(default_factory=lambda: Frames(secrets.token_bytes(8)))
    clock: SystemClock = field(default_factory=SystemClock)
    writer: BlockWriter = field(default_factory=BlockWriter)
    journal: bytes = field(default_factory=lambda: secrets.token_bytes(8))
    boot: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    number: int = 0

    async def go(self, way: str, rate: int, seconds: float) -> dict[int, int]:
        """So many blocks a second, those that are due in one transaction. Gives when each was committed."""
        loop, committed = asyncio.get_running_loop(), dict[int, int]()
        began, sent = loop.time(), 0
        while (passed := loop.time() - began) < seconds:
            if due := int(passed * rate) - sent:
                sent += due
                numbers = await self._commit(way, due)
                committed |= dict.fromkeys(numbers, time.monotonic_ns())
            await asyncio.sleep(1 / rate / 2)
        return committed

    async def _commit(self, way: str, count: int) -> list[int]:
        now_us, first = self.clock.now_us(), self.number
        arrived = [self._block(now_us) for _ in range(count)]
        batch = self.planner.plan([understood(one) for one in arrived], now_us // 1000).batch
        numbers, notices = list(range(first, self.number)), list[str]()
        if way == "notify":
            notices = [base64.b64encode(one).decode() for m in arrived for one in self.frames.messages([m])]
        elif way == "notify, rows":
            notices = [f"{ROWS}{_DEVICE} {','.join(map(str, numbers))}"]

        def work(db: sqlite3.Connection) -> None:
            self.writer.write(db, batch)
            for notice in notices:
                db.execute(_NOTIFY, (notice,))

        await self.store.write(work)
        if way == "broker":
            for payload in self.frames.messages(arrived):
                self.link.send(LIVE, payload)
        for block in batch.blocks:
            self.ledger.stored(block.key, block.number, readable=True)
        return numbers

    def _block(self, now_us: int) -> Arrived:
        values = [
            Reading("hr", Instant((now_us - n * 1000) * 1000), Decimal(60 + n), None, Quality.GOOD)
            for n in range(READINGS)
        ]
        clock = BlockClock(self.boot, now_us, None, Sync.UNSET, None)
        groups = [Group(DeviceId(_DEVICE), None, values)]
        sealed = seal(self.journal, Lane.VITAL, self.number, clock, groups)
        self.number += 1
        return Arrived(topics.up(_GATEWAY, "vital"), sealed, now_us)


class Reader:
    """The other process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def say(self, line: str) -> Any:
        """What it answers; "": nothing is said. Raises NotReady: it is gone."""
        assert self._process.stdin is not None and self._process.stdout is not None
        if line:
            self._process.stdin.write(f"{line}\n".encode())
        answer = await self._process.stdout.readline()
        if not answer:
            raise NotReady("the other controller has ended: see above")
        return json.loads(answer)


async def measure(seconds: float) -> dict[tuple[int, str], Took]:
    """Each way at each rate, after one turn to warm up."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wardlink-bench-")))
        server = stack.enter_context(Server.made(quiet_port()))
        database, port = server.database("wardlink"), quiet_port()
        broker, _ = lone_broker(folder, port=port)
        await stack.enter_async_context(kept("broker", broker.run))
        clock = SystemClock()
        link = MqttLink(
            *(broker, secrets.token_bytes(8), clock), lambda _: None, lambda: None, also=(), shared=True
        )
        await stack.enter_async_context(kept("mqtt", link.run))
        store = await Store.open(database, folder=folder)
        stack.push_async_callback(store.close)
        registry, ledger = Registry(store, Hub(clock, "bench"), clock), Ledger()
        await registry.load()
        writer = Writer(store, Planner(ledger, Anchors(), registry), ledger, link)
        await link.connected.wait()
        order = folder / "order.json"
        order.write_text(json.dumps({"folder": str(folder), "database": database, "port": port}))
        reader = await _reader(stack, order)
        for way in WAYS:
            await _turn(writer, reader, (way, RATES[0]), min(seconds, 2))
        turns = [(rate, way) for rate in RATES for way in WAYS]
        return {(rate, way): await _turn(writer, reader, (way, rate), seconds) for rate, way in turns}


async def _reader(stack: AsyncExitStack, order: Path) -> Reader:
    (order.parent / "reader").mkdir()
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hil.bench.live_reader", str(order)), stdin=pipe, stdout=pipe, limit=2**24
    )
    stack.push_async_callback(process.wait)
    stack.callback(partial(_let_end, process))
    reader = Reader(process)
    await reader.say("")
    return reader


def _let_end(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()


async def _turn(writer: Writer, reader: Reader, which: tuple[str, int], seconds: float) -> Took:
    way, rate = which
    await reader.say("begin")
    cpu = time.process_time()
    committed = await writer.go(way, rate, seconds)
    here = time.process_time() - cpu
    await asyncio.sleep(SETTLE_S)
    told = await reader.say("end")
    shown = {int(number): at_ns for number, at_ns in told["at_ns"].items()}
    late = [(shown[one] - at_ns) / 1e6 for one, at_ns in committed.items() if one in shown]
    blocks = max(1, len(committed))
    return Took(len(committed), sorted(late), here / blocks * 1e6, told["cpu_s"] / blocks * 1e6)


def table(took: dict[tuple[int, str], Took]) -> Iterator[str]:
    """For people; CPU beyond that of the turn in which nobody was told."""
    yield "ms from the commit until the other's hub has it; CPU more than where nobody is told, µs a block"
    yield f"{'blocks/s':>8}  {'':14}{'shown':>12}{'p50':>8}{'p95':>8}{'here':>8}{'there':>8}"
    for (rate, way), one in took.items():
        base = took[rate, "nobody"]
        if one is base:
            continue
        late = one.late_ms if len(one.late_ms) > 1 else [0.0, 0.0]
        p95 = quantiles(late, n=20)[-1]
        here, there = one.here_us - base.here_us, one.there_us - base.there_us
        shown = f"{len(one.late_ms)}/{one.blocks}"
        yield f"{rate:8}  {way:14}{shown:>12}{median(late):8.2f}{p95:8.2f}{here:8.0f}{there:8.0f}"


def command(seconds: Annotated[float, typer.Option(min=1, help="Of each turn.")] = 10) -> None:
    """What one controller commits, told to another: by the broker and by NOTIFY, side by side."""
    for line in table(asyncio.run(measure(seconds))):
        typer.echo(line)
