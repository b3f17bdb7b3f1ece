"""Blackouts of 1 s to 48 h in virtual time, drawn log-uniformly: the real gateway, journal and ingest.

Every other round has a journal whose quota does not hold the blackout. Passes when each record is there once
or in a gap record, when neither vital signs nor alerts were given up, when all is there in the time that 80%
of the link takes, when what is live came first meanwhile, and when the senders held few ranges of numbers.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from hil.campaigns.verdict import Verdict
from hil.simulation.outage import Outcome, live_through

SHORTEST_S, LONGEST_S = 1.0, 48 * 3600.0
MOST_RANGES = 600
_TOO_SHORT_S = 600.0
"""A blackout that is shorter fits any quota."""


def run(
    folder: Path, seed: int, rounds: int, say: Callable[[str], None], *, longest_s: float = LONGEST_S
) -> Verdict:
    """`rounds` worlds; the first blackout is the longest. Round `n` is world `seed * 1_000_000 + n`."""
    verdict, rng, began = Verdict("blackouts", seed), Random(seed), time.monotonic()
    outcomes: list[Outcome] = []
    for n in range(rounds):
        outage_s = longest_s if n < 2 else SHORTEST_S * (longest_s / SHORTEST_S) ** rng.random()
        holds = n % 2 == 0 or outage_s < _TOO_SHORT_S
        with tempfile.TemporaryDirectory(dir=folder) as place:
            outcome = live_through(Path(place), seed * 1_000_000 + n, outage_s, holds=holds)
        outcomes.append(outcome)
        problems = [*outcome.problems, *_greed(outcome)]
        name = _name(outage_s, outcome, holds=holds)
        verdict.round(name, fired=outcome.unanswered > 0 and (holds or outcome.shed > 0), problems=problems)
        say(f"{n + 1}/{rounds}: {name}: {'; '.join(problems) or 'ok'}")
    verdict.facts = _facts(outcomes, time.monotonic() - began)
    return verdict


def _greed(outcome: Outcome) -> list[str]:
    if outcome.ranges <= MOST_RANGES:
        return []
    return [f"the senders held {outcome.ranges} ranges for {outcome.behind} blocks"]


def _name(outage_s: float, outcome: Outcome, *, holds: bool) -> str:
    lasted = f"{outage_s / 3600:.1f} h" if outage_s >= 3600 else f"{outage_s:.0f} s"
    quota = "held" if holds else f"shed {outcome.shed} blocks of"
    return (
        f"blackout of {lasted}, the quota {quota} it: {outcome.behind} blocks behind in "
        f"{outcome.ranges} ranges, all there {outcome.drained_s:.0f} s after"
    )


def _facts(outcomes: list[Outcome], seconds: float) -> dict[str, str]:
    return {
        "blocks behind": f"{max(one.behind for one in outcomes)} at the most",
        "ranges": f"{max(one.ranges for one in outcomes)} at the most",
        "judged for lateness": f"{sum(one.judged for one in outcomes)}",
        "seconds": f"{seconds:.0f}",
    }
