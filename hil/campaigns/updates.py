"""A box is updated again and again, and parts of it are killed meanwhile: it always comes back, and arrives.

In each round it is to run the next release; at a random moment the launcher, the gateway, the process that
fills a slot, or all of them at once die by SIGKILL. Every third release is a bad one. Passes when after each
round the box runs what it should, and when at the end the ledger lacks nothing.
"""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import psutil

from controller import ledger_report
from hil.campaigns.verdict import Verdict
from hil.errors import NotReady
from hil.faults.releases import CRASHES, NEVER_HEALTHY, Twist, bundle
from hil.faults.updating import Box, UpdateSite

_NAME = "box-1"
_TRIAL_S = 8.0
_ARRIVES_S = 180.0
_LOOK_S = 0.05
_MOMENT_S = 0.0, 9.0
"""From the wish for a release to its being installed are about as many seconds."""
_BAD: tuple[Twist, ...] = (CRASHES, NEVER_HEALTHY)
_VICTIMS = "launcher", "gateway", "stage", "all"


async def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None]) -> Verdict:
    """Update a box `rounds` times, in an empty `folder`. Raises NotReady at a bad start."""
    verdict, rng = Verdict("updates", seed), Random(seed)
    async with UpdateSite(folder / "site", _TRIAL_S, lambda _: None) as site:
        first = bundle(folder, 1)
        site.publish(first)
        campaign = _Campaign(site, await site.box(_NAME, first), folder, rng)
        await campaign.box.launcher.start()
        for number in range(2, rounds + 2):
            await campaign.update(number, verdict)
            one = verdict.rounds[-1]
            say(f"{number - 1}/{rounds}: {one.fault}: {'; '.join(one.problems) or campaign.told}")
            if one.problems:
                break
        await campaign.box.launcher.stop(grace_s=30)
        found, _ = ledger_report.read_proof(site.database, _NAME)
    lost = {name: sum(one.sums[name] for one in found) for name in ("missing", "duplicated", "quarantined")}
    verdict.facts |= {"releases": str(rounds), "starts of the launcher": str(campaign.box.launcher.starts)}
    verdict.facts |= {name: str(count) for name, count in lost.items()}
    if not found or any(lost.values()):
        verdict.round("the ledger", fired=True, problems=[f"expected blocks, all of them once: {lost}"])
    return verdict


class _Campaign:
    """The box, and what it is to run."""

    def __init__(self, site: UpdateSite, box: Box, folder: Path, rng: Random) -> None:
        self.box, self.told = box, ""
        self._site, self._folder, self._rng = site, folder, rng
        self._runs = 1

    async def update(self, number: int, verdict: Verdict) -> None:
        """One round: release `number`, and a death on its way."""
        twist = self._rng.choice(_BAD) if number % 3 == 0 else None
        victim = self._rng.choice(_VICTIMS)
        await asyncio.to_thread(self._publish, number, twist)
        said = len(self._site.progress(_NAME))
        await self._site.use(_NAME, number)
        await asyncio.sleep(self._rng.uniform(*_MOMENT_S))
        dead = self._kill(victim)
        fault = f"{victim} killed on the way to {'bad ' if twist else ''}release {number}"
        problems = list[str]()
        try:
            await self._arrive(number, said, is_good=twist is None)
        except NotReady as error:
            problems.append(str(error))
        verdict.round(fault, fired=bool(dead), problems=problems)

    def _publish(self, number: int, twist: Twist | None) -> None:
        made = bundle(self._folder, number, twist)
        self._site.publish(made)
        shutil.rmtree(self._folder / f"site-{number}")

    def _kill(self, victim: str) -> list[int]:
        """Whom it hit."""
        found = [one for name, one in self._processes() if victim in (name, "all")]
        for one in found:
            one.suspend()  # all of them die at one moment, as when the power goes
        for one in found:
            one.kill()
        return [one.pid for one in found]

    def _processes(self) -> list[tuple[str, psutil.Process]]:
        if self.box.launcher.pid is None:
            return []
        launcher = psutil.Process(self.box.launcher.pid)
        below = launcher.children(recursive=True)
        names = ["stage" if "gateway.updates.stage" in one.cmdline() else "gateway" for one in below]
        return [("launcher", launcher), *zip(names, below, strict=True)]

    async def _arrive(self, number: int, said: int, *, is_good: bool) -> None:
        """The box says what became of the release, and runs what it should. Raises NotReady."""
        end = await self._end(number, said)
        if is_good and end == "failed":
            # Killed on trial it may be taken for bad; whoever asks again gets it.
            said = len(self._site.progress(_NAME))
            await self._site.use(_NAME, number)
            end = f"{end}, then {await self._end(number, said)}"
        self.told = end
        if is_good:
            self._runs = number
        state = self.box.state
        runs = [self._release(state.good), state.trial]
        if runs != [self._runs, None] or is_good != end.endswith("installed"):
            raise NotReady(f"expected release {self._runs} to run, got {runs} after {end}")

    def _release(self, slot: str) -> int:
        text = (self.box.folder / slot / "release.json").read_text(encoding="utf-8")
        return int(text.partition(":")[2].partition(",")[0])

    async def _end(self, number: int, said: int) -> str:
        for _ in range(int(_ARRIVES_S / _LOOK_S)):
            for one in self._site.progress(_NAME)[said:]:
                if one["release"] == number and one["progress"] in ("installed", "failed"):
                    return str(one["progress"])
            await asyncio.sleep(_LOOK_S)
        last = self._site.progress(_NAME)[-3:]
        raise NotReady(f"nothing became of release {number} in {_ARRIVES_S:g} s; last said: {last}")
