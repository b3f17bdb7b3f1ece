"""The broker is gone for good, with all that it kept, and an empty one takes its place in mid-stream.

Before it goes it hangs for a while, so that blocks pile up behind it. In every third round the controller is
killed with it. Passes when everything that was accepted arrives nevertheless, once. The gateway is never
touched: all that the devices send is owed.
"""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import psutil

from hil.campaigns.running_ward import RunningWard, add_to_last
from hil.campaigns.verdict import Verdict
from hil.errors import NotReady
from hil.sims.emitted import now_ns
from hil.until import until

_HANGS_S = 0.5, 4.0


async def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None]) -> Verdict:
    """Replace the broker in `rounds` rounds, in an empty `folder`. Raises NotReady at a bad start."""
    verdict, rng = Verdict("broker-replaced", seed), Random(seed)
    slowest_s, piled_up = 0.0, 0
    async with RunningWard(folder, beds=6) as ward:
        for number in range(rounds):
            names = ("broker", "controller") if number % 3 == 2 else ("broker",)
            one = _Replacement(ward, names, rng)
            problems = await one.run(verdict)
            slowest_s, piled_up = max(slowest_s, one.catch_up_s), piled_up + one.piled_up
            told = "; ".join(problems) or f"{one.piled_up} blocks were behind"
            say(f"{number + 1}/{rounds}: {verdict.rounds[-1].fault}: {told}")
            if problems:
                break
        add_to_last(verdict, await ward.end())
        verdict.facts |= {
            "piled up": f"{piled_up} blocks",
            "slowest catch-up": f"{slowest_s:.1f} s",
            **ward.facts(),
        }
    return verdict


class _Replacement:
    """One round."""

    piled_up = 0
    """Blocks that were accepted and not in the ledger when the new broker began."""
    catch_up_s = 0.0

    def __init__(self, ward: RunningWard, names: tuple[str, ...], rng: Random) -> None:
        self._ward = ward
        self._names = names
        self._rng = rng
        self._fault = f"{' and '.join(names)} replaced"

    async def run(self, verdict: Verdict) -> list[str]:
        """Bring it about; what did not hold."""
        fired, problems = False, list[str]()
        try:
            fired = await self._replace()
            began = now_ns()
            await self._ward.live_again(self._fault)
            await self._ward.caught_up(self._fault)
            self.catch_up_s = (now_ns() - began) / 1e9
        except NotReady as error:
            problems.append(str(error))
        verdict.round(self._fault, fired=fired, problems=problems)
        return problems

    async def _replace(self) -> bool:
        """Whether the old broker died, nothing of it was left, and another came while blocks waited."""
        await asyncio.sleep(self._rng.uniform(0.2, 1.5))
        await self._hang()
        gone = self._take_folder()
        dead = [await self._ward.killer.kill(name) for name in self._names]
        shutil.rmtree(gone)
        for death in dead:
            await self._ward.killer.replaced(death)
        return all(death.proven for death in dead) and await self._is_another(gone) and self.piled_up > 0

    async def _hang(self) -> None:
        """The broker answers no more, and blocks pile up."""
        broker = self._broker()
        broker.suspend()
        await until("the broker hangs", lambda: broker.status() == psutil.STATUS_STOPPED)
        await asyncio.sleep(self._rng.uniform(*_HANGS_S))
        self._ward.witness.look()
        self.piled_up = len(self._ward.witness.unsettled(self._ward.database))

    def _broker(self) -> psutil.Process:
        broker = self._ward.killer.process("broker")
        if broker is None:
            raise NotReady("there is no broker to replace")
        return broker

    def _take_folder(self) -> Path:
        """Take all that the broker has at one stroke, so that its supervisor cannot mix old and new."""
        return self._folder.rename(self._folder.with_name("broker-gone"))

    @property
    def _folder(self) -> Path:
        return self._ward.folder.controller / "broker"

    async def _is_another(self, gone: Path) -> bool:
        """Whether the new broker runs in a folder of its own, and the old one's is no more."""
        await until("the new broker has a folder", lambda: self._written() == str(self._broker().pid))
        return not await asyncio.to_thread(gone.exists)

    def _written(self) -> str:
        file = self._folder / "nats.pid"
        return file.read_text(encoding="utf-8").strip() if file.exists() else ""
