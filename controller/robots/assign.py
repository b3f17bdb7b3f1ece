"""Which robot carries which transport: the most urgent first, by the quickest robot that can end it.

Greedy in the order of urgency: what is urgent never waits for a better sum of others, and a robot whose
transport is not picked up yet may be taken for one that is much more urgent, or give it to a much nearer one.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from controller.robots.energy import reaches
from controller.robots.transports import Transport
from controller.robots.vehicles import Battery

PREEMPTS = 1.5
"""By so many classes of urgency a transport takes the robot of another."""
NEARER_MS = 30_000
"""And by a third: so much sooner at the pick-up makes another robot worth the change."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A robot that could take a transport. `has`: one that it has not picked up yet."""

    robot: str
    battery: Battery
    charge: float
    can_carry: Callable[[str], bool]
    to: Callable[[str], float]
    """ms from where it is to a station."""
    has: Transport | None = None
    knows: Callable[[Transport], bool] = lambda _: True
    """Whether it can be told all that it demands where this is picked and dropped."""


@dataclass(frozen=True, slots=True)
class Legs:
    """Of a transport: ms from pick-up to drop, and from the drop to the nearest charger."""

    carry_ms: float
    charger_ms: float


def fits(transport: Transport, candidate: Candidate, legs: Legs) -> bool:
    """Whether the robot can carry it, reach everything, and has the energy to end it and be charged."""
    if not (candidate.can_carry(transport.load) and candidate.knows(transport)):
        return False
    way = candidate.to(transport.pick)
    return reaches(candidate.battery, candidate.charge, way, legs.carry_ms, legs.charger_ms)


def choose(
    waiting: Iterable[tuple[Transport, Legs]], candidates: Iterable[Candidate], now_ms: int
) -> Iterator[tuple[Transport, Candidate]]:
    """Who takes what, in the order of urgency; each robot once. Whose `has` is set hands that back."""
    left = list(candidates)
    for transport, legs in sorted(waiting, key=lambda one: (-one[0].urgency(now_ms), one[0].id)):
        able = (c for c in left if _may(transport, c, now_ms) and fits(transport, c, legs))
        best = min(able, key=lambda c: (c.to(transport.pick), c.has is not None, c.robot), default=None)
        if best is not None:
            left.remove(best)
            yield transport, best


def _may(transport: Transport, candidate: Candidate, now_ms: int) -> bool:
    other = candidate.has
    return other is None or transport.urgency(now_ms) - other.urgency(now_ms) >= PREEMPTS


def is_worth_changing(old_ms: float, new_ms: float) -> bool:
    """Whether a transport should go from a robot `old_ms` away to one `new_ms` away."""
    return math.isinf(old_ms) or (old_ms - new_ms >= NEARER_MS and new_ms <= old_ms * 2 / 3)
