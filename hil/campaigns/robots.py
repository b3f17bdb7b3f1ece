"""A fleet on a random map in simulated time: each round is a hospital of its own, with one kind of fault.

Reports and decisions are lost, doubled and late in every round. What it cannot show: real vehicles' braking,
localisation that is wrong without saying so, and people who walk in the way (their own sensors' part).
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

from hil.campaigns.verdict import Verdict
from hil.sims.robots.faults import KINDS
from hil.sims.robots.maps import Size
from hil.sims.robots.outcome import Outcome, simulate
from hil.sims.robots.world import Plan

ROBOTS = (3, 5, 10, 25, 50)


def run(folder: Path, seed: int, rounds: int, say: Callable[[str], None], *, hours: float = 1.0) -> Verdict:
    """So many hospitals. The round of hospital `n` is `seed * 1_000_000 + n`."""
    del folder  # nothing is written
    verdict = Verdict("robots", seed)
    outcomes: list[Outcome] = []
    for n in range(rounds):
        kind, world = KINDS[n % len(KINDS)], seed * 1_000_000 + n
        outcome = _hospital(world, kind, hours)
        outcomes.append(outcome)
        fault = f"hospital {world}, {kind}"
        verdict.round(fault, fired=outcome.fired.get(kind, 0) > 0, problems=outcome.problems)
        for problem in outcome.problems:
            say(f"{fault}: {problem}")
        if (n + 1) % 20 == 0:
            say(f"{n + 1} hospitals, {len(verdict.problems)} problems")
    verdict.facts = _facts(outcomes)
    return verdict


def _hospital(seed: int, kind: str, hours: float) -> Outcome:
    random = Random(seed)
    robots = random.choice(ROBOTS)
    size = Size.of(robots)
    shape = Size(
        size.columns,
        size.rows,
        random.choice((1, 2, 3)) if robots <= 25 else 2,
        size.stations,
        size.parks,
        size.chargers,
        loops=random.choice((0.1, 0.3, 0.6, 1.0)),
        crossings=random.choice((0.0, 0.1, 0.3)),
    )
    plan = Plan(
        robots,
        hours,
        per_robot_h=random.choice((2.0, 4.0)),
        lost=random.choice((0.0, 0.05, 0.2)),
        doubled=0.05,
        late_ms=random.choice((0, 500, 3000)),
        faults_h=random.choice((6.0, 20.0)),
    )
    return simulate(plan, seed, size=shape, kinds=(kind,), drain_hours=2.0)


def _facts(outcomes: list[Outcome]) -> dict[str, str]:
    fired: Counter[str] = Counter()
    for outcome in outcomes:
        fired.update(outcome.fired)
    ended, delivered = sum(o.ended for o in outcomes), sum(o.delivered for o in outcomes)
    longest, stand = max(o.worst_wait_ms for o in outcomes), max(o.worst_stand_ms for o in outcomes)
    return {
        "simulated hours": f"{sum(o.hours for o in outcomes):.1f}",
        "transports ended": f"{ended}, {delivered} delivered",
        "longest transport": f"{longest / 60_000:.0f} minutes",
        "longest stand of a robot that is well": f"{stand // 1000} s",
        "nearest that two came": f"{min(o.nearest_m for o in outcomes):.2f} m",
        "moments looked at": f"{sum(o.looked for o in outcomes)}",
        "faults": ", ".join(f"{name} {count}" for name, count in fired.most_common()),
    }
