"""Takes over what crews tell at their boxes: once, whole, in whatever order and however late it comes.

    follower = Follower(store, registry, clock, hub)
    announcer.crew_told = follower.wake          # after each commit with an event of a crew, or better times
    await follower.run()

Each step is one transaction with the cursor: after a crash it is done, or not begun. What cannot be taken
over stays in `crew_event` with the reason, and is tried again: a gateway may be given its place a day later.
"""

import asyncio
import sqlite3
from contextlib import suppress
from typing import NamedTuple

from controller.clock import Clock
from controller.crew import told
from controller.crew.patients import settle_stay
from controller.crew.speakers import may_speak
from controller.crew.taken import settle_other
from controller.crew.told import Told
from controller.hub import Hub
from controller.registry import Registry
from controller.store import Store
from devices.model.observation import EventKind

STEP = 20_000
"""Ids of events that one transaction looks at."""
AGAIN_S = 60.0
"""What could not be taken over is tried again after so long."""
FOREIGN = "this gateway is not the vehicle's: an engineer records which is, on the page Gateways"

_CURSOR = "SELECT value FROM meta WHERE key = 'crew'"
_MOVE = "UPDATE meta SET value = ? WHERE key = 'crew'"
_LAST = "SELECT ifnull(max(id), 0) FROM device_event"


class Step(NamedTuple):
    """What one transaction did."""

    more: bool
    beds: bool
    """Who is on board changed."""
    others: bool
    vehicles: frozenset[str]
    """Of whose crews there is news."""


class Follower:
    """The one that takes over; it has no other state than the database's."""

    def __init__(self, store: Store, registry: Registry, clock: Clock, hub: Hub) -> None:
        self._store = store
        self._hub = hub
        self._registry = registry
        self._clock = clock
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Something of a crew has been committed, or times of a gateway are known better."""
        self._news.set()

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        while True:
            self._news.clear()
            await self.follow(again=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_S):
                    while True:
                        await self._news.wait()
                        self._news.clear()
                        await self.follow()

    async def follow(self, *, again: bool = False) -> None:
        """Take over all that has come; `again`: also what could not be before. Raises StoreError."""
        more = True
        while more:
            step = await self._store.write(lambda db, again=again: self._step(db, again=again))
            if step.beds:
                await self._registry.load()
            elif step.others:
                await self._registry.assessed()
            if step.vehicles:
                self._hub.crew(sorted(step.vehicles))
            more, again = step.more, False

    def _step(self, db: sqlite3.Connection, *, again: bool) -> Step:
        after, last = db.execute(_CURSOR).fetchone()[0], db.execute(_LAST).fetchone()[0]
        until = min(last, after + STEP)
        boxes = told.take(db, after, until)
        others, vehicles = False, set[str]()
        beds = told.follow_clocks(db, self._clock.now_us() // 1000)
        if again:
            boxes |= told.boxes_waiting(db)
        for box in sorted(boxes):
            events = told.waiting(db, *box)
            changed = self._settle(db, events)
            beds, others = beds or changed[0], others or changed[1]
            vehicles |= {one.vehicle for one in events}
        if after != until:
            db.execute(_MOVE, (until,))
        if beds:
            db.execute("UPDATE meta SET value = value + 1 WHERE key = 'registry'")
        return Step(until < last, beds, others, frozenset(vehicles))

    def _settle(self, db: sqlite3.Connection, events: list[Told]) -> tuple[bool, bool]:
        """Take over what waits of one stay: first who it is. Whether that, or something else, changed."""
        utc_us, beds, others = self._clock.utc_us(), False, False
        for one in sorted(events, key=lambda one: one.kind is not EventKind.PATIENT):
            if not may_speak(db, one.gateway, one.vehicle):
                told.settle(db, one, None, FOREIGN)
            elif one.kind is EventKind.PATIENT:
                beds |= settle_stay(db, one, utc_us)
            else:
                others |= settle_other(db, one, utc_us)
        return beds, others
