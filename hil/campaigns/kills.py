"""`kill -9` of gateway, controller and broker at random moments while six beds stream.

Passes with nothing lost, nothing twice, nothing invented, and every process back by itself.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from hil.campaigns.running_ward import RunningWard, add_to_last
from hil.campaigns.verdict import Verdict
from hil.errors import NotReady
from hil.faults.kill import VICTIMS
from hil.sims.emitted import now_ns

_AT_ONCE = 0.1
"""The part of all rounds in which two are killed, one soon after the other."""


def plan(rng: Random, rounds: int) -> list[tuple[str, ...]]:
    """Whom each round kills: every part equally often as the first."""
    firsts = rng.sample(VICTIMS * math.ceil(rounds / len(VICTIMS)), rounds)
    return [
        (first, rng.choice([name for name in VICTIMS if name != first]))
        if rng.random() < _AT_ONCE
        else (first,)
        for first in firsts
    ]


async def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None]) -> Verdict:
    """Kill in `rounds` rounds, in an empty `folder`. Raises NotReady when the ward does not even start."""
    verdict, rng = Verdict("kills", seed), Random(seed)
    killed: Counter[str] = Counter()
    slowest_s = 0.0
    async with RunningWard(folder, beds=6) as ward:
        for names in plan(rng, rounds):
            killed.update(names)
            began = now_ns()
            problems = await _round(ward, names, rng, verdict)
            took_s = (now_ns() - began) / 1e9
            slowest_s = max(slowest_s, took_s)
            told = "; ".join(problems) or f"all is there after {took_s:.1f} s"
            say(f"{len(verdict.rounds)}/{rounds}: {verdict.rounds[-1].fault}: {told}")
            if problems:  # what comes after would only tell of the same
                break
        add_to_last(verdict, await ward.end() + _journals(ward, killed["gateway"]))
        counts = ", ".join(f"{name} {killed[name]}" for name in VICTIMS)
        verdict.facts |= {"kills": counts, "slowest round": f"{slowest_s:.1f} s", **ward.facts()}
    return verdict


async def _round(ward: RunningWard, names: Sequence[str], rng: Random, verdict: Verdict) -> list[str]:
    fault = f"{' and '.join(names)} killed"
    fired, problems = False, list[str]()
    try:
        fired = await _kill(ward, names, rng)
        await ward.live_again(fault)
        await ward.caught_up(fault)
    except NotReady as error:
        problems.append(str(error))
    verdict.round(fault, fired=fired, problems=problems)
    return problems


async def _kill(ward: RunningWard, names: Sequence[str], rng: Random) -> bool:
    """Kill them at some moment; whether all died of it."""
    await asyncio.sleep(rng.uniform(0.2, 1.5))
    pauses = [0.0, *(rng.uniform(0, 0.5) for _ in names[1:])]
    dead = []
    for name, pause in zip(names, pauses, strict=True):
        await asyncio.sleep(pause)
        dead.append(await ward.killer.kill(name))
        # Before the gateway starts again: what it had accepted is in its files now.
        ward.witness.look()
    for death in dead:
        await ward.killer.replaced(death)
    return all(death.proven for death in dead)


def _journals(ward: RunningWard, kills: int) -> list[str]:
    """Every start of a gateway opens a journal of its own."""
    opened, starts = len({one.journal for one in ward.streams()}), ward.stack.gateway.starts
    if opened == starts == 1 + kills:
        return []
    return [f"the gateway was killed {kills} times and started {starts} times, and opened {opened} journals"]
