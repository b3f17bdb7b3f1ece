"""Screens that are too slow for what they are sent: they hold up nobody, and never show old numbers as new.

A round is one of:
trickle        50 readers of the event stream take 1 kB/s each, beside one that takes all
stopped        50 readers take a while, and then nothing
page-cpu       the board in a Chromium that takes 20 times as long for everything
page-network   the board in a Chromium that is sent 2 kB/s, reloaded meanwhile
Passes when the good reader misses nothing and is on time, ingest goes on, the controller holds no more memory
than its events and buffers; when no reader is shown a gap as if there were none, and all are up to date soon
after their slowness ends; when no number on the board is older than what stands beside it.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from hil.campaigns.verdict import Verdict
from hil.database import connected
from hil.errors import NotReady
from hil.faults.busy_site import PASSWORD, BusySite
from hil.faults.narrow import NarrowLink, narrow
from hil.faults.resident import resident
from hil.faults.slow_page import BoardPage, Look, board, lies
from hil.faults.slow_reader import Reader, ended, gaps, signed_in, unsent_bytes
from hil.sims.emitted import now_ns
from hil.until import until
from hil.ward import NURSE

KINDS = ("trickle", "stopped", "page-cpu", "page-network")
READERS, TRICKLE = 50, 1000
"""How many slow readers, and bytes a second that each takes."""
SLOWER, LEAST_SLOWER, NETWORK = 20.0, 2.0, 2000.0
"""How much longer the page is to take, how much it must (beside other work it was never quick), and how many
bytes a second reach it."""
MOST_BYTES = 64_000_000
"""Of the controller beyond what it has at rest: 16 MB of events, and for each reader a buffer of 64 kB,
a snapshot as text and one on the way; the rest is what an allocator leaves unused."""
MOST_UNSENT, MOST_HEAP = 200_000, 24_000_000
"""Bytes that the kernel may hold for a reader; by which the page's heap may grow, without its garbage."""
LATE_MS, STORED_S = 1500.0, 5.0
"""The good reader's 99th percentile; the age of the newest reading that is stored."""
_LOOK_S, _PATIENCE_S, _STARTS_S = 0.5, 60.0, 3.0
_NEWEST = "SELECT mono_us FROM observation ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Limits:
    """What is late, ms and s; a test asks nothing of a busy machine."""

    late_ms: float = LATE_MS
    stored_s: float = STORED_S


async def run(
    folder: Path,
    seed: int,
    rounds: int,
    say: Callable[[str], None],
    *,
    kinds: Sequence[str] = KINDS,
    hold_s: float = 45.0,
    limits: Limits | None = None,
    readers: int = READERS,
) -> Verdict:
    """`rounds` rounds, each of `kinds` as often as the others, of `hold_s` seconds. Raises NotReady."""
    rng, verdict = Random(seed), Verdict("slow-browser", seed)
    order = [kind for _ in range(-(-rounds // len(kinds))) for kind in rng.sample(kinds, len(kinds))]
    async with BusySite(folder, gateways=2, devices=6, readings=200, wave_bytes=10_000) as site:
        lab = _Lab(site, rng, hold_s, limits or Limits(), readers)
        with site.busy():
            for number, kind in enumerate(order[:rounds], 1):
                await lab.round(kind, verdict)
                problems = "; ".join(verdict.rounds[-1].problems)
                say(f"{number}/{rounds}, {kind}: {lab.told}; {problems or 'honest'}")
        verdict.facts |= lab.facts
    return verdict


@dataclass(slots=True)
class _Lab:
    """The rounds."""

    site: BusySite
    rng: Random
    hold_s: float
    limits: Limits
    count: int
    told: str = ""
    facts: dict[str, str] = field(default_factory=dict[str, str])
    _oldest_s: float = 0.0
    _unsent: int = 0

    async def round(self, kind: str, verdict: Verdict) -> None:
        """Bring it about beside a good reader, and end it."""
        cookie = await signed_in(self.site.http, NURSE, PASSWORD)
        good = Reader(self.site.http, cookie)
        self._oldest_s, self._unsent = 0.0, 0
        pids = {"controller": self.site.pids()["controller"]}
        async with self._running([good]):
            await asyncio.sleep(_STARTS_S)
            async with resident(pids) as held:
                try:
                    if kind.startswith("page"):
                        fired, problems = await self._page(kind, cookie)
                    else:
                        fired, problems = await self._readers(kind, cookie, good)
                except NotReady as error:
                    fired, problems = False, [str(error)]
        problems += [*self._good(good), *held.problems({"controller": MOST_BYTES})]
        self.facts[f"good reader beside {kind}"] = (
            f"{len(good.shown)} events, {_percentile(good):.0f} ms late"
        )
        self.facts[f"controller beside {kind}"] = f"{held}; newest reading {self._oldest_s:.1f} s old"
        verdict.round(kind, fired=fired, problems=problems + self.site.deaths)

    @asynccontextmanager
    async def _running(self, readers: list[Reader]) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(reader.run()) for reader in readers]
        tasks.append(asyncio.create_task(self._watch()))
        try:
            yield
        finally:
            await ended(tasks)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            with closing(connected(self.site.database)) as db:
                newest_us: int = db.execute(_NEWEST).fetchone()[0]
            self._oldest_s = max(self._oldest_s, now_ns() / 1e9 - newest_us / 1e6)
            self._unsent = max(self._unsent, unsent_bytes(_port(self.site.http)))

    def _good(self, good: Reader) -> list[str]:
        """What is wrong with the good reader, or with ingest."""
        problems: list[str] = []
        if good.connections != 1:
            problems.append(f"the good reader was cut off: {dict(good.cuts)}")
        if (late := _percentile(good)) > self.limits.late_ms:
            problems.append(f"the good reader was {late:.0f} ms late, {self.limits.late_ms:.0f} are allowed")
        if self._oldest_s > self.limits.stored_s:
            problems.append(f"ingest was held up: the newest reading was {self._oldest_s:.1f} s old")
        return problems

    # readers

    async def _readers(self, kind: str, cookie: str, good: Reader) -> tuple[bool, list[str]]:
        readers = [self._slow(kind, cookie) for _ in range(self.count)]
        async with self._running(readers):
            taken = good.taken
            await asyncio.sleep(self.hold_s)
            most = max(reader.taken for reader in readers)
            fired = most < (good.taken - taken) / 2
            if kind == "stopped":
                await self._until_cut(readers)
            unsent = self._unsent
            for reader in readers:
                reader.rate, reader.stops_after = None, math.inf
            problems = await self._back(readers, good)
        problems += [line for reader in readers for line in gaps(reader.shown, good.shown)][:10]
        if unsent > MOST_UNSENT * self.count:
            problems.append(f"{unsent / 1e6:.1f} MB waited in the kernel for those who did not take it")
        cut = sum(reader.cuts["reset"] + reader.cuts["closed"] for reader in readers)
        pictures = sum(one.kind == "snapshot" for reader in readers for one in reader.shown)
        shown = sum(len(reader.shown) for reader in readers)
        self.told = (
            f"{cut} times cut off, {shown} events shown, {pictures} snapshots among them, "
            f"{unsent / 1000:.0f} kB in the kernel"
        )
        return fired, problems

    def _slow(self, kind: str, cookie: str) -> Reader:
        reader = Reader(self.site.http, cookie)
        if kind == "trickle":
            reader.rate = TRICKLE
        else:
            reader.stops_after = self.rng.randrange(10_000, 200_000)
        return reader

    async def _until_cut(self, readers: list[Reader]) -> None:
        """Raises NotReady when somebody who takes nothing is not cut off."""
        await until(
            "all who take nothing are cut off", lambda: all(one.cuts for one in readers), _PATIENCE_S, _LOOK_S
        )

    async def _back(self, readers: list[Reader], good: Reader) -> list[str]:
        """Wait until everybody is shown the present."""

        def behind() -> int:
            now_ms = good.shown[-1].server_ms
            return sum(not one.shown or one.shown[-1].server_ms < now_ms - 2000 for one in readers)

        try:
            await until("all readers are up to date", lambda: behind() == 0, _PATIENCE_S, _LOOK_S)
        except NotReady as error:
            return [f"{error}: {behind()} are not"]
        return []

    # pages

    async def _page(self, kind: str, cookie: str) -> tuple[bool, list[str]]:
        async with (
            narrow(_port(self.site.http)) as link,
            board(f"http://127.0.0.1:{link.port}", cookie) as page,
        ):
            looks = await self._looked(page, _STARTS_S)
            heap = await page.heap_bytes()
            slow = self._slow_cpu(page) if kind == "page-cpu" else self._slow_network(page, link)
            fired, slowly = await slow
            looks += slowly
            problems = await self._live_again(page)
            grown = await page.heap_bytes() - heap
            problems += page.faults
        if grown > MOST_HEAP:
            problems.append(f"the page's heap grew by {grown / 1e6:.1f} MB")
        problems += list(dict.fromkeys(line for look in looks for line in lies(look)))[:10]
        shown = sum(len(look.pulses) for look in looks)
        warned = sum(look.warned for look in looks)
        self.told = (
            f"{len(looks)} looks, {warned} at a board that said it was not live; {shown} numbers checked, "
            f"heap {grown / 1e6:+.1f} MB"
        )
        return fired and shown > 0, problems

    async def _looked(self, page: BoardPage, seconds: float) -> list[Look]:
        looks: list[Look] = []
        end = now_ns() + int(seconds * 1e9)
        while now_ns() < end:
            looks.append(await page.look())
            await asyncio.sleep(_LOOK_S)
        return looks

    async def _slow_cpu(self, page: BoardPage) -> tuple[bool, list[Look]]:
        """It fires when some work takes the page longer by its own clock."""
        before = await page.work_ms()
        await page.slow_processor(SLOWER)
        looks = await self._looked(page, self.hold_s)
        times = await page.work_ms() / before
        await page.slow_processor(1)
        self.facts["page-cpu"] = f"{times:.1f} times as slow by its own clock"
        return times > LEAST_SLOWER, looks

    async def _slow_network(self, page: BoardPage, link: NarrowLink) -> tuple[bool, list[Look]]:
        """It fires when less gets through than is sent, and the board says so."""
        link.rate, carried = NETWORK, link.carried
        looks = await self._looked(page, self.hold_s / 2)
        carried = link.carried - carried
        link.rate = None
        await page.reload_slowly(lambda: setattr(link, "rate", NETWORK))
        looks += await self._looked(page, self.hold_s / 2)
        link.rate = None
        return carried < NETWORK * self.hold_s and any(look.warned for look in looks), looks

    async def _live_again(self, page: BoardPage) -> list[str]:
        for _ in range(int(_PATIENCE_S / _LOOK_S)):
            look = await page.look()
            if not look.warned and look.pulses and not look.dashes:
                return sorted(set(lies(look)))
            await asyncio.sleep(_LOOK_S)
        return [f"the board is not live {_PATIENCE_S:.0f} s after its slowness ended"]


def _port(address: str) -> int:
    return urlsplit(address).port or 80


def _percentile(reader: Reader) -> float:
    """The 99th of what it was late, ms."""
    late = sorted(reader.late_ms())
    return late[math.ceil(0.99 * len(late)) - 1] if late else math.inf
