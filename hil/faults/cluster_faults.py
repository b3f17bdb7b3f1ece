"""What can become of a cluster, one fault at a time, each with a word on whether it fired.

faults = Faults(cluster, Random(1), died)     # `died`: what Cluster says of processes that ended
told = await faults.bring("fail-over")
told.fired, told.text
"""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random

import psutil
import psycopg

from hil.cluster.fail_over import bring_back, is_synchronous, promote
from hil.cluster.site import Cluster
from hil.errors import NotReady
from hil.faults.lost_packets import LostPackets
from hil.postgres import Server
from hil.processes import Kept
from hil.until import until

_SHARED_S = 120.0
_AWAY_S = 2.0, 6.0
_CUT_S = 5.0, 12.0
_LOST_S = 21.0, 28.0
"""For longer than TCP waits for an answer: `tcp_user_timeout` of controller/store/postgres/connection.py."""
_LEASES = "SELECT shard, holder, token FROM shard_lease"
_TIMELINE = "SELECT timeline_id FROM pg_control_checkpoint()"


@dataclass(frozen=True, slots=True)
class Told:
    """What was done to whom, and whether it was."""

    text: str
    fired: bool


class Faults:
    """See the module."""

    def __init__(self, cluster: Cluster, rng: Random, died: Sequence[str]) -> None:
        self._cluster, self._rng, self._died = cluster, rng, died
        self._fail_overs = 0
        self._kinds: dict[str, Callable[[], Awaitable[Told]]] = {
            "controller killed": lambda: self._killed("controller"),
            "broker killed": self._broker_killed,
            "gateway killed": lambda: self._killed("ward"),
            "balancer killed": lambda: self._killed("balancer"),
            "standby killed": self._standby_killed,
            "primary killed": self._primary_killed,
            "database cut": self._database_cut,
            "broker cut": self._broker_cut,
            "cut off": self._cut_off,
            "fail-over": self._failed_over,
            "brokers emptied": self._brokers_emptied,
            "frozen": self._frozen,
        }

    async def bring(self, kind: str) -> Told:
        """One of KINDS. Raises NotReady: what has to come back does not."""
        return await self._kinds[kind]()

    def _one(self, kind: str) -> Kept:
        names = [name for name in self._cluster.processes if name.startswith(kind)]
        return self._cluster.processes[self._rng.choice(names)]

    async def _killed(self, kind: str) -> Told:
        one = self._one(kind)
        before, pid = len(self._died), one.pid
        if pid is None:
            raise NotReady(f"{one.name} is not there")
        os.kill(pid, signal.SIGKILL)
        await until(f"{one.name} is there again", lambda: one.pid not in (None, pid))
        return Told(one.name, any(f"{one.name} ended with -9" in line for line in self._died[before:]))

    async def _broker_killed(self) -> Told:
        one = self._one("broker")
        nats = _nats(one)
        if nats is None:
            raise NotReady(f"{one.name} has no nats-server")
        nats.kill()
        await until(f"{one.name} is there again", lambda: (now := _nats(one)) is not None and now != nats)
        return Told(one.name, not _runs(nats))

    async def _standby_killed(self) -> Told:
        standby = self._cluster.standby
        if standby is None:
            raise NotReady("there is no standby")
        standby.kill()
        alone = not await asyncio.to_thread(is_synchronous, self._cluster.primary)
        await self._pause(_AWAY_S)
        await asyncio.to_thread(standby.start)
        await self._until_synchronous()
        return Told("commits waited for it", alone)

    async def _primary_killed(self) -> Told:
        primary = self._cluster.primary
        primary.kill()
        fired = not await asyncio.to_thread(_answers, primary)
        await self._pause(_AWAY_S)
        await asyncio.to_thread(primary.start)
        await self._until_synchronous()
        return Told("it recovers by itself", fired)

    async def _failed_over(self) -> Told:
        cluster, is_rewound = self._cluster, self._fail_overs % 2 == 1
        self._fail_overs += 1
        before = await asyncio.to_thread(_timeline, cluster.primary)
        cluster.primary.kill()
        fired = not await asyncio.to_thread(_answers, cluster.primary)
        await self._pause(_AWAY_S)
        await promote(cluster)
        await self._pause(_AWAY_S)
        await bring_back(cluster, is_rewound=is_rewound)
        after = await asyncio.to_thread(_timeline, cluster.primary)
        how = "pg_rewind" if is_rewound else "a base backup"
        where = cluster.name_of(cluster.primary)
        return Told(f"to {where}, the other back by {how}", fired and after == before + 1)

    async def _until_synchronous(self) -> None:
        await until("commits wait for the standby", lambda: is_synchronous(self._cluster.primary))

    async def _brokers_emptied(self) -> Told:
        layout, fired = self._cluster.layout, list[bool]()
        brokers = [self._cluster.processes[f"broker-{n + 1}"] for n in range(len(layout.brokers))]
        was = [_nats(one) for one in brokers]
        for number, one in enumerate(brokers):
            await one.stop(grace_s=0)
            await asyncio.to_thread(shutil.rmtree, layout.broker(number))
        for nats in was:
            await until("its nats-server is gone", lambda nats=nats: nats is None or not _runs(nats))
            fired.append(nats is not None)
        await self._pause(_AWAY_S)
        for number, one in enumerate(brokers):
            await asyncio.to_thread(layout.new_broker, number)
            await one.start()
        return Told(f"{len(brokers)} at once", all(fired))

    async def _database_cut(self) -> Told:
        """It cannot renew its leases: others take them before it is back."""
        name, cut = self._rng.choice(list(self._cluster.cuts.items()))
        before, waited = await self._shared_out(), sum(gate.waited for gate in cut.databases)
        for gate in cut.databases:
            gate.shut()
        try:
            moved = await self._until_taken(before)
            await self._pause(_AWAY_S)
        finally:
            for gate in cut.databases:
                gate.open()
        fired = sum(gate.waited for gate in cut.databases) > waited
        return Told(f"{name}, of which {moved} shards were taken", fired and moved > 0)

    async def _broker_cut(self) -> Told:
        name, cut = self._rng.choice(list(self._cluster.cuts.items()))
        number = self._rng.randrange(len(cut.brokers))
        gate = cut.brokers[number]
        waited = gate.waited
        gate.shut()
        await self._pause(_CUT_S)
        gate.open()
        return Told(f"{name} from broker-{number + 1}", gate.waited > waited)

    async def _cut_off(self) -> Told:
        """Whatever one controller sends, and is sent, vanishes: others', brokers', databases', pages'."""
        name, cut = self._rng.choice(list(self._cluster.cuts.items()))
        layout, number = self._cluster.layout, int(name.rpartition("-")[2]) - 1
        ways = [gate.port for gate in (*cut.databases, *cut.brokers)]
        before = await self._shared_out()
        with LostPackets([*ways, layout.http[number], layout.est[number]]) as lost:
            moved = await self._until_taken(before)
            await self._pause(_LOST_S)
        return Told(f"{name}, {lost.count} packets, {moved} shards were taken", lost.count > 0 and moved > 0)

    async def _frozen(self) -> Told:
        """For longer than a lease lasts: its shards are another's when it goes on."""
        one, before = self._one("controller"), await self._shared_out()
        if one.pid is None:
            raise NotReady(f"{one.name} is not there")
        frozen = psutil.Process(one.pid)
        frozen.suspend()
        try:
            moved = await self._until_taken(before)
            stopped = frozen.status() == psutil.STATUS_STOPPED
            await self._pause((0.0, 3.0))
        finally:
            frozen.resume()
        return Told(f"{one.name}, of which {moved} shards were taken meanwhile", stopped and moved > 0)

    async def _until_taken(self, before: dict[int, tuple[str, int]]) -> int:
        began, moved = time.monotonic(), 0
        while not moved and time.monotonic() - began < 60:
            await asyncio.sleep(0.2)
            moved = _taken(before, await self._leases())
        return moved

    async def _shared_out(self) -> dict[int, tuple[str, int]]:
        """The leases, once each controller has some again: of one that has none nothing can be taken."""
        until = time.monotonic() + _SHARED_S
        while True:
            leases = await self._leases()
            holders = {holder for holder, _ in leases.values()} - {""}
            if len(holders) == self._cluster.layout.asked.controllers:
                return leases
            if time.monotonic() > until:
                raise NotReady(
                    f"not within {_SHARED_S:.0f} s: shards for each controller, only {holders} have some"
                )
            await asyncio.sleep(0.2)

    async def _leases(self) -> dict[int, tuple[str, int]]:
        return await asyncio.to_thread(_leases, self._cluster.database)

    async def _pause(self, between: tuple[float, float]) -> None:
        await asyncio.sleep(self._rng.uniform(*between))


AS_ROOT = "cut off"
"""Needs a network of one's own."""
KINDS = (
    *("controller killed", "broker killed", "gateway killed", "balancer killed", "standby killed"),
    *("primary killed", "database cut", "broker cut", "fail-over", "brokers emptied", "frozen"),
    AS_ROOT,
)


def _nats(broker: Kept) -> psutil.Process | None:
    try:
        children = psutil.Process(broker.pid).children(recursive=True) if broker.pid else []
        return next((one for one in children if one.name() == "nats-server"), None)
    except psutil.NoSuchProcess:
        return None


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _answers(server: Server) -> bool:
    try:
        psycopg.connect(server.url(), connect_timeout=2).close()
    except psycopg.Error:
        return False
    return True


def _timeline(server: Server) -> int:
    with psycopg.connect(server.url(), autocommit=True) as db:
        db.execute("CHECKPOINT")
        return (db.execute(_TIMELINE).fetchone() or (0,))[0]


def _leases(url: str) -> dict[int, tuple[str, int]]:
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as db:
        return {shard: (holder, token) for shard, holder, token in db.execute(_LEASES)}


def _taken(before: dict[int, tuple[str, int]], now: dict[int, tuple[str, int]]) -> int:
    """Shards that somebody else has under a later token."""
    pairs = [(one, now[shard]) for shard, one in before.items()]
    return sum(new[0] not in ("", old[0]) and new[1] > old[1] for old, new in pairs)
