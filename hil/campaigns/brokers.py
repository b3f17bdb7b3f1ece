"""Three brokers beside each other, of which one, two or all fail while gateways send and alarms are raised.

A round is one of:
killed     nats-server of one is killed; it comes back by itself
lost       the host of one is gone for seconds, and comes back with an empty disk
hangs      SIGSTOP of one for seconds
half open  nothing passes between the gateways and one for seconds, and no connection is closed
cut off    nothing passes between the controller and one: it takes everything, and nobody hears it
two        two hosts are gone at once, and come back with empty disks
all        all three are gone at once, and come back with empty disks
Passes when the independent checker and the witness find nothing lost and nothing twice.
"""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil

from hil import ledger_checker
from hil.campaigns.verdict import Verdict
from hil.database import connected, streams
from hil.errors import NotReady
from hil.faults.many_brokers import ManyBrokers, Member
from hil.gapcheck import settled
from hil.sims.emitted import boot_id, now_ns
from hil.until import until
from hil.witness import Witness

KINDS = ("killed", "lost", "hangs", "half open", "cut off", "two", "all")
_AWAY_S = 3.0, 8.0
_ALARM_S, _LOOK_S = 0.6, 0.03
_PATIENCE_S = 90.0
_STORED = """SELECT min(mono_us) FROM alert JOIN boot ON boot.id = alert.boot
WHERE boot.boot = ? AND device LIKE ? AND mono_us >= ? AND mono_us < ?"""


@dataclass(slots=True)
class Alarm:
    """Raised at `raised` (ns since boot) by the gateway of this number; stored at `seen`."""

    gateway: int
    raised: int
    seen: int = 0

    @property
    def took_s(self) -> float:
        """Until it was stored."""
        return (self.seen - self.raised) / 1e9


@dataclass(slots=True)
class Alarms:
    """Raised one after the other, by each gateway in turn, and looked for in the database."""

    site: ManyBrokers
    all: list[Alarm] = field(default_factory=list[Alarm])

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._raise())
            group.create_task(self._look())

    async def _raise(self) -> None:
        while True:
            gateway = len(self.all) % len(self.site.gateways)
            self.all.append(Alarm(gateway, now_ns()))
            self.site.alarm(gateway)
            await asyncio.sleep(_ALARM_S)

    async def _look(self) -> None:
        while True:
            self.find()
            await asyncio.sleep(_LOOK_S)

    def find(self) -> int:
        """How many are not stored yet."""
        waiting = [alarm for alarm in self.all if not alarm.seen]
        if waiting:
            with closing(connected(self.site.database)) as db:
                for alarm in waiting:
                    row = (
                        boot_id(),
                        f"{self.site.name(alarm.gateway)}-%",
                        alarm.raised // 1000,
                        self._next(alarm),
                    )
                    if db.execute(_STORED, row).fetchone()[0] is not None:
                        alarm.seen = now_ns()
        return sum(not alarm.seen for alarm in self.all)

    def _next(self, alarm: Alarm) -> int:
        later = (one.raised for one in self.all if one.gateway == alarm.gateway and one.raised > alarm.raised)
        return next(later, now_ns()) // 1000


async def run(
    folder: Path,
    seed: int,
    rounds: int,
    say: Callable[[str], None],
    *,
    kinds: Sequence[str] = KINDS,
    readings: float = 400,
) -> Verdict:
    """`rounds` rounds in an empty `folder`. Raises NotReady at a bad start."""
    verdict, rng = Verdict("brokers", seed), Random(seed)
    order = [kind for _ in range(-(-rounds // len(kinds))) for kind in rng.sample(kinds, len(kinds))]
    size = {"gateways": 2, "devices": 4, "readings": readings, "wave_bytes": 8000}
    async with ManyBrokers(folder, brokers=3, **size) as site:
        campaign = _Campaign(site, rng, Alarms(site))
        alarming = asyncio.create_task(campaign.alarms.run())
        with site.busy():
            for kind in order[:rounds]:
                await campaign.round(kind, verdict)
                say(f"{len(verdict.rounds)}/{rounds}: {campaign.told}")
        await asyncio.sleep(2 * _ALARM_S)
        alarming.cancel()
        await asyncio.wait({alarming})
        problems = await campaign.end()
        verdict.round("the end", fired=True, problems=problems)
        verdict.facts |= campaign.facts()
    return verdict


@dataclass(slots=True)
class _Campaign:
    site: ManyBrokers
    rng: Random
    alarms: Alarms
    told: str = ""
    began: int = field(default_factory=now_ns)
    _witnesses: list[Witness] = field(init=False)
    _memory: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        names = map(self.site.name, range(len(self.site.gateways)))
        self._witnesses = [Witness(self.site.folder / name / "journal") for name in names]

    async def round(self, kind: str, verdict: Verdict) -> None:
        """Bring it about; then all that was said before has to arrive."""
        await asyncio.sleep(self.rng.uniform(0.5, 1.5))
        first, problems, fired = len(self.alarms.all), list[str](), False
        used = [one for one in self.site.members if one.from_gateways.connections]
        victim = self.rng.choice(used or self.site.members)
        try:
            fired = await self._fault(kind, victim) and bool(used)
            await asyncio.sleep(3 * _ALARM_S)
            self._look()
            said = self.site.said()
            await until("all of before is stored", lambda: self.site.stored() >= said, _PATIENCE_S, 0.2)
            await until(
                "alarms are stored", lambda: self._waiting(len(self.alarms.all) - 2) == 0, _PATIENCE_S
            )
            self._memory += [one.memory_info().rss for m in self.site.members if (one := m.nats())]
        except (NotReady, psutil.NoSuchProcess) as error:
            problems.append(str(error))
        took = sorted(alarm.took_s for alarm in self.alarms.all[first:] if alarm.seen)
        longest = f"{len(took)} alarms, the longest {took[-1]:.2f} s" if took else "no alarm"
        self.told = f"{kind} ({victim.name}): {longest}; {'; '.join(problems) or 'all there'}"
        verdict.round(kind, fired=fired, problems=problems)

    async def _fault(self, kind: str, victim: Member) -> bool:
        """Whether it fired."""
        away_s = self.rng.uniform(*_AWAY_S)
        match kind:
            case "killed":
                return await self._killed(victim)
            case "hangs":
                return await self._hangs(victim, away_s)
            case "half open" | "cut off":
                gate = victim.from_gateways if kind == "half open" else victim.from_controller
                before = gate.waited
                gate.shut()
                await asyncio.sleep(away_s + 4)
                gate.open()
                return gate.waited > before
            case _:
                many = {"lost": 1, "two": 2, "all": 3}[kind]
                gone = [victim, *self.rng.sample([m for m in self.site.members if m is not victim], many - 1)]
                for one in gone:
                    await one.lost()
                await asyncio.sleep(away_s / 2)
                for one in gone:
                    await one.replaced()
                return True

    async def _killed(self, victim: Member) -> bool:
        nats = victim.nats()
        if nats is None:
            return False
        nats.kill()
        await until(
            "another takes its place", lambda: (now := victim.nats()) is not None and now.pid != nats.pid
        )
        return True

    async def _hangs(self, victim: Member, away_s: float) -> bool:
        nats = victim.nats()
        if nats is None:
            return False
        nats.suspend()
        await asyncio.sleep(away_s)
        stopped = nats.status() == psutil.STATUS_STOPPED
        nats.resume()
        return stopped

    def _waiting(self, upto: int) -> int:
        return sum(not alarm.seen for alarm in self.alarms.all[:upto])

    def _look(self) -> None:
        for one in self._witnesses:
            one.look()

    async def end(self) -> list[str]:
        """No device says anything any more, and all is handed over. What does not hold then."""
        self.site.silence()
        end, database = now_ns(), self.site.database

        def holds() -> bool:
            self._look()
            unsettled = any(one.unsettled(database) for one in self._witnesses)
            # What was said last may still be on its way into the journal.
            return (
                self.site.stored() >= self.site.said()
                and not unsettled
                and not [line for one in streams(database) for line in one.problems()]
            )

        try:
            await until("the ledger is whole", holds, _PATIENCE_S, 1.0)
        except NotReady as error:
            return [str(error), *(line for one in streams(database) for line in one.problems())]
        problems = [line for one in self._witnesses for line in one.problems(database)]
        found = settled(self.site.emitted, database, boot_id(), self.began, end)
        problems += [*found.problems, *self.site.deaths]
        problems += [f"given up: {count} of {kind}: {why}" for (kind, why), count in found.given_up.items()]
        problems += [f"{self.alarms.find()} alarms were never stored"] if self.alarms.find() else []
        checked = await asyncio.to_thread(_checked, database)
        return problems + checked

    def facts(self) -> dict[str, str]:
        """Figures of all rounds."""
        took = sorted(alarm.took_s for alarm in self.alarms.all if alarm.seen)
        at = {"median": 0.5, "95 %": 0.95}
        shares = ", ".join(f"{name} {took[int(share * (len(took) - 1))]:.2f} s" for name, share in at.items())
        again = sum(one.resent for one in streams(self.site.database))
        produced = sum(one.produced for one in streams(self.site.database))
        return {
            "alarms": f"{len(took)}: {shares}, longest {took[-1]:.2f} s",
            "readings": f"{self.site.said()} sent, {self.site.stored()} stored",
            "blocks": f"{produced} produced, {again} came again",
            "memory of a broker": f"at most {max(self._memory, default=0) / 1e6:.0f} MB",
        }


def _checked(database: Path) -> list[str]:
    """What the checker that shares no code with the product says."""
    argv = [sys.executable, ledger_checker.__file__, str(database)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()
