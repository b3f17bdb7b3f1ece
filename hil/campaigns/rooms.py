"""Rooms with pictures under faults: four pages at a real controller, all pictures by a relay behind one way.

A round is one of:
join          a newcomer comes, sees everybody, and goes
narrow        60 kbit/s each way for a while: pages give pictures up, say so, and have them again
down          no packet gets through for longer than a connection lasts, then all do
controller    kill -9 of the controller: pictures go on meanwhile, and everybody is seated again
party         one page crashes: the others see each other meanwhile, and it in its place again
sfu           five in a room of their own, whose pictures go by the server, which is killed: all see all again
hold          nothing happens, for so long
Passes when after each round everybody sees everybody, pictures that move, and neither the pages nor the
controller hold more memory in the end than after the first rounds. Needs Chromium and coturn; without janus
there is no `sfu`.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

import psutil
from playwright.async_api import Browser, Error

from hil.bench.rooms.hall import Camera, Hall, Party, hall
from hil.bench.rooms.relay import relay
from hil.campaigns.verdict import Verdict
from hil.errors import NotReady
from hil.faults.narrow_udp import NarrowUdp
from hil.faults.wan import Conditions

KINDS = ("join", "narrow", "down", "controller", "party", "sfu", "hold")
PARTIES = 4
CAMERA = Camera(relay=True)
FREE = Conditions(delay_s=0.005, queue_bytes=200_000)
NARROW = Conditions(delay_s=0.005, rate_bps=60e3, queue_bytes=20_000)
DOWN = Conditions(down=True)
DOWN_S, NARROW_S = 12.0, 15.0
WITHIN_S = 90.0
"""A connection is tried again after up to 48 s."""
WARM_ROUNDS = 4
MOST_MB = {"pages": 120.0, "controller": 60.0}
"""By which they may grow after the first rounds: what was freed is not given back at once."""
_EVERY_S, _WATCHED_S = 0.5, 3.0
_SFU = '[telemedicine]\nsfu = "auto"\n'
_SEATS = "count => document.querySelectorAll('.tile:not(.me)').length === count"
_REDUCED = "document.querySelector('.network').dataset.lines ?? ''"


async def run(
    folder: Path,
    seed: int,
    rounds: int,
    say: Callable[[str], None],
    *,
    kinds: Sequence[str] = KINDS,
    hold_s: float = 30.0,
) -> Verdict:
    """`rounds` rounds, each of `kinds` as often as the others. Raises NotReady."""
    rng, verdict = Random(seed), Verdict("rooms", seed)
    possible = [kind for kind in kinds if kind != "sfu" or shutil.which("janus")]
    order = [kind for _ in range(-(-rounds // len(possible))) for kind in rng.sample(possible, len(possible))]
    async with AsyncExitStack() as stack:
        link, section = await stack.enter_async_context(relay(folder / "relay", seed))
        deaths: list[str] = []
        here = await stack.enter_async_context(
            hall(
                folder / "site",
                f'{section}sfu = "off"\n',
                died=lambda who, status, _: deaths.append(f"{who}: {status}"),
            )
        )
        chromium = await stack.enter_async_context(here.browser())
        lab = _Lab(here, chromium, link, rng, hold_s, folder, deaths)
        await lab.begin()
        for number, kind in enumerate(order[:rounds], 1):
            await lab.round(kind, verdict)
            problems = "; ".join(verdict.rounds[-1].problems)
            say(f"{number}/{rounds}, {kind}: {lab.told}; {problems or 'all see all'}")
        verdict.facts |= lab.facts | {"deaths of the controller": str(len(deaths))}
        if grown := lab.grown():
            verdict.round("memory", fired=True, problems=grown)
    return verdict


@dataclass(slots=True)
class _Lab:
    """The rounds."""

    here: Hall
    chromium: Browser
    link: NarrowUdp
    rng: Random
    hold_s: float
    folder: Path
    deaths: list[str]
    """Of the controller."""
    told: str = ""
    joined_ms: list[float] = field(default_factory=list[float])
    parties: list[Party] = field(default_factory=list[Party])
    memory: list[dict[str, float]] = field(default_factory=list[dict[str, float]])

    async def begin(self) -> None:
        """Four pages that see each other."""
        self.link.conditions = FREE
        for _ in range(PARTIES):
            await self._come()
        await self._all_see()

    async def round(self, kind: str, verdict: Verdict) -> None:
        """Bring it about, end it, and look."""
        self.told = ""
        try:
            fired, problems = await getattr(self, f"_{kind}")()
            await self._all_see()
        except (NotReady, Error) as error:
            fired, problems = True, [str(error)]
        finally:
            self.link.conditions = FREE
        problems += [f"a page has a fault: {fault}" for party in self.parties for fault in party.faults]
        self.memory.append(self._megabytes())
        verdict.round(kind, fired=fired, problems=problems)

    async def _join(self) -> tuple[bool, list[str]]:
        left = self.parties.pop(self.rng.randrange(1, len(self.parties)))
        await left.leave()
        took = await self._come()
        self.told = f"joined in {took:.0f} ms"
        return took > 0, []

    async def _narrow(self) -> tuple[bool, list[str]]:
        waited = self.link.counts["waited"]
        self.link.conditions = NARROW
        said = set[bool]()
        for _ in range(int(NARROW_S / _EVERY_S)):
            said |= {bool(await party.page.evaluate(_REDUCED)) for party in self.parties}
            await asyncio.sleep(_EVERY_S)
        self.link.conditions = FREE
        waited = self.link.counts["waited"] - waited
        self.told = f"{waited} packets waited"
        return waited > 0, [] if True in said else ["no page said that less is sent"]

    async def _down(self) -> tuple[bool, list[str]]:
        lost = self.link.counts["lost"]
        self.link.conditions = DOWN
        await asyncio.sleep(DOWN_S)
        before = await self._frames()
        await asyncio.sleep(1)
        stood = before == await self._frames()
        self.link.conditions = FREE
        lost = self.link.counts["lost"] - lost
        self.told = f"{lost} packets lost"
        return lost > 0 and stood, []

    async def _controller(self) -> tuple[bool, list[str]]:
        pid, before = self.here.site.process.pid, len(self.deaths)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        problems = await self._still_seen()
        self.told = f"{len(self.deaths) - before} killed"
        return len(self.deaths) > before, problems

    async def _party(self) -> tuple[bool, list[str]]:
        gone = self.parties.pop(self.rng.randrange(1, len(self.parties)))
        crashed = asyncio.Event()
        gone.page.on("crash", lambda _: crashed.set())
        session = await gone.page.context.new_cdp_session(gone.page)
        with suppress(Error, TimeoutError):
            await asyncio.wait_for(session.send("Page.crash"), 2)
        await asyncio.wait_for(crashed.wait(), 20)
        await gone.page.context.close()
        problems = await self._still_seen()
        # Its seat is taken away when nothing is heard of it for a while: until then the room is full.
        await self.parties[0].page.wait_for_function(_SEATS, arg=PARTIES - 2, timeout=1000 * WITHIN_S)
        self.told = f"back after {await self._come():.0f} ms"
        return True, problems

    async def _sfu(self) -> tuple[bool, list[str]]:
        """Not by the relay, which does not leave this machine's loopback, where Janus never listens."""
        where = self.folder / f"sfu-{len(self.memory)}"
        async with hall(where, _SFU) as here, here.browser() as chromium:
            parties = [await here.party(chromium, Camera()) for _ in range(PARTIES + 1)]
            for party in parties:
                await party.enter()
            await _all_see(parties)
            pid = here.site.controller
            servers = [one for one in psutil.Process(pid).children(recursive=True) if one.name() == "janus"]
            for server in servers:
                server.kill()
            await _all_see(parties)
        self.told = f"{len(servers)} server killed"
        return len(servers) == 1, []

    async def _hold(self) -> tuple[bool, list[str]]:
        before = await self._frames()
        await asyncio.sleep(self.hold_s)
        seen = sum(await self._frames()) - sum(before)
        rate = seen / self.hold_s / PARTIES / (PARTIES - 1)
        self.told = f"{rate:.1f} frames/s of {CAMERA.fps} in each picture"
        return seen > 0, []

    async def _come(self) -> float:
        party = await self.here.party(self.chromium, CAMERA)
        self.parties.append(party)
        await party.enter()
        if len(self.parties) == 1:
            return 0.0
        self.joined_ms.append(await party.seen(len(self.parties) - 1, WITHIN_S))
        return self.joined_ms[-1]

    async def _still_seen(self) -> list[str]:
        before = await self._frames()
        await asyncio.sleep(_WATCHED_S)
        both = zip(before, await self._frames(), strict=True)
        return [f"page {n} saw nothing move meanwhile" for n, (a, b) in enumerate(both) if a == b]

    async def _all_see(self) -> None:
        await _all_see(self.parties)

    async def _frames(self) -> list[int]:
        """Of each page, of all its pictures so far."""
        return [await party.page.evaluate("wardlinkProbe.total()") for party in self.parties]

    def _megabytes(self) -> dict[str, float]:
        """Resident, of the pages and of the controller."""
        renderers = [mb for one in psutil.Process().children(recursive=True) if (mb := _of_page(one))]
        pages = sum(renderers) / max(len(renderers), 1)
        pid = self.here.site.process.pid
        return {"pages": pages, "controller": psutil.Process(pid).memory_info().rss / 1e6 if pid else 0.0}

    def grown(self) -> list[str]:
        """What holds more than it may, beside the first rounds."""
        first, last = self.memory[:WARM_ROUNDS], self.memory[-WARM_ROUNDS:]
        problems: list[str] = []
        for what, most in MOST_MB.items():
            grown = min(one[what] for one in last) - max(one[what] for one in first)
            if len(self.memory) >= 2 * WARM_ROUNDS and grown > most:
                problems.append(f"{what} grew by {grown:.0f} MB, {most:.0f} are allowed")
        return problems

    @property
    def facts(self) -> dict[str, str]:
        """Figures."""
        joined = sorted(self.joined_ms)
        first, last = self.memory[0], self.memory[-1]
        return {
            "joins": f"{len(joined)}, median {median(joined):.0f} ms, longest {joined[-1]:.0f} ms",
            "a page": f"{first['pages']:.0f} MB after the first round, {last['pages']:.0f} after the last",
            "the controller": f"{first['controller']:.0f} MB, {last['controller']:.0f}",
            "packets": ", ".join(f"{name} {count}" for name, count in self.link.counts.items()),
        }


def _of_page(process: psutil.Process) -> float:
    """Megabytes of a page; 0: it is another process, or it has ended meanwhile."""
    try:
        is_page = "chrom" in process.name() and "--type=renderer" in process.cmdline()
        return process.memory_info().rss / 1e6 if is_page else 0.0
    except psutil.NoSuchProcess:
        return 0.0


async def _all_see(parties: Sequence[Party]) -> None:
    """Every picture on every page moves. Raises NotReady."""
    await asyncio.gather(*(_sees(party, len(parties) - 1) for party in parties))


async def _sees(party: Party, others: int) -> None:
    was, frames = list[int](), list[int]()
    try:
        async with asyncio.timeout(WITHIN_S):
            while len(was) != others or any(b <= a for a, b in zip(was, frames, strict=True)):
                await asyncio.sleep(_EVERY_S)
                frames = await party.page.evaluate("wardlinkProbe.frames()")
                if len(was) != len(frames) or any(b < a for a, b in zip(was, frames, strict=True)):
                    was = frames  # another picture took the place of one
    except TimeoutError:
        told = (
            f"not within {WITHIN_S:.0f} s: {others} pictures that move; {was}, {frames}, {await party.how()}"
        )
        raise NotReady(told) from None
