"""Some hours of one gateway, one controller and what is between them, from one seed.

outcome = simulate(folder, seed=7, aim=AIMS[0], hours=1.0)
outcome.problems        # sentences; empty when every promise was kept
"""

import asyncio
import hashlib
import logging
import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from hil.simulation import check
from hil.simulation.devices import Promises
from hil.simulation.faults import LONG_OUTAGE, SLOW_RATE, Aim, Faults
from hil.simulation.loop import SimLoop
from hil.simulation.network import Link, SimBroker
from hil.simulation.parts import SimController, SimGateway, in_place
from hil.simulation.watch import Watch

_DRAINED_WITHIN_S = 1800.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one world. `fired`: how often each fault happened; `digest`: of the whole history."""

    problems: list[str]
    fired: dict[str, int]
    hours: float
    accepted: int
    values: int
    judged: int
    steps: int
    digest: str


class World:
    """The parts of one world, put together."""

    def __init__(self, loop: SimLoop, folder: Path, aim: Aim) -> None:
        self.loop = loop
        flavour = random.Random(loop.random.getrandbits(64))
        bad_disk, small, embedded = (flavour.random() < chance for chance in (0.25, 0.15, 0.5))
        # A quota of minutes sheds file by file, and every gap record takes the alerts' lane: not over a poor
        # radio too, whose lateness would only tell how small the quota is.
        small = small and aim != LONG_OUTAGE
        self.excuses = ({"disk-full", "disk-error"} if bad_disk else set()) | ({"quota"} if small else set())
        self.promises = Promises()
        period_s = flavour.choice((1.0, 1.5, 2.0))
        self.gateway = SimGateway(loop, folder, 0.02 if small else 2.0, self.promises, period_s)
        self.watch = Watch(self.gateway.boots)
        self.controller = SimController(loop, folder, self._committed, embedded)
        wan = Link(flavour.uniform(0.005, 0.3), 1e6 if small else flavour.choice((1e6, 1e6, SLOW_RATE)))
        local = Link(0.0005)
        self.broker = SimBroker(loop, lambda name: local if name.startswith("controller") else wan)
        self.gateway.broker = self.controller.broker = self.broker
        chance = random.Random(loop.random.getrandbits(64))
        self.faults = Faults(
            *(loop, self.gateway, self.controller, self.broker, wan, self.watch, aim, bad_disk, chance),
            embedded=embedded,
        )

    def _committed(self, db: sqlite3.Connection) -> None:
        self.watch.now = self.loop.now
        self.watch.committed(db)

    async def run(self, hours: float) -> list[str]:
        """Live through `hours` of faults, then wait until all has arrived. Returns what did not hold."""
        story = self.loop.create_task(self._story(self.loop.now + hours * 3600))
        lives = [self.loop.create_task(part.live()) for part in (self.gateway, self.controller)]
        await asyncio.wait([story, *lives], return_when=asyncio.FIRST_COMPLETED)
        for life in lives:
            if life.done():
                life.result()  # the simulation itself is broken
            life.cancel()
        self.gateway.kill()
        self.controller.kill()
        await asyncio.sleep(1)
        return story.result()

    async def _story(self, until: float) -> list[str]:
        await self.faults.run(until)
        self.promises.quiet = True
        return await self._drained()

    async def _drained(self) -> list[str]:
        end, quiet = self.loop.now + _DRAINED_WITHIN_S, 0
        while self.loop.now < end and quiet < 3:
            await asyncio.sleep(5)
            quiet = quiet + 1 if self._pending() == 0 else 0
        if quiet < 3:
            return [
                f"{self._pending()} blocks have no receipt {_DRAINED_WITHIN_S:.0f} s after the last fault"
            ]
        journals = [path for path in (self.gateway.disk.folder / "journal").iterdir() if path.is_dir()]
        if len(journals) > 1:
            return [
                f"everything is receipted, and {len(journals) - 1} earlier journals are still on the disk"
            ]
        return []

    def _pending(self) -> int | None:
        running = self.gateway.running
        if running is None:
            return None
        return sum(lane.sender.pending() for lane in running.uplink.lanes.values())

    def problems(self) -> list[str]:
        """What does not hold at the end."""
        held = check.read(self.controller.config.database)
        wrong = self.promises
        clashes = [f"number {n} of lane {lane} was given to two blocks" for _, lane, n in wrong.clashes[:3]]
        found = check.problems(held, wrong.accepted, wrong.said, wrong.kept, self.excuses)
        return [*clashes, *found, *self.watch.late[:3]]

    def digest(self) -> str:
        """Of everything that was said, accepted and stored."""
        held = check.read(self.controller.config.database)
        history = sorted(self.promises.accepted), sorted(held.values.items()), self.loop.now, self.loop.steps
        return hashlib.sha256(repr(history).encode()).hexdigest()[:16]


def simulate(folder: Path, seed: int, aim: Aim, hours: float) -> Outcome:
    """One world of `seed` in `folder`, which is to be empty."""
    loop = SimLoop(seed)
    with quiet(), current(loop):
        world = World(loop, folder, aim)
        with in_place(world.gateway, world.controller, world.broker):
            stuck = loop.run_until_complete(world.run(hours))
        problems = stuck + world.problems()
        promises = world.promises
        return Outcome(
            *(problems, dict(world.faults.fired), loop.now / 3600, len(promises.accepted)),
            *(len(promises.said), world.watch.judged, loop.steps, world.digest()),
        )


@contextmanager
def current(loop: SimLoop) -> Iterator[None]:
    """What is made before the loop runs belongs to it too."""
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        loop.close()
        asyncio.set_event_loop(None)


@contextmanager
def quiet() -> Iterator[None]:
    """What the product logs of all these faults is no news, nor what the dead complain of."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with mock.patch.object(sys, "unraisablehook", lambda _: None):
            yield
    finally:
        logging.disable(before)
