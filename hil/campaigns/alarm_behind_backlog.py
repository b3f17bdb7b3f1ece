"""Alarms raised while a backlog of 20,000 readings drains over 256 kbit/s with one plain queue of 2 seconds.

Passes when each is in the store within 250 ms and one round trip (99th percentile; with 20 alarms that is
all of them), when the backlog uses at least 80% of the link, and nothing is missing or twice at the end. A
round is one alarm; it counts when the backlog was still there as it was raised, and packets had to wait.
Needs root: gateway and controller are in a network namespace of their own (`hil.faults.namespace`).
"""

import asyncio
import math
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

from controller.ports import free_port
from hil.campaigns.verdict import Verdict
from hil.database import connected, streams
from hil.endcheck import compared
from hil.errors import NotReady
from hil.faults.alarming_gateway import ALARM
from hil.faults.namespace import in_namespace, setting
from hil.faults.wan import HOSPITAL, PERFECT, Conditions, Wan
from hil.prepare import enrol, write_controller_config, write_gateway_config
from hil.processes import Kept
from hil.sims.emitted import boot_id, now_ns
from hil.until import until
from hil.ward import Folder, six_kinds

READINGS, LIVE_RATE = 20_000, 60
LINK = Conditions(delay_s=0.05, rate_bps=256e3)
"""64,000 bytes may wait for it: two seconds."""
ROUND_TRIP_MS = 2 * LINK.delay_s * 1000


class Limits(NamedTuple):
    """What makes it pass; a machine that does other things, too, fills no link and keeps no time."""

    ms: float = 250 + ROUND_TRIP_MS
    least_share: float = 0.8


LIMITS = Limits()

_ROOT = Path(__file__).parents[2]
_BEDS = 20
_BUILD_S, _SETTLE_S, _EVERY_S, _LOOK_S = 10, 1.0, (0.2, 0.6), 0.01
_PATIENCE_S = 60.0
_BEHIND = 8
"""Blocks; a backlog is what is more than these."""
_ALERTS = """SELECT device, mono_us FROM alert JOIN boot ON boot.id = alert.boot
WHERE code = 'device-lost' AND active AND boot.boot = ?"""


@dataclass(slots=True)
class Alarm:
    """When it was raised and first seen in the store (ns since boot).

    `behind`: blocks that were not there as it was raised; `left`: those when it was seen.
    """

    behind: int
    raised: int
    seen: int | None = None
    left: int = 0

    @property
    def ms(self) -> float:
        """How long it took."""
        return math.inf if self.seen is None else (self.seen - self.raised) / 1e6


async def run(
    folder: Path,
    seed: int,
    rounds: int,
    say: Callable[[str], None],
    *,
    readings: int = READINGS,
    link: Conditions = LINK,
    limits: Limits = LIMITS,
) -> Verdict:
    """`rounds` alarms, in an empty `folder`. Raises NotReady, also without root."""

    ward = Folder(folder.absolute())  # noqa: ASYNC240 - asks nothing of a disk

    async def inside() -> Verdict:
        # The usual CUBIC fills any queue, as Reno does, which every kernel lets a namespace have.
        setting("tcp_congestion_control", "reno")
        async with AsyncExitStack() as stack:
            wan = await stack.enter_async_context(Wan(seed))
            rig = await Rig.start(ward, wan, readings, stack)
            return await _Campaign(seed, say, rig, link, limits).run(rounds)

    return await in_namespace(inside)


@dataclass(slots=True)
class Rig:
    """A controller, and a gateway behind the network, with `readings` in its journal that nobody has."""

    folder: Folder
    wan: Wan
    gateway: Kept
    died: list[str]

    @classmethod
    async def start(cls, folder: Folder, wan: Wan, readings: int, stack: AsyncExitStack) -> "Rig":
        """Start both while no packet gets through. Raises NotReady."""
        await wan.blackout()
        http, mqtt = (free_port("127.0.0.1", 0, what) for what in ("the board", "MQTT"))
        config, ward, died = write_controller_config(folder, http, mqtt), six_kinds(_BEDS), list[str]()
        await enrol(folder, config, ward)
        gateway_config = str(write_gateway_config(folder, ward, f"mqtts://{HOSPITAL}:{mqtt}"))
        load = (str(folder.emitted("x").parent), str(readings / _BUILD_S), str(_BUILD_S), str(LIVE_RATE))
        orders = {
            "controller": ("wardlink", "controller", "run", str(config)),
            "gateway": ("hil.faults.alarming_gateway", gateway_config, *load),
        }
        started: dict[str, Kept] = {}
        for name, order in orders.items():
            argv = [sys.executable, "-m", *order]
            kept = Kept(name, argv, log=folder.log(name), died=lambda who, *_: died.append(who), cwd=_ROOT)
            started[name] = kept
            await kept.start()
            stack.push_async_callback(kept.stop)
        addresses = folder.controller / "run" / "addresses.json"
        await until("the controller is up", addresses.exists)
        rig = cls(folder, wan, started["gateway"], died)
        await until("the backlog is made", lambda: rig.sent() >= readings, every_s=0.2)
        return rig

    @property
    def database(self) -> Path:
        """The controller's."""
        return self.folder.controller / "wardlink.sqlite"

    def sent(self) -> int:
        """Lines in the devices' own records."""
        files = self.folder.emitted("x").parent.glob("*.jsonl")
        return sum(file.read_bytes().count(b"\n") for file in files)

    def stored(self) -> int:
        """Readings that are here."""
        with closing(connected(self.database)) as db:
            return db.execute("SELECT count(*) FROM observation").fetchone()[0]

    def behind(self) -> int:
        """Blocks that are known to be made and are not here."""
        rows = streams(self.database, with_records=False)
        return sum(last - first + 1 for one in rows for first, last in one.missing())

    def alerts(self) -> dict[str, int]:
        """By device, when the gateway stamped its alert, ns since boot."""
        with closing(connected(self.database)) as db:
            return {device: us * 1000 for device, us in db.execute(_ALERTS, (boot_id(),))}

    def raise_alarm(self) -> None:
        """The next device is lost."""
        if self.gateway.pid is None:
            raise NotReady("the gateway ended")
        os.kill(self.gateway.pid, signal.SIGUSR1)


class _Campaign:
    def __init__(
        self, seed: int, say: Callable[[str], None], rig: Rig, link: Conditions, limits: Limits
    ) -> None:
        self._verdict = Verdict("alarm-behind-backlog", seed)
        self._rng = Random(seed)
        self._say = say
        self._rig = rig
        self._link = link
        self._limits = limits
        self._alarms: list[Alarm] = []
        self._seen: set[str] = set()

    async def run(self, rounds: int) -> Verdict:
        rig, loop = self._rig, asyncio.get_running_loop()
        await rig.wan.set(self._link)
        await until("the backlog begins to drain", lambda: rig.stored() > 0)
        await asyncio.sleep(_SETTLE_S)
        began, before = loop.time(), await rig.wan.counts()
        for _ in range(rounds):
            await self._one()
        carried, took_s = await rig.wan.counts() - before, loop.time() - began
        left = rig.behind()
        await self._wait_for(self._alarms, _PATIENCE_S)
        await rig.wan.set(PERFECT)
        problems = await self._end()
        share = carried["up-link-bytes"] * 8 / took_s / self._link.rate_bps if self._link.rate_bps else 1.0
        if share < self._limits.least_share:
            problems.append(f"the backlog used {share:.0%} of the link")
        self._judge(carried, problems)
        self._verdict.facts |= {
            "backlog": f"{self._alarms[0].behind} blocks at the first alarm, {left} after the last",
            "link": f"{share:.0%} of {self._link.rate_bps / 1000:.0f} kbit/s used, "
            f"{carried['up-overflowed']} packets lost to a full queue",
        }
        return self._verdict

    async def _one(self) -> None:
        """Raise an alarm; then wait a little, looking for it."""
        alarm = Alarm(self._rig.behind(), now_ns())
        self._rig.raise_alarm()
        self._alarms.append(alarm)
        await self._wait_for([], self._rng.uniform(*_EVERY_S))

    async def _wait_for(self, alarms: list[Alarm], seconds: float) -> None:
        """Look for alerts for `seconds`, or until all of `alarms`, if any, are there."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end and not (alarms and all(alarm.seen for alarm in alarms)):
            await asyncio.sleep(_LOOK_S)
            self._look()

    def _look(self) -> None:
        """What is new in the store is the alarm that was raised last before the gateway's stamp."""
        now = now_ns()
        for device, stamped in self._rig.alerts().items():
            if device not in self._seen:
                self._seen.add(device)
                raised = [alarm for alarm in self._alarms if alarm.raised <= stamped + 1_000]
                if raised:
                    raised[-1].seen, raised[-1].left = now, self._rig.behind()

    async def _end(self) -> list[str]:
        """Wait until all is there; what does not hold then, as sentences."""
        rig = self._rig
        problems: list[str] = [f"{name} ended" for name in rig.died]
        try:
            await until("the backlog is gone", lambda: rig.behind() <= _BEHIND, every_s=0.5)
        except NotReady as error:
            problems.append(str(error))
        await rig.gateway.stop()
        problems += [line for one in streams(rig.database) for line in one.problems()]
        checks = compared(rig.folder.emitted("x").parent, rig.database, boot_id(), 0)
        for one in checks:
            if one.metric != ALARM and not one.is_clean:
                problems.append(f"{one.device}: {one.missing} readings are missing, {one.surplus} too many")
        self._verdict.facts["readings"] = f"{sum(one.stored for one in checks)} stored, every one compared"
        return problems

    def _judge(self, carried: Counter[str], problems: list[str]) -> None:
        """Each alarm is a round; what is wrong in the whole belongs to the last."""
        last = self._alarms[-1]
        for alarm in self._alarms:
            fired = alarm.behind > _BEHIND and carried["up-queued"] > 0
            name = f"alarm behind {alarm.behind} blocks"
            late = self._late(alarm)
            self._verdict.round(name, fired=fired, problems=late + (problems if alarm is last else []))
        times = sorted(alarm.ms for alarm in self._alarms)
        ninety_ninth = times[math.ceil(0.99 * len(times)) - 1]
        told = f"median {median(times):.0f} ms, 99th percentile {ninety_ninth:.0f} ms"
        self._verdict.facts["alarms"] = f"{told}, limit {self._limits.ms:.0f} ms"
        self._say(told)

    def _late(self, alarm: Alarm) -> list[str]:
        told: list[str] = []
        if alarm.ms > self._limits.ms:
            told.append(f"it took {alarm.ms:.0f} ms, {self._limits.ms:.0f} are allowed")
        if alarm.left <= _BEHIND:
            told.append(f"it was there when of {alarm.behind} blocks only {alarm.left} were left")
        return told
