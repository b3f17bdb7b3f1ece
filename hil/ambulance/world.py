"""One day in virtual time.

outcome = live_a_day(folder, seed=7, planned=day(Random(7)))
outcome.rounds          # for each run what did not hold, and whether its trouble really happened
"""

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path

from devices.model.observation import EventKind
from hil.ambulance import check
from hil.ambulance.box import BLIND_S, Box, Script
from hil.ambulance.hospital import Hospital
from hil.ambulance.patient import Sick
from hil.ambulance.plan import Road, Run, Stretch, Trouble
from hil.simulation.loop import SimLoop
from hil.simulation.network import Link, SimBroker
from hil.simulation.parts import in_place
from hil.simulation.world import current, quiet

NARROW_RATE = 2000.0
"""Bytes a second: 16 kbit/s."""
CITY_RATE, _LATENCY_S = 200_000.0, 0.05
_CELL_S = (15.0, 40.0)
_DRAINED_WITHIN_S = 3600.0
_START_S = 30.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`rounds`: by run, its trouble, how often that happened, and sentences of what did not hold."""

    rounds: list[tuple[Run, int, list[str]]]
    figures: dict[str, str]


class Day:
    """The parts of one day, put together."""

    def __init__(self, loop: SimLoop, folder: Path, runs: list[Run]) -> None:
        self.loop, self.runs = loop, runs
        self.script = Script()
        self.box = Box(loop, folder, self.script)
        self.hospital = Hospital(loop, folder, lambda _: None, embedded=False)
        self.link = Link(_LATENCY_S, CITY_RATE)
        local = Link(0.0005)
        self.broker = SimBroker(loop, lambda name: local if name.startswith("controller") else self.link)
        self.box.broker = self.hospital.broker = self.broker
        self.random = random.Random(loop.random.getrandbits(64))
        self.fired: dict[int, int] = {}
        self.boarded: list[check.Boarded] = []
        self.ended: list[tuple[int, float]] = []
        self.downs: list[tuple[float, float]] = []
        """When the box was not running, in virtual seconds."""

    async def run(self) -> list[str]:
        """All runs, then until all is there. Returns what stands in the way of judging them."""
        lives = [self.loop.create_task(part.live()) for part in (self.hospital, self.box)]
        await asyncio.sleep(_START_S)
        for run in self.runs:
            await self._drive(run)
        stuck = await self._drained()
        for life in lives:
            if life.done():
                life.result()  # the simulation itself is broken
            life.cancel()
        self.box.kill()
        self.hospital.kill()
        await asyncio.sleep(1)
        return stuck

    async def _drive(self, run: Run) -> None:
        began = self.script.began_s = self.loop.now
        self.fired[run.number] = 0
        self._write_script(run, began)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._patients(run, began))
            group.create_task(self._way(run, began))
            if run.flat is not None:
                group.create_task(self._flat(run, began, *run.flat))
            if run.dies_s is not None:
                group.create_task(self._dies(run, began + run.dies_s))
        await self._until(began + run.lasts_s)
        self.ended.append((run.number, self.loop.now))

    def _write_script(self, run: Run, began: float) -> None:
        """What the crew will tell."""
        for one in run.patients:
            name = f"somebody {one.identifier}"
            acts = [
                (one.from_s, EventKind.PATIENT, {"action": "begin", "name": name, "sex": "male", "age": 60})
            ]
            if one.identified_s is not None:
                known = {
                    "action": "identify",
                    "identifier": one.identifier,
                    "name": f"Known {one.identifier}",
                }
                acts.append((one.identified_s, EventKind.PATIENT, known))
            for n, at_s in enumerate(one.marks_s):
                mark = {"code": "drug-given", "text": f"{one.identifier} mark {n}"}
                acts.append((at_s, EventKind.MARK, mark))
            acts.append((one.to_s, EventKind.PATIENT, {"action": "end"}))
            timed = sorted(acts, key=lambda act: act[0])
            self.script.acts += [(began + at_s, kind, dict(detail)) for at_s, kind, detail in timed]
            known_as = one.identifier if one.identified_s is not None else ""
            self.boarded.append(
                check.Boarded(run.number, began + one.from_s, began + one.to_s, known_as, name)
            )

    async def _patients(self, run: Run, began: float) -> None:
        """The monitor hangs at a patient from a moment after entering until a moment before leaving."""
        for one in run.patients:
            await self._until(began + one.from_s + 3)
            self.script.sick = Sick.of(one)
            await self._until(began + one.to_s - 3)
            self.script.sick = None
        if run.trouble in (Trouble.NONE, Trouble.TWO_PATIENTS):
            self.fired[run.number] += len(run.patients)

    async def _flat(self, run: Run, began: float, from_s: float, to_s: float) -> None:
        await self._until(began + from_s)
        self.script.is_flat = True
        await self._until(began + to_s)
        self.script.is_flat = False
        self.fired[run.number] += 1

    async def _dies(self, run: Run, at: float) -> None:
        await self._until(at)
        before = self.box.starts
        await self._down()
        self.fired[run.number] += self.box.starts - before

    async def _down(self) -> None:
        """Kill the box, and wait until it runs again."""
        began, starts = self.loop.now, self.box.starts
        self.box.kill()
        while self.box.starts == starts or self.box.running is None:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.1)
        self.downs.append((began, self.loop.now + 1))

    async def _way(self, run: Run, began: float) -> None:
        for stretch in run.way:
            await self._until(began + stretch.from_s)
            await self._stretch(run, began, stretch)
        self._road(up=True)

    async def _stretch(self, run: Run, began: float, stretch: Stretch) -> None:
        end = began + stretch.to_s
        match stretch.road:
            case Road.CITY:
                self._road(up=True)
            case Road.NARROW:
                self._road(up=True, rate=NARROW_RATE)
                self.fired[run.number] += 1
            case Road.CELLS:
                await self._cells(run, end)
            case Road.GARAGE:
                self._road(up=False)
                await self._until((self.loop.now + end) / 2)
                await self._power_cut(run)
                await self._until(end)
            case _:
                unanswered = self.broker.counts["unanswered"]
                self._road(up=False)
                await self._until(end)
                self.fired[run.number] += self.broker.counts["unanswered"] > unanswered

    def _road(self, *, up: bool, rate: float = CITY_RATE) -> None:
        self.link.up, self.link.rate = up, rate
        if not up:
            for client in [client for client in self.broker.clients if client.link is self.link]:
                self.broker.forget(client, client.silence_s)

    async def _cells(self, run: Run, end: float) -> None:
        while self.loop.now < end:
            await asyncio.sleep(self.random.uniform(*_CELL_S))
            for client in [client for client in self.broker.clients if client.link is self.link]:
                client.breaks("the cell changed")
                self.broker.forget(client, 0.0)
                self.fired[run.number] += 1

    async def _power_cut(self, run: Run) -> None:
        cuts = self.box.power_cuts
        self.box.cut_power = True
        self.box.blind_until_s = self.loop.now + BLIND_S
        await self._down()
        self.fired[run.number] += self.box.power_cuts - cuts

    async def _until(self, at: float) -> None:
        if at > self.loop.now:
            await asyncio.sleep(at - self.loop.now)

    async def _drained(self) -> list[str]:
        end, quiet_for = self.loop.now + _DRAINED_WITHIN_S, 0
        while self.loop.now < end and quiet_for < 5:
            await asyncio.sleep(5)
            running = self.box.running
            lanes = () if running is None else running.uplink.lanes.values()
            empty = running is not None and not any(lane.sender.pending() for lane in lanes)
            quiet_for = quiet_for + 1 if empty and not self.script.acts else 0
        if quiet_for < 5:
            return [f"{len(self.script.acts)} acts and some blocks are not there an hour after the last run"]
        return []


def live_a_day(folder: Path, seed: int, planned: list[Run]) -> Outcome:
    """The `planned` runs, one after the other, in `folder`, which is to be empty."""
    loop = SimLoop(seed)
    with quiet(), current(loop):
        story = Day(loop, folder, planned)
        with in_place(story.box, story.hospital, story.broker):
            stuck = loop.run_until_complete(story.run())
        found = check.judged(story.hospital.config.database, _evidence(story))
    rounds = [(run, story.fired[run.number], found.problems.get(run.number, [])) for run in planned]
    if rounds and (stuck or found.general):
        rounds[-1][2].extend(stuck + found.general)
    hours = f"{loop.now / 3600:.1f}"
    return Outcome(rounds, {"simulated hours": hours, **found.figures})


def _evidence(story: Day) -> check.Evidence:
    said = story.script.said
    return check.Evidence(
        runs=story.ended,
        boots=dict(story.box.boots),
        boarded=story.boarded,
        said=said,
        told=[(when, str(kind), dict(detail)) for when, kind, detail in story.script.told],
        accepted=dict(story.box.promises.accepted),
        downs=story.downs,
    )
