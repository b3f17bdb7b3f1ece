"""Full disks: a gateway's journal on a small disk that another process fills, or whose quota is reached.

A round is one of:
quota         the controller is away until the quota is used up and waves are shed
full          another process fills the disk once; the controller is there: alerts and vital signs flow on
full-alone    the same while the controller is away
hogged        another process takes whatever the journal frees: alerts wait, the rest leaves gaps
Afterwards the gateway recovers by itself, and everything sent is stored or in a gap; alerts are all stored,
and so are vital signs, but for those of a hogged disk.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hil.campaigns.verdict import Verdict
from hil.faults.small_disk import QUOTA_BYTES, SmallDisk
from hil.gapcheck import Settled, ledger_problems, settled, shedding_was_told
from hil.sims.emitted import boot_id, now_ns
from hil.ward import Folder

KINDS = ("quota", "full", "full-alone", "hogged")
_FULL_S, _HOGGED_S, _OVER_QUOTA_S = 5.0, 3.0, 2.5
_HIT_S = 30.0
"""Until the journal wants more of a full disk: what it has is written into blocks it already owns."""
_AGAIN = 100
"""Looks, 0.1 s each, after which a full disk that refused nothing is filled again."""
_LIVE_S = 2.0
"""How old a reading or an alert may be, at the most, until it is stored, on a full disk too."""
_RECOVERY_S = 40.0
_QUOTA_S = 40.0


async def run(
    folder: Path, seed: int, rounds: int, say: Callable[[str], None], kinds: Sequence[str] = KINDS
) -> Verdict:
    """`rounds` rounds, each of `kinds` as often as the others. Raises NotReady."""
    rng, verdict = random.Random(seed), Verdict("disk-full", seed)
    shuffled = [kind for _ in range(-(-rounds // len(kinds))) for kind in rng.sample(kinds, len(kinds))]
    began = now_ns()
    async with SmallDisk(Folder(folder)) as disk:
        lab = _Lab(disk, rng)
        await lab.recovered(began)
        for number, kind in enumerate(shuffled[:rounds], 1):
            fired, problems, facts = await lab.round(kind)
            verdict.round(kind, fired=fired, problems=problems)
            outcome = "; ".join(problems or ["as promised" if fired else "DID NOT FIRE"])
            say(f"round {number}, {kind}: {facts}; {outcome}")
        await disk.gateway.stop()
        found, problems = _all_in_all(disk, began)
        verdict.round("all in all", fired=bool(found.given_up), problems=problems)
    verdict.facts.update(sent=_told(found), **lab.facts)
    (folder / "verdict.txt").write_text("\n".join(verdict.lines()), encoding="utf-8")
    return verdict


def _all_in_all(disk: SmallDisk, began: int) -> tuple[Settled, list[str]]:
    """After the gateway has handed over what it had: all that was sent, and the ledger by number."""
    found = settled(disk.emitted, disk.database, boot_id(), began, now_ns())
    silent = bool(found.given_up) and not shedding_was_told(disk.database)
    problems = [*found.problems, *ledger_problems(disk.database), *disk.deaths]
    return found, problems + ["blocks were given up, and no alert said so"] * silent


def _told(found: Settled) -> str:
    sent = ", ".join(f"{count} {kind}s" for kind, count in sorted(found.sent.items()))
    shed = ", ".join(f"{n} {kind}s ({why})" for (kind, why), n in sorted(found.given_up.items()))
    return f"{sent}; given up: {shed or 'nothing'}"


@dataclass(slots=True)
class _Lab:
    """The rounds."""

    disk: SmallDisk
    rng: random.Random
    facts: dict[str, str] = field(default_factory=dict[str, str])
    _slowest_s: float = 0.0

    async def round(self, kind: str) -> tuple[bool, list[str], str]:
        """(whether the fault fired, what did not hold, what happened)."""
        began, refused = now_ns(), self.disk.refused()
        problems: list[str] = []
        match kind:
            case "quota":
                await self._quota()
            case "full":
                problems += await self._full()
            case "full-alone":
                await self._full_alone()
            case _:
                await self._hogged()
        healed = now_ns()
        found = await self.recovered(began)
        self._slowest_s = max(self._slowest_s, (now_ns() - healed) / 1e9)
        self.facts["slowest recovery"] = f"{self._slowest_s:.1f} s"
        problems += [*found.problems, *_forbidden(kind, found)]
        return self._fired(kind, found, refused), problems, _told(found)

    def _fired(self, kind: str, found: Settled, refused: int) -> bool:
        """A quota fires when something was shed for it; a full disk when it refused the gateway a write."""
        if kind == "quota":
            return found.given_up["wave", "quota"] > 0
        return self.disk.refused() > refused

    async def _quota(self) -> None:
        await self.disk.controller.stop()
        for _ in range(int(_QUOTA_S / 0.1)):
            if self.disk.journal_bytes() > 0.9 * QUOTA_BYTES:
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(_OVER_QUOTA_S)
        await self.disk.controller.start()

    async def _full(self) -> list[str]:
        """Alerts and readings that were sent while the disk was full are stored while it still is."""
        await self._filled()
        began = now_ns()
        await asyncio.sleep(_FULL_S + self.rng.random())
        found = self._settled(began, now_ns() - int(_LIVE_S * 1e9))
        late = [problem for problem in found.problems if "of kind wave" not in problem]
        self.disk.free()
        return [f"while the disk was full: {problem}" for problem in late]

    async def _full_alone(self) -> None:
        await self.disk.controller.stop()
        await asyncio.sleep(self.rng.uniform(0.5, 2))
        await self._filled()
        await asyncio.sleep(_FULL_S)
        self.disk.free()
        await self.disk.controller.start()

    async def _filled(self) -> None:
        """Until the gateway was refused a write; after `_HIT_S` it was not, and the round says so."""
        refused = self.disk.refused()
        for turn in range(int(_HIT_S / 0.1)):
            if turn % _AGAIN == 0:  # seldom: what the gateway gave back is its own, unless it lives on that
                self.disk.fill()
            if self.disk.refused() > refused:
                break
            await asyncio.sleep(0.1)

    async def _hogged(self) -> None:
        for _ in range(int(_HOGGED_S / 0.02)):
            self.disk.fill()
            await asyncio.sleep(0.02)
        self.disk.free()

    async def recovered(self, began: int) -> Settled:
        """Wait until what was sent since `began`, and for a second from now, is settled."""
        healed = now_ns()
        await asyncio.sleep(1 + _LIVE_S)
        found = self._settled(began, healed + 1_000_000_000)
        for _ in range(int(_RECOVERY_S / 0.5)):
            if not found.problems and found.sent:
                break
            await asyncio.sleep(0.5)
            found = self._settled(began, healed + 1_000_000_000)
        return found

    def _settled(self, since_ns: int, until_ns: int) -> Settled:
        return settled(self.disk.emitted, self.disk.database, boot_id(), since_ns, until_ns)


def _forbidden(kind: str, found: Settled) -> list[str]:
    """What a gap explains, and yet should not have been given up."""
    return [
        f"{count} readings were given up ({why})"
        for (what, why), count in found.given_up.items()
        if what == "reading" and kind != "hogged"
    ]
