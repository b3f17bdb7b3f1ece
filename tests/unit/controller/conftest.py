"""A database, hub and registry, with a clock that tests set."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.anchors import Anchors
from controller.announce import Announcer
from controller.hub import Hub
from controller.ingest import Arrived, read
from controller.intake import Intake
from controller.ledger import Ledger
from controller.plan import Planner
from controller.presence import Presence
from controller.registry import Registry
from controller.store import Store
from controller.store.restamp import load_anchors

START_US = 2_000_000_000_000_000
"""The controller's time when a test begins."""


@dataclass(slots=True)
class TestClock:
    """Time stands still until a test moves it."""

    __test__ = False
    at_us: int = START_US
    ahead_us: int = 0
    """By which UTC is ahead of the controller's own scale."""

    def now_us(self) -> int:
        """See Clock."""
        return self.at_us

    def utc_us(self) -> int:
        """See Clock."""
        return self.at_us + self.ahead_us


class Desk:
    """Everything behind the broker: messages go in by `take`, everything else can be asked."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = TestClock()
        self.hub = Hub(self.clock, "session")
        self.registry = Registry(store, self.hub, self.clock)
        self.ledger, self.anchors = Ledger(), Anchors()
        self.sent: list[tuple[str, bytes]] = []
        self.announcer = Announcer(self.hub, Presence(), self.clock)
        self.intake = Intake(
            store=store,
            ledger=self.ledger,
            planner=Planner(self.ledger, self.anchors, self.registry),
            registry=self.registry,
            announcer=self.announcer,
            clock=self.clock,
            send=lambda topic, payload: self.sent.append((topic, payload)),
        )

    async def load(self) -> None:
        """What the controller does at its start."""
        await self.registry.load()
        await self.ledger.load(self.store)
        await load_anchors(self.store, self.anchors)
        await self.announcer.restore(self.store)

    async def take(self, *payloads: bytes, what: str = "vital", gateway: str = "ward-a") -> None:
        """Messages arrive now, and are taken in one batch."""
        topic = f"wl/1/{gateway}/up/{what}"
        verdicts = [read(Arrived(topic, payload, self.clock.at_us)) for payload in payloads]
        await self.intake._settle(verdicts)

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database has."""
        return [tuple(row) for row in await self.store.read(query)]

    def value(self, metric: str = "hr") -> dict[str, object]:
        """What the hub shows of a metric."""
        [item] = [item for item in self.hub.snapshot()["values"] if item["metric"] == metric]
        return item


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A controller without broker and web: ward w-1 with bed-1 and bed-2."""
    store = await Store.open(tmp_path / "wardlink.sqlite")
    desk = Desk(store)
    await desk.load()
    await desk.registry.add_ward("w-1", "Ward 1")
    await desk.registry.add_bed("bed-1", "w-1", "Bed 1")
    await desk.registry.add_bed("bed-2", "w-1", "Bed 2")
    yield desk
    await store.close()


@pytest.fixture
async def restarted(desk: Desk) -> AsyncIterator[Desk]:
    """Another controller on the same database: call `load`."""
    store = await Store.open(desk.store.where)
    yield Desk(store)
    await store.close()
