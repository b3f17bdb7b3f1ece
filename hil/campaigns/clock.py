"""Wrong clocks: of a gateway and of the controller, from the start, in mid-stream, over restarts and reboots.

A round is one of KINDS. Whatever a clock says, every value is stored once; the order of the stored times is
that of being said, for ever; each time is right within half a second when the controller's clock is; each age
on the board is, all the time; and nothing is stamped with a time before 2025. A round counts when rows or the
board show the wrong clock. Gateway and controller are the product's processes on hosts with clocks of their
own (`hil.faults.other_clocks`); what leads the gateway's devices on is true time.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from hil.campaigns.running_ward import add_to_last
from hil.campaigns.verdict import Verdict
from hil.errors import NotReady
from hil.faults.clock_lab import ClockLab
from hil.faults.clocked_ward import ClockedWard
from hil.faults.wrong_clocks import KINDS
from hil.ward import Folder


async def run(
    folder: Path, seed: int, rounds: int, say: Callable[[str], None], kinds: Sequence[str] | None = None
) -> Verdict:
    """`rounds` rounds, each of `kinds` (default: all) as often as the others. Raises NotReady."""
    rng, verdict = Random(seed), Verdict("clock", seed)
    names = tuple(kinds or KINDS)
    order = [name for _ in range(math.ceil(rounds / len(names))) for name in rng.sample(names, len(names))]
    async with ClockedWard(Folder(folder)) as ward:
        lab = ClockLab(ward, rng)
        for number, name in enumerate(order[:rounds], 1):
            fired, problems = await _round(lab, name)
            verdict.round(name, fired=fired, problems=problems)
            say(f"{number}/{rounds}: {name}: {'; '.join(problems) or ('held' if fired else 'DID NOT FIRE')}")
            if problems:  # what comes after would only tell of the same
                break
        add_to_last(verdict, await lab.end())
        verdict.facts |= lab.facts
    return verdict


async def _round(lab: ClockLab, name: str) -> tuple[bool, list[str]]:
    """Whether the round's fault fired, and what did not hold."""
    lab.begin()
    try:
        fired = await KINDS[name](lab)
        await lab.recovered()
    except NotReady as error:
        return True, [str(error), *lab.ward.board.problems]
    return fired, [*lab.ward.board.problems, *lab.checked()]
