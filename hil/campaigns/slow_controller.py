"""A controller with a tenth of a processor, or none for a while, or that cannot store: nothing grows or goes.

A round is one of:
quota      the kernel gives the controller 10 % of a processor
stops      it runs 10 ms of each 100 ms (SIGSTOP, SIGCONT)
frozen     SIGSTOP for more than half a minute: its broker takes it for dead
overflow   its database is locked while another gateway sends more than its queue holds
Meanwhile several gateways send more than it can take, and alarms are raised. Passes when no process holds
more memory than its queues may have, or keeps growing; when alarms are stored before the backlog; and when
all that the devices sent is stored at last, once. After each round the load falls, that a small machine can
drain the backlog, but it never ends.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

import aiomqtt
import psutil

from hil.campaigns.running_ward import add_to_last
from hil.campaigns.verdict import Verdict
from hil.database import connected, streams
from hil.errors import NotReady
from hil.faults.busy_site import BusySite
from hil.faults.greedy import Greedy
from hil.faults.resident import Held, resident
from hil.faults.rogue import ROGUE, Rogue
from hil.faults.slowness import duty_cycle, frozen, has_quota, limited
from hil.gapcheck import settled
from hil.sims.emitted import boot_id, now_ns
from hil.until import until

KINDS = ("quota", "stops", "frozen", "overflow")
SHARE, MOST_SHARE = 0.1, 0.15
"""Of one processor: what the controller is given, and above what it was not slow."""
QUEUE_BYTES = 64 * 2**20
"""What the controller lets wait to be stored."""
FLOOD_BYTES = QUEUE_BYTES + 24 * 2**20
MOST_BYTES = {"controller": QUEUE_BYTES + 48_000_000, "broker": 192_000_000}
"""What each may hold beyond what it has at rest. Controller: its queue, the events that screens may resume
over (16 MB), a batch as it was read, and what an allocator leaves unused. Broker: 64 MB for a connection that
does not take what it should, and twice as much until its garbage is collected."""
MOST_OF_A_GATEWAY = 32_000_000
"""A window of 64 blocks of at most 64 kB on two lanes, those new on them, and their copies on the way."""
_WARM_UP_S, _EVERY_S, _LOOK_S, _PATIENCE_S = 30.0, (2.0, 4.0), 0.1, 240.0
_BEHIND, _SOON_S = 2000, 1.5
"""A backlog is more readings than these; an alarm stored so soon has waited for two batches, not for it."""
_ALERTS = """SELECT device, mono_us FROM alert JOIN boot ON boot.id = alert.boot
WHERE code = 'device-lost' AND boot.boot = ? AND mono_us >= ?"""
_TURNED_AWAY = re.compile(r"(\d+) messages were turned away")


@dataclass(frozen=True, slots=True)
class Load:
    """Of each of `gateways`, a second."""

    gateways: int = 3
    readings: float = 2500
    wave_bytes: int = 60_000


@dataclass(slots=True)
class Alarm:
    """Raised (ns since boot) when `said` readings had been sent, of which `behind` were not stored."""

    gateway: int
    raised: int
    said: int
    behind: int
    seen: int | None = None
    overtook: int = 0
    """Readings sent before it that were not stored when it was."""

    def problem(self) -> str | None:
        """What is wrong with it, if there was a backlog."""
        if self.seen is None:
            return "an alarm was never stored"
        waited_s = (self.seen - self.raised) / 1e9
        if self.behind > _BEHIND and self.overtook <= 0 and waited_s > _SOON_S:
            return f"an alarm waited {waited_s:.1f} s, as long as the backlog"
        return None


async def run(
    folder: Path,
    seed: int,
    rounds: int,
    say: Callable[[str], None],
    *,
    kinds: Sequence[str] = KINDS,
    hold_s: float = 40.0,
    load: Load | None = None,
) -> Verdict:
    """`rounds` rounds, each of `kinds` as often as the others, of `hold_s` seconds. Raises NotReady."""
    rng, verdict, load = Random(seed), Verdict("slow-controller", seed), load or Load()
    usable = [kind for kind in kinds if kind != "quota" or has_quota()]
    order = [kind for _ in range(-(-rounds // len(usable))) for kind in rng.sample(usable, len(usable))]
    async with BusySite(
        folder,
        gateways=load.gateways,
        readings=load.readings,
        wave_bytes=load.wave_bytes,
        rogues=(ROGUE,),
    ) as site:
        lab = _Lab(site, rng, hold_s)
        with site.busy():
            await asyncio.sleep(min(_WARM_UP_S, hold_s))
        for number, kind in enumerate(order[:rounds], 1):
            await lab.round(kind, verdict)
            problems = "; ".join(verdict.rounds[-1].problems)
            say(f"{number}/{rounds}, {kind}: {lab.told}; {problems or 'all there'}")
        add_to_last(verdict, await lab.end())
        verdict.facts |= lab.facts()
    return verdict


@dataclass(slots=True)
class _Lab:
    """The rounds."""

    site: BusySite
    rng: Random
    hold_s: float
    told: str = ""
    alarms: list[Alarm] = field(default_factory=list[Alarm])
    shares: list[float] = field(default_factory=list[float])
    """Of a processor, that the controller had while it was limited."""
    _worst: int = 0
    """Readings behind, at the most, in this round."""
    _memory: dict[str, int] = field(default_factory=dict[str, int])
    _recovered_s: list[float] = field(default_factory=list[float])

    async def round(self, kind: str, verdict: Verdict) -> None:
        """Bring it about, heal it, and wait until all is there."""
        began, self._worst, first = now_ns(), 0, len(self.alarms)
        problems: list[str] = []
        fired = False
        async with resident(self.site.pids()) as held:
            try:
                fired = await self._fault(kind, held, problems)
                healed = now_ns()
                problems += await self._recovered(began, healed)
            except (NotReady, aiomqtt.MqttError) as error:
                problems.append(f"{error}")
        mine = self.alarms[first:]
        problems += [problem for alarm in mine if (problem := alarm.problem())]
        problems += held.problems(self._most())
        problems += self.site.deaths
        self._remember(held)
        self.told = f"{self._worst} readings behind, {len(mine)} alarms, {held}"
        verdict.round(kind, fired=fired and self._worst > _BEHIND, problems=problems)

    def _most(self) -> dict[str, int]:
        return dict.fromkeys(self.site.pids(), MOST_OF_A_GATEWAY) | MOST_BYTES

    async def _fault(self, kind: str, held: Held, problems: list[str]) -> bool:
        """Whether it fired. Adds to `problems` who keeps growing while the controller is slow."""
        pid = self.site.pids()["controller"]
        async with self._alarmed():
            match kind:
                case "quota" | "stops":
                    async with (limited if kind == "quota" else duty_cycle)(pid, SHARE) as limit:
                        await asyncio.sleep(self.hold_s)
                        share = limit.share()
                        self.shares.append(share)
                        problems += held.growing()
                    return limit.stopped > 0 and share < MOST_SHARE
                case "frozen":
                    with frozen(pid) as process:
                        await asyncio.sleep(self.hold_s)
                        return process.status() == psutil.STATUS_STOPPED
                case _:
                    return await self._overflow()

    async def _overflow(self) -> bool:
        turned_away = self._turned_away()
        greedy = Greedy(Rogue(self.site.mqtt_port, self.site.identities[ROGUE].context()))
        with closing(sqlite3.connect(self.site.database, isolation_level=None, timeout=20)) as db:
            db.execute("BEGIN IMMEDIATE")
            await greedy.flood(FLOOD_BYTES)
            await asyncio.sleep(self.hold_s / 4)
            db.execute("ROLLBACK")
        await greedy.until_told()
        await until("the queue has room again", lambda: self._turned_away() > turned_away, _PATIENCE_S)
        return True

    def _turned_away(self) -> int:
        return sum(map(int, _TURNED_AWAY.findall(self.site.log("controller"))))

    @asynccontextmanager
    async def _alarmed(self) -> AsyncIterator[None]:
        """Raise alarms under full load inside the block; look for them until all are stored."""
        looking = asyncio.create_task(self._look())
        raising = asyncio.create_task(self._raise())
        try:
            with self.site.busy():
                yield
            raising.cancel()
            await asyncio.wait({raising})
            await until("all alarms are stored", lambda: all(a.seen for a in self.alarms), _PATIENCE_S)
        finally:
            for task in (raising, looking):
                task.cancel()
            await asyncio.wait({raising, looking})

    async def _raise(self) -> None:
        while True:
            await asyncio.sleep(self.rng.uniform(*_EVERY_S))
            gateway = self.rng.randrange(len(self.site.gateways))
            said = self.site.said()
            self.alarms.append(Alarm(gateway, now_ns(), said, said - self.site.stored()))
            self.site.alarm(gateway)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            self._worst = max(self._worst, self.site.said() - self.site.stored())
            waiting = [alarm for alarm in self.alarms if alarm.seen is None]
            if waiting:
                self._find(waiting)

    def _find(self, waiting: list[Alarm]) -> None:
        """Which of them are stored: one of its gateway, not older than it, for each."""
        with closing(connected(self.site.database)) as db:
            rows = db.execute(_ALERTS, (boot_id(), waiting[0].raised // 1000)).fetchall()
        stored = self.site.stored()
        for gateway in {alarm.gateway for alarm in waiting}:
            prefix = f"{self.site.gateways[gateway].name}-"
            times = sorted(us for device, us in rows if device.startswith(prefix))
            mine = [alarm for alarm in self.alarms if alarm.gateway == gateway]
            for alarm, later in zip(mine, [*mine[1:], None], strict=True):
                end = later.raised // 1000 if later else now_ns()
                if alarm.seen is None and any(alarm.raised // 1000 <= us < end for us in times):
                    alarm.seen, alarm.overtook = now_ns(), alarm.said - stored

    async def _recovered(self, began: int, healed: int) -> list[str]:
        """Wait until all that was said in this round is stored; what is not."""
        said = self.site.said()
        await until("the backlog is stored", lambda: self.site.stored() >= said, _PATIENCE_S, 0.2)
        self._recovered_s.append((now_ns() - healed) / 1e9)
        return await self._complete(began, healed)

    async def _complete(self, began: int, end: int) -> list[str]:
        problems: list[str] = []
        for _ in range(20):
            problems = list(self._missing(began, end))
            if not problems:
                break
            await asyncio.sleep(1)
        return problems

    def _missing(self, began: int, end: int) -> Iterator[str]:
        found = settled(self.site.emitted, self.site.database, boot_id(), began, end)
        yield from found.problems
        for (kind, why), count in found.given_up.items():
            yield f"{count} of kind {kind} were given up: {why}"

    def _remember(self, held: Held) -> None:
        for name in held.sizes:
            self._memory[name] = max(self._memory.get(name, 0), held.growth(name))

    async def end(self) -> list[str]:
        """No device says anything any more, and all is handed over: the whole ledger."""
        self.site.silence()

        def problems() -> list[str]:
            return [line for one in streams(self.site.database) for line in one.problems()]

        try:
            await until("the ledger is whole", lambda: not problems(), _PATIENCE_S, 1.0)
        except NotReady as error:
            return [str(error), *problems()]
        return self.site.deaths

    def facts(self) -> dict[str, str]:
        """Figures of all rounds."""
        behind = sorted(
            (a.seen - a.raised) / 1e9 for a in self.alarms if a.seen is not None and a.behind > _BEHIND
        )
        waits = f"median {median(behind):.2f} s, worst {behind[-1]:.2f} s" if behind else "none"
        cut = self.site.log("broker").lower().count("slow consumer")
        again = self.site.log("controller").count("no connection to the broker")
        return {
            "readings": f"{self.site.said()} sent, {self.site.stored()} stored",
            "alarms": f"{len(self.alarms)}, of which {len(behind)} with a backlog: {waits}",
            "speed": ", ".join(f"{share:.1%}" for share in self.shares)
            + " of a processor while it was limited",
            "memory": ", ".join(f"{name} +{size / 1e6:.0f} MB" for name, size in self._memory.items()),
            "all stored after": f"at most {max(self._recovered_s, default=0):.1f} s at full speed",
            "turned away": f"{self._turned_away()} messages, all of which came again",
            "broker": f"{cut} times it cut off a reader that took nothing; {again} connections broke",
        }
