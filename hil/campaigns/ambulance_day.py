"""A day in a vehicle in virtual time, in runs of another trouble each; and a minute and a half in real time.

The real gateway, crew's case, journal, controller and take-over of what crews tell; recorded hearts as
patients. Passes when nothing is lost, nothing stands at the wrong patient, and every true alarm was raised in
the box in its time, whatever the network did. A run counts if its trouble really happened.

Not in virtual time: radio, serial ports, codecs, the crew's page and HTTP, the real broker. The last round
has them, but for the radio, in real time (`hil.ambulance.excerpt`; needs root).
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from hil.ambulance import excerpt
from hil.ambulance.plan import day
from hil.ambulance.world import Outcome, live_a_day
from hil.campaigns.verdict import Verdict

WITHOUT_ROOT = "left out: it needs root, for a network and a small box of its own"


def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None]) -> Verdict:
    """`rounds` runs, in days of up to twelve, and the excerpt. Day `n` is world `seed * 1_000_000 + n`."""
    verdict, began = Verdict("ambulance-day", seed), time.monotonic()
    days: list[Outcome] = []
    while (left := rounds - len(verdict.rounds)) > 0:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            world = seed * 1_000_000 + len(days)
            lived = live_a_day(Path(place), world, day(Random(world))[:left])
        days.append(lived)
        for one, fired, problems in lived.rounds:
            verdict.round(f"{one.trouble}, {len(one.patients)} on board", fired=fired > 0, problems=problems)
            told = "; ".join(problems) or f"nothing lost, nobody mistaken ({fired} times)"
            say(f"{len(verdict.rounds)}/{rounds}: {one.trouble}: {told}")
    for n, lived in enumerate(days):
        verdict.facts |= {f"day {n + 1}, {name}": text for name, text in lived.figures.items()}
    _real_time(verdict, folder, say)
    verdict.facts["seconds"] = f"{time.monotonic() - began:.0f}"
    return verdict


def _real_time(verdict: Verdict, folder: Path, say: Callable[[str], None]) -> None:
    """The last round."""
    if os.geteuid() != 0:
        verdict.facts["real time"] = WITHOUT_ROOT
        say(f"real time: {WITHOUT_ROOT}")
        return
    lived = asyncio.run(excerpt.live(folder.absolute() / "real-time", verdict.seed, say))
    verdict.round(f"real time: {', '.join(lived.parts)}", fired=bool(lived.parts), problems=lived.problems)
    verdict.facts |= {f"real time, {name}": text for name, text in lived.figures.items()}
    say(f"real time: {'; '.join(lived.problems) or 'nothing lost, nobody mistaken'}")
