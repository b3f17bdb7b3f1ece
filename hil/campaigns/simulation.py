"""The real gateway and controller in virtual time: each round is a world of its own, with one aim above all.

Not in it: radio, serial ports and codecs (devices hand over readings), the real broker and aiomqtt, HTTP and
pages, the controller's housekeeping, real threads (a call in a thread is one step), SQLite's own files under
power cuts, and disks that lie.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hil.campaigns.verdict import Verdict
from hil.simulation.faults import ALL_AIMS
from hil.simulation.world import Outcome, simulate

HOURS = 0.5
"""Of faults in a round; a backlog may take up to half an hour more to arrive."""


def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None], *, hours: float = HOURS) -> Verdict:
    """So many worlds. The round of world `n` is `seed * 1_000_000 + n`, and counts if its aim was hit."""
    verdict, began = Verdict("simulation", seed), time.monotonic()
    total: Counter[str] = Counter()
    fired: Counter[str] = Counter()
    for n in range(rounds):
        aim, world = ALL_AIMS[n % len(ALL_AIMS)], seed * 1_000_000 + n
        with tempfile.TemporaryDirectory(dir=folder) as place:
            outcome = simulate(Path(place), world, aim, hours)
        verdict.round(
            f"world {world}, {aim}", fired=outcome.fired.get(str(aim), 0) > 0, problems=outcome.problems
        )
        fired.update(outcome.fired)
        total.update(_figures(outcome))
        for problem in outcome.problems:
            say(f"world {world}, {aim}: {problem}")
        if (n + 1) % 20 == 0:
            say(f"{n + 1} worlds, {total['hours']:.1f} simulated hours, {len(verdict.problems)} problems")
    verdict.facts = _facts(total, fired, time.monotonic() - began)
    return verdict


def _figures(outcome: Outcome) -> dict[str, float]:
    return {
        "hours": outcome.hours,
        "blocks": outcome.accepted,
        "values": outcome.values,
        "judged": outcome.judged,
    }


def _facts(total: Counter[str], fired: Counter[str], seconds: float) -> dict[str, str]:
    minutes = max(seconds, 1e-3) / 60
    speed = total["hours"] / minutes
    return {
        "simulated hours": f"{total['hours']:.1f} in {minutes:.1f} minutes ({speed:.1f} a minute)",
        "blocks accepted": f"{total['blocks']:.0f}",
        "values said": f"{total['values']:.0f}",
        "judged for lateness": f"{total['judged']:.0f}",
        "faults": ", ".join(f"{name} {count}" for name, count in fired.most_common()),
    }
