"""One outage of a gateway's network in virtual time, from seconds to days, and how it is made good.

    outcome = live_through(folder, seed=7, outage_s=48 * 3600, holds=True)

The gateway goes on measuring throughout. `holds`: whether the journal's quota is enough; if not, waves
go, each of them in a gap record, and neither vital signs nor alerts do.
"""

import asyncio
import random
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from devices.wire.block import Lane
from gateway.lane import LaneUplink
from hil.simulation import check
from hil.simulation.devices import Promises
from hil.simulation.loop import SimLoop
from hil.simulation.network import Link, SimBroker
from hil.simulation.parts import SimController, SimGateway, in_place
from hil.simulation.watch import Watch
from hil.simulation.world import current, quiet

_CALM_S = 60.0
_MOST_BLOCKS = 20_000
"""In the longest outage: devices measure less often then, for this is about the time."""
_BLOCK_BYTES, _BLOCKS_A_PERIOD = 155, 2.9
_WAVES_GO = 0.8
"""Of the outage's bytes, the share that a quota that does not hold has room for: waves are a third of all."""
_DRAINS_FOR_S = 600.0
_LEAST_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Outcome:
    """`problems` are sentences; `behind` blocks waited at the end of the outage, in so many `ranges`."""

    problems: list[str]
    behind: int
    ranges: int
    drained_s: float
    unanswered: int
    shed: int
    judged: int


class Outage:
    """The parts, and their story."""

    def __init__(self, loop: SimLoop, folder: Path, outage_s: float, *, holds: bool) -> None:
        self.loop, self.outage_s = loop, outage_s
        period_s = max(1.0, outage_s * _BLOCKS_A_PERIOD / _MOST_BLOCKS)
        self.bytes = outage_s / period_s * _BLOCKS_A_PERIOD * _BLOCK_BYTES
        quota_mb = 1.0 + 2 * self.bytes / 1e6 if holds else _WAVES_GO * self.bytes / 1e6
        self.excuses = set[str]() if holds else {"quota"}
        self.promises = Promises()
        self.gateway = SimGateway(loop, folder, quota_mb, self.promises, period_s)
        self.watch = Watch(self.gateway.boots)
        self.controller = SimController(loop, folder, self._committed, embedded=False)
        flavour = random.Random(loop.random.getrandbits(64))
        self.link = Link(flavour.uniform(0.005, 0.3), max(3000.0, self.bytes / _DRAINS_FOR_S))
        local = Link(0.0005)
        self.broker = SimBroker(loop, lambda name: local if name.startswith("controller") else self.link)
        self.gateway.broker = self.controller.broker = self.broker

    def _committed(self, db: sqlite3.Connection) -> None:
        self.watch.now = self.loop.now
        self.watch.committed(db)

    async def run(self) -> Outcome:
        """Some calm, the outage, and until all is there; live data are judged as soon as it is over."""
        lives = [self.loop.create_task(part.live()) for part in (self.gateway, self.controller)]
        await asyncio.sleep(_CALM_S)
        unanswered = await self._outage()
        behind, ranges = sum(lane.sender.pending() for lane in self._lanes()), self._ranges()
        began = self.loop.now
        problems = await self._drained()
        drained_s = self.loop.now - began
        await asyncio.sleep(_CALM_S)
        self.promises.quiet = True
        await asyncio.sleep(_CALM_S)
        for life in lives:
            life.cancel()
        self.gateway.kill()
        self.controller.kill()
        await asyncio.sleep(1)
        held = check.read(self.controller.config.database)
        problems += self._problems(held)
        shed = sum(last - first + 1 for gaps in held.gaps.values() for first, last, _ in gaps)
        return Outcome(problems, behind, ranges, drained_s, unanswered, shed, self.watch.judged)

    async def _outage(self) -> int:
        """Returns how many attempts to connect it swallowed."""
        self.watch.calm_since, self.link.up = None, False
        before = self.broker.counts["unanswered"]
        for client in [client for client in self.broker.clients if client.link is self.link]:
            self.broker.forget(client, client.silence_s)
        await asyncio.sleep(self.outage_s)
        self.watch.calm_since, self.link.up = self.loop.now, True
        return self.broker.counts["unanswered"] - before

    async def _drained(self) -> list[str]:
        """Wait for the backlog; what is new meanwhile is judged by `watch`."""
        allowed_s = 60.0 + self.bytes / self.link.rate / _LEAST_SHARE
        end = self.loop.now + allowed_s
        while self.loop.now < end:
            await asyncio.sleep(1)
            if sum(lane.sender.pending() for lane in self._lanes()) <= len(Lane):
                return []
        return [f"the backlog is not there {allowed_s:.0f} s after the outage"]

    def _lanes(self) -> list[LaneUplink]:
        running = self.gateway.running
        assert running is not None
        return list(running.uplink.lanes.values())

    def _ranges(self) -> int:
        """Pairs of numbers and single blocks that the senders hold."""
        held = 0
        for lane in self._lanes():
            sender = lane.sender
            for by_journal in (sender._pending, sender._waiting):
                held += sum(len(list(ranges)) for ranges in by_journal.values())
            held += len(sender._flights) + len(sender._live) + len(lane._fresh)
        return held

    def _problems(self, held: check.Held) -> list[str]:
        found = check.problems(
            held, self.promises.accepted, self.promises.said, self.promises.kept, self.excuses
        )
        kept = [lane for _, lane in held.gaps if lane in (Lane.ALERT, Lane.VITAL)]
        return [*found, *self.watch.late[:3], *(f"blocks of lane {lane} were given up" for lane in set(kept))]


def live_through(folder: Path, seed: int, outage_s: float, *, holds: bool) -> Outcome:
    """One world of `seed` in `folder`, which is to be empty."""
    loop = SimLoop(seed)
    with quiet(), current(loop):
        world = Outage(loop, folder, outage_s, holds=holds)
        with in_place(world.gateway, world.controller, world.broker):
            return loop.run_until_complete(world.run())
