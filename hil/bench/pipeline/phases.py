"""What is measured, the same for both sides."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass

import psutil

from hil.bench.pipeline.commits import commits
from hil.bench.pipeline.rig import Key, Rig, cpu_s
from hil.errors import NotReady
from hil.sims.emitted import now_ns

WINDOW = 20_000
"""Readings that the load is ahead of the server at most, when it is as fast as the chain."""
SETTLE_S = 2.0
KILL_RATE, ALIVE_S = 500.0, (1.0, 2.0)
HERTZ, UNSTAMPED_DEVICES = 20, 6
_QUIET_S = 1.5


@dataclass(frozen=True, slots=True)
class Saturated:
    """The chain at its fastest: `per_s` readings stored; `cpu_us` a reading by process; resident MB."""

    per_s: float
    cpu_us: dict[str, float]
    resident_mb: dict[str, float]
    commit_rows: float
    """Readings a commit of the server."""
    said: int
    missing: int
    """Of what was said, when all was quiet again."""
    twice: int
    """Readings that were stored again, without any fault."""


@dataclass(frozen=True, slots=True)
class Alarmed:
    """An alarm behind a backlog. Milliseconds from the first reading of the backlog that was stored.

    `back_ms` is from the server's start to that reading.
    """

    backlog: int
    alarm_ms: float
    drain_ms: float
    back_ms: float


@dataclass(frozen=True, slots=True)
class Killed:
    """What `kill -9` of the gateway did: readings accepted, lost of them, stored more than once."""

    kills: int
    accepted: int
    lost: int
    twice: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """Samples without a time stamp: `distinct` have a time of their own in the server."""

    sent: int
    distinct: int


async def saturate(rig: Rig, together: int, seconds: float, settle_s: float = SETTLE_S) -> Saturated:
    """The highest rate at which the server keeps up, `settle_s` after its first reading. Raises NotReady."""
    count = rig.counter()
    before = count()
    number = rig.order(together=together, window=WINDOW, seconds=settle_s + seconds + 0.5)
    await rig.until("the first reading is stored", lambda: count() > before)
    await asyncio.sleep(settle_s)
    loop, pids = asyncio.get_running_loop(), rig.pids()
    began, first, committed = loop.time(), count(), commits(rig.database)
    spent = {name: cpu_s(pid) for name, pid in pids.items()}
    await asyncio.sleep(seconds)
    stored, passed = count() - first, loop.time() - began
    used = {name: cpu_s(pid) - spent[name] for name, pid in pids.items()}
    resident = {name: psutil.Process(pid).memory_info().rss / 1e6 for name, pid in pids.items()}
    if not stored:
        raise NotReady(f"{rig.name}: nothing was stored within {seconds:.0f} s")
    groups = commits(rig.database) - committed
    said = await _all_said(rig, number)
    await _quiet(rig)
    there = rig.stored(before)
    different = len(set(there))
    cpu_us = {name: each * 1e6 / stored for name, each in used.items()}
    fate = said, said - different, len(there) - different
    return Saturated(stored / passed, cpu_us, resident, stored / max(groups, 1), *fate)


async def _all_said(rig: Rig, number: int) -> int:
    await rig.until("the source has said all", lambda: rig.said(number)[1])
    return rig.said(number)[0]


async def _quiet(rig: Rig) -> None:
    """Wait until no more readings come and nothing is on its way, or patience is over."""
    count, loop = rig.counter(), asyncio.get_running_loop()
    end = loop.time() + 30.0
    latest, since = count(), loop.time()
    while loop.time() < end and (rig.unsettled() or loop.time() - since < _QUIET_S):
        await asyncio.sleep(0.1)
        if (now := count()) != latest:
            latest, since = now, loop.time()
    rig.check()


async def alarm(rig: Rig, backlog: int) -> Alarmed:
    """The server is away while `backlog` readings come; it comes back, and as they drain one alarm comes.

    The clock starts with the first stored reading of the backlog: how long a side takes to find its server
    again is told apart. Raises NotReady.
    """
    count, server = rig.counter(), rig.processes[rig.server]
    await server.stop()
    before = count()
    rig.forget_records()
    rig.order(total=backlog, recorded=True)
    await rig.until(f"{backlog} readings are held", lambda: rig.held() >= backlog)
    began = now_ns()
    await server.start()
    await rig.until("the backlog begins to drain", lambda: count() > before)
    first = now_ns()
    rig.raise_alarm()
    alarmed = drained = 0
    end = asyncio.get_running_loop().time() + 60
    while not (alarmed and drained):
        if asyncio.get_running_loop().time() > end:
            raise NotReady(f"{rig.name}: the backlog or the alarm had not come after a minute")
        await asyncio.sleep(0.005)
        drained = drained or (now_ns() if count() >= before + backlog else 0)
        alarmed = alarmed or (now_ns() if rig.alarms(before) else 0)
    await _quiet(rig)
    return Alarmed(backlog, (alarmed - first) / 1e6, (drained - first) / 1e6, (first - began) / 1e6)


async def kills(rig: Rig, count: int, rng: random.Random, alive_s: tuple[float, float] = ALIVE_S) -> Killed:
    """kill -9 of the gateway while readings come and their devices are told; it lives `alive_s` in between.

    Raises NotReady.
    """
    stored = rig.counter()
    rig.forget_records()
    before = stored()
    rig.order(rate=KILL_RATE, recorded=True)
    for _ in range(count):
        await _flowing(rig)
        await asyncio.sleep(rng.uniform(*alive_s))
        await _caught_up(rig, before)
        await rig.kill("gateway")
    await _flowing(rig)
    rig.order(total=0)
    await _quiet(rig)
    there = rig.stored(before)
    return Killed(count, *judged(rig.keys_in("accepted"), there, rig.keys_in("again")))


async def _caught_up(rig: Rig, since: int) -> None:
    """Wait until the gateway is about as far as its devices: one that is behind has more to lose."""

    def is_near() -> bool:
        return behind(rig.keys_in("accepted"), rig.stored(since)) < KILL_RATE

    await rig.until("the gateway has caught up with its devices", is_near, every_s=0.25)


def behind(accepted: list[Key], stored: list[Key]) -> int:
    """Readings accepted after the last one that is stored; both lists are in order."""
    there = set(stored)
    return next((n for n, key in enumerate(reversed(accepted)) if key in there), len(accepted))


async def _flowing(rig: Rig) -> None:
    count = rig.counter()
    seen = count()
    await rig.until("readings get through", lambda: count() > seen)


def judged(accepted: list[Key], stored: list[Key], again: list[Key]) -> tuple[int, int, int]:
    """(accepted, lost, stored too often) of readings; `again` were sent again by the gateway's feeder."""
    owed, copies = set(accepted), Counter(stored)
    lost, excused = len(owed - copies.keys()), set(again)
    twice = sum(number - 1 for key, number in copies.items() if key not in excused)
    return len(owed), lost, twice


async def unstamped(rig: Rig, seconds: float) -> Sampled:
    """Devices that say 20 samples a second and no time: how many can be told apart. Raises NotReady."""
    count = rig.counter()
    before = count()
    rate = float(HERTZ * UNSTAMPED_DEVICES)
    number = rig.order(rate=rate, seconds=seconds, devices=UNSTAMPED_DEVICES, stamped=False)
    await rig.until("samples come", lambda: count() > before)
    said = await _all_said(rig, number)
    await _quiet(rig)
    return Sampled(said, len(set(rig.stored(before))))
