"""A whole cluster, whose parts fail one after the other while gateways send and somebody looks at the board.

A round is one of KINDS (hil/faults/cluster_faults.py); with a previous release the first one is a rolling
upgrade. As root all of it is in a network namespace of its own, where packets can be lost. After each, all
that was accepted before has to be in the database, and the board has to show what is new. Passes when nothing
that a gateway accepted is lost or twice (hil/faults/cluster_said.py), no receipt came before its block was
stored, and the board, asked through the balancer, never showed a number as fresh that was older than its
limit (hil/faults/shown_fresh.py).
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil
import psycopg

from controller.ports import free_port
from hil.campaigns.verdict import Verdict
from hil.cluster.layout import Asked
from hil.cluster.site import Cluster
from hil.errors import NotReady
from hil.faults.cluster_faults import AS_ROOT, KINDS, Faults, Told
from hil.faults.cluster_said import Checker
from hil.faults.cluster_upgrade import upgraded
from hil.faults.namespace import in_namespace
from hil.faults.shown_fresh import ShownFresh
from hil.ward import NURSE

_PATIENCE_S, _LAST_S = 150.0, 2.0
ASKED = Asked(gateways=15, devices=1, wards=2, said=True)
"""A block a second of each gateway: so few that two cores are not what is tried."""
Say = Callable[[str], None]


async def run(
    folder: Path,
    seed: int,
    rounds: int,
    say: Say,
    *,
    kinds: Sequence[str] = KINDS,
    asked: Asked = ASKED,
) -> Verdict:
    """`rounds` in an empty `folder`, before them an upgrade from `asked.previous`, if there is one.

    Raises NotReady at a bad start.
    """
    is_root = os.geteuid() == 0
    possible = [one for one in kinds if is_root or one != AS_ROOT]
    rng = Random(seed)
    order = [one for _ in range(-(-rounds // len(possible))) for one in rng.sample(possible, len(possible))]
    del order[rounds:]
    if is_root:
        return await in_namespace(lambda: _run(folder, seed, order, say, asked))
    verdict = await _run(folder, seed, order, say, asked)
    verdict.facts[AS_ROOT] = "SKIPPED: no root"
    return verdict


async def _run(folder: Path, seed: int, order: Sequence[str], say: Say, asked: Asked) -> Verdict:
    verdict, died = Verdict("cluster", seed), list[str]()
    port = free_port("127.0.0.1", 0, "pages")

    def heard(line: str) -> None:
        died.append(line)

    async with Cluster(folder, asked, port, heard, is_cuttable=True) as cluster:
        checker = Checker(cluster)
        async with ShownFresh(cluster.pages, cluster.layout.passwords[NURSE]) as page:
            campaign = _Campaign(cluster, checker, page, Faults(cluster, Random(seed), died))
            await page.sees(campaign.numbers)
            if asked.previous is not None:
                await campaign.upgraded(verdict, died)
                say(f"upgrade: {campaign.told}")
            for kind in order:
                await campaign.round(kind, verdict)
                say(f"{len(verdict.rounds)}/{len(order)}: {campaign.told}")
            problems = await campaign.end()
            verdict.round("the end", fired=True, problems=[*problems, *page.problems])
        verdict.facts |= campaign.facts()
    if asked.previous is None:
        verdict.facts["rolling upgrade"] = "SKIPPED: no --previous FOLDER"
    return verdict


@dataclass(slots=True)
class _Campaign:
    cluster: Cluster
    checker: Checker
    page: ShownFresh
    faults: Faults
    told: str = ""
    _dark_s: dict[str, float] = field(default_factory=dict[str, float])
    _rounds: Counter[str] = field(default_factory=Counter[str])
    _old: str = ""

    @property
    def numbers(self) -> int:
        """That stand on the board when all is well."""
        return self.cluster.layout.asked.gateways * self.cluster.layout.asked.devices

    async def round(self, kind: str, verdict: Verdict) -> None:
        """Bring it about; then all that was accepted before has to arrive, and to be shown."""
        fired, text, problems, self.page.dark_s = False, "", list[str](), 0.0
        try:
            told = await self.faults.bring(kind)
            fired, text = told.fired, told.text
            await self._well()
        except (NotReady, psutil.NoSuchProcess, psycopg.Error) as error:
            problems.append(str(error))
        self._rounds[kind] += fired
        self._note(kind, text, problems)
        verdict.round(kind, fired=fired, problems=problems)

    async def upgraded(self, verdict: Verdict, died: Sequence[str]) -> None:
        """The controllers go over to the code that is here, one after the other."""
        told, problems, self.page.dark_s = Told("", fired=False), list[str](), 0.0
        try:
            told = await upgraded(self.cluster, died)
            await self._well()
        except (NotReady, psycopg.Error) as error:
            problems.append(str(error))
        self._old = told.text
        self._note("rolling upgrade", told.text, problems)
        verdict.round("rolling upgrade", fired=told.fired, problems=problems)

    def _note(self, kind: str, text: str, problems: list[str]) -> None:
        self._dark_s[kind] = max(self._dark_s.get(kind, 0), self.page.dark_s)
        ends = "; ".join(problems) or f"all there, the board without a number for {self.page.dark_s:.1f} s"
        self.told = f"{kind} ({text}): {ends}"

    async def _well(self) -> None:
        await self._settled()
        await self.page.sees(self.numbers)

    async def _settled(self) -> None:
        """What was accepted by now is committed."""
        await asyncio.to_thread(self.checker.look)
        before, loop = set(self.checker.accepted), asyncio.get_running_loop()
        until = loop.time() + _PATIENCE_S
        while True:
            try:
                left = before & await asyncio.to_thread(self.checker.unsettled)
            except psycopg.Error:
                left = before
            if not left:
                return
            if loop.time() > until:
                raise NotReady(f"{len(left)} blocks of before are not stored after {_PATIENCE_S:.0f} s")
            await asyncio.sleep(0.5)

    async def end(self) -> list[str]:
        """The gateways fall silent and hand over. What does not hold then."""
        crowds = [one for name, one in self.cluster.processes.items() if name.startswith("gateways-")]
        try:
            for name in self.cluster.layout.wards.names:
                if (pid := self.cluster.processes[name].pid) is not None:
                    os.kill(pid, signal.SIGHUP)
            await asyncio.gather(*(one.stop(_PATIENCE_S) for one in crowds))
            await asyncio.sleep(_LAST_S)
            await self._settled()
        except NotReady as error:
            return [str(error), *await asyncio.to_thread(lambda: list(self.checker.problems()))]
        return await asyncio.to_thread(lambda: list(self.checker.problems()))

    def facts(self) -> dict[str, str]:
        """Figures of all rounds."""
        dark = ", ".join(f"{kind} {seconds:.1f} s" for kind, seconds in self._dark_s.items())
        fired = ", ".join(f"{kind} {count}" for kind, count in self._rounds.items())
        shown = f"at most {self.page.oldest_s:.1f} s old while shown as fresh, in {self.page.looks} looks"
        told = {
            "faults": fired,
            "blocks": self.checker.facts(),
            "numbers on the board": f"{shown} at {self.page.streams} streams",
            "longest without any number": dark,
        }
        return told | ({"rolling upgrade": self._old} if self._old else {})
