"""One world from a seed to its judgement."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from hil.sims.robots.faults import KINDS, Faults
from hil.sims.robots.maps import Size, random_map
from hil.sims.robots.world import Plan, World

STAND_MS = 600_000
"""Nobody who is well stands longer on a way."""
END_MS = 5_400_000
"""No transport takes longer from being wanted, whatever went wrong beside it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one world."""

    problems: list[str]
    fired: dict[str, int]
    ended: int
    delivered: int
    hours: float
    worst_wait_ms: int
    worst_stand_ms: int
    nearest_m: float
    looked: int
    """Moments at which every distance was looked at."""


def simulate(
    plan: Plan, seed: int, *, size: Size | None = None, kinds: Sequence[str] = KINDS, drain_hours: float = 1.5
) -> Outcome:
    """The hours of a plan on a random map; the same seed does the same again."""
    hospital = random_map(Random(seed), size or Size.of(plan.robots))
    world = World(hospital, plan, seed)
    faults = Faults(world, seed + 1, kinds)
    world.run(drain_hours)
    return judged(world, faults)


def judged(world: World, faults: Faults) -> Outcome:
    """What a world that has run was like."""
    over = [trip for trip in world.trips.values() if trip.ended_ms is not None]
    waits = {trip.transport.id: (trip.ended_ms or 0) - trip.transport.wanted_ms for trip in over}
    problems = [*world.problems, *world.judge.problems]
    problems += [f"{name} took {wait // 60_000} minutes" for name, wait in waits.items() if wait > END_MS]
    if world.worst_stand_ms > STAND_MS:
        problems.append(f"somebody stood {world.worst_stand_ms // 1000} s on a way")
    return Outcome(
        problems,
        dict(faults.fired),
        ended=len(over),
        delivered=sum(trip.delivered for trip in over),
        hours=world.now_ms / 3_600_000,
        worst_wait_ms=max(waits.values(), default=0),
        worst_stand_ms=world.worst_stand_ms,
        nearest_m=world.judge.nearest_m,
        looked=world.judge.looked,
    )
