"""What it costs to be watched: the controller's intake bare, counted, and traced, in turns in one process.

Like blocks go through the real intake into a real database; what differs is only who counts. Then one scrape.
"""

import asyncio
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from prometheus_client.exposition import generate_latest

from controller.anchors import Anchors
from controller.announce import Announcer
from controller.clock import SystemClock
from controller.hub import Hub
from controller.ingest import Arrived, read
from controller.intake import Intake
from controller.ledger import Ledger
from controller.live import Place, Value
from controller.metrics import shown, stored
from controller.metrics.families import Metric
from controller.metrics.taken import Taken
from controller.plan import Plan, Planner
from controller.presence import Presence
from controller.registry import Registry
from controller.store import Store
from controller.tracing.tracer import Tracer
from devices.model.histogram import Histogram
from devices.model.identity import DeviceId
from devices.model.observation import Instant, Quality, Reading
from devices.wire import topics
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.records import Group
from devices.wire.traces import Span

BLOCKS, READINGS = 250, 20
"""Of one turn: blocks, and readings in each."""
ARMS = ("bare", "counted", "traced")
SHARE = 0.001
BEDS, GATEWAYS = 1000, 200
_VITAL = topics.up("ward-a", "vital")


class _Uncounted(Taken):
    def committed(self, plan: Plan, now_us: int) -> None:
        """Counts nothing."""


class _Unmeasured(Histogram):
    def observe(self, value: float, times: int = 1) -> None:
        """Measures nothing."""


@dataclass(slots=True)
class Cost:
    """CPU µs of each turn, by arm; what counting and tracing take alone; a scrape's ms and bytes."""

    turns: dict[str, list[float]]
    alone: dict[str, float]
    scrape_ms: float
    scrape_bytes: int


async def measure(folder: Path, turns: int) -> Cost:
    """So many turns of each arm, the order another each time."""
    store = await Store.open(folder / "wardlink.sqlite")
    clock = SystemClock()
    hub = Hub(clock, "bench")
    ledger, registry = Ledger(), Registry(store, hub, clock)
    await registry.load()
    parts = {"store": store, "ledger": ledger, "registry": registry, "clock": clock}
    blocks = _Blocks(ledger)
    planner, told = Planner(ledger, Anchors(), registry), Announcer(hub, Presence(), clock)
    intake = Intake(**parts, planner=planner, announcer=told, send=blocks.receipted)
    running = asyncio.create_task(intake.run())
    spans: list[Span] = []
    tracer, counted = Tracer(clock, hub, SHARE, spans.append), intake.taken
    took: dict[str, list[float]] = {arm: [] for arm in ARMS}
    await blocks.go(intake, clock)  # warm
    for turn in range(turns):
        for arm in (*ARMS[turn % 3 :], *ARMS[: turn % 3]):
            bare = arm == "bare"
            intake.taken = _Uncounted() if bare else counted
            store.writes = _Unmeasured() if bare else Histogram()
            intake.tracer = tracer if arm == "traced" else None
            took[arm].append(await blocks.go(intake, clock) / (BLOCKS * READINGS) * 1e6)
    running.cancel()
    await asyncio.wait({running})
    intake.taken = counted
    scraped = _scrape(intake, ledger, store, _full(clock))
    await store.close()
    plan = planner.plan([read(Arrived(_VITAL, one, clock.now_us())) for one in blocks.made(clock)], 0)
    return Cost(took, _alone(plan, tracer), *scraped)


def _alone(plan: Plan, tracer: Tracer) -> dict[str, float]:
    """CPU µs a reading, the median of a hundred times."""
    taken = Taken()
    ways = {
        "counting alone": lambda: taken.committed(plan, 0),
        "tracing alone": lambda: tracer.stored(plan.batch.blocks, 0, 0),
    }
    return {
        name: median(_timed(way) for _ in range(100)) / (BLOCKS * READINGS) * 1e6
        for name, way in ways.items()
    }


def _timed(way: Callable[[], None]) -> float:
    began = time.thread_time()
    way()
    return time.thread_time() - began


class _Blocks:
    """Blocks of one gateway, each new."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._news = asyncio.Event()
        self._journal, self._boot, self._next = secrets.token_bytes(8), secrets.token_bytes(16), 0

    def receipted(self, _topic: str, _payload: bytes) -> None:
        """Some of them."""
        self._news.set()

    async def go(self, intake: Intake, clock: SystemClock) -> float:
        """CPU seconds of this process until all of a turn's are committed."""
        made = self.made(clock)
        began = time.process_time()
        for payload in made:
            intake.offer(Arrived(_VITAL, payload, clock.now_us()))
        while not self._ledger.has((self._journal, Lane.VITAL), self._next - 1):
            self._news.clear()
            await self._news.wait()
        return time.process_time() - began

    def made(self, clock: SystemClock) -> list[bytes]:
        """Those of one turn."""
        return [self._made(clock) for _ in range(BLOCKS)]

    def _made(self, clock: SystemClock) -> bytes:
        mono_us = clock.since_boot_us()
        readings = [
            Reading("hr", Instant((mono_us + n) * 1000), Decimal(60 + n % 90), None, Quality.GOOD)
            for n in range(READINGS)
        ]
        when = BlockClock(self._boot, mono_us, clock.utc_us(), Sync.NETWORK, 1000)
        group = Group(DeviceId("ox-1"), None, readings)
        self._next += 1
        return seal(self._journal, Lane.VITAL, self._next - 1, when, [group])


def _full(clock: SystemClock) -> Hub:
    """A hub as a large site has it."""
    hub, now_us = Hub(clock, "full"), clock.now_us()
    beds = [
        {"id": f"bed-{n}", "ward": f"w-{n % 40}", "name": "", "patient": {"identifier": f"P{n}"}}
        for n in range(BEDS)
    ]
    wards = [{"id": f"w-{n}", "name": ""} for n in range(40)]
    hub.registry(wards, beds, {f"ox-{n}": f"bed-{n}" for n in range(BEDS)})
    for metric in ("spo2", "pr_spo2", "hr", "rr"):
        hub.values(
            Value(f"ox-{n}", metric, Place(b"", now_us, now_us), None, 80, None, 0) for n in range(BEDS)
        )
    lane = {"live": True, "newest_ms": 100, "pending_blocks": 1, "oldest_ms": 100}
    held = {"state": "online", "seen_ms": now_us // 1000, "lanes": dict.fromkeys(topics.LANES, lane)}
    hub.gateways({f"gw-{n}": {**held, "counts": {"readings": 1, "blocks-sent": 1}} for n in range(GATEWAYS)})
    return hub


class _Held:
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """See prometheus_client."""
        yield from self._families


def _scrape(intake: Intake, ledger: Ledger, store: Store, hub: Hub) -> tuple[float, int]:
    """CPU ms, median of five, and bytes."""
    took: list[float] = []
    size = 0
    for _ in range(5):
        began = time.process_time()
        found = [
            *shown.shown(hub.snapshot()),
            *stored.ingest(intake, {}),
            *stored.blocks(ledger),
            *stored.store(store),
        ]
        size = len(generate_latest(_Held(found)))  # type: ignore[arg-type]
        took.append((time.process_time() - began) * 1000)
    return median(took), size


def command(turns: Annotated[int, typer.Option(help="Of each arm, in one process.")] = 30) -> None:
    """What it costs to be watched: the intake bare, counted, traced; one scrape of a large site."""
    with tempfile.TemporaryDirectory(prefix="wardlink-bench-") as folder:
        cost = asyncio.run(measure(Path(folder), turns))
    for line in table(cost):
        typer.echo(line)


def table(cost: Cost) -> list[str]:
    """For docs/benchmarks.md: medians, and the range of the turns' own ratios."""
    lines = ["| | CPU µs a reading, median | to bare, median of turns (range) |", "|---|---|---|"]
    bare = cost.turns["bare"]
    for arm in ARMS:
        ratios = [one / other for one, other in zip(cost.turns[arm], bare, strict=True)]
        spread = f"{median(ratios):.3f} ({min(ratios):.2f}–{max(ratios):.2f})"
        lines.append(f"| {arm} | {median(cost.turns[arm]):.2f} | {spread} |")
    lines += [
        f"| {name} | {cost_us:.3f} | {cost_us / median(bare):.4f} |" for name, cost_us in cost.alone.items()
    ]
    scrape = f"{cost.scrape_ms:.0f} ms of CPU, {cost.scrape_bytes / 1000:.0f} kB"
    lines.append(f"| one scrape of {GATEWAYS} gateways, {BEDS} beds | {scrape} | – |")
    return lines
