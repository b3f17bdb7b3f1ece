"""How good the fleet's plans are, and what they cost: driven length by shortest ways, processor, arrivals.

*Alone*: the shortest way between all places where a robot's orders ended: what it would drive without others.
*Served*: between places where it picked up, dropped or charged only: a lower bound of any plan with
these assignments, which never leaves a station for others.
"""

import heapq
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from controller.robots.decisions import Decision
from controller.robots.ground import Ground
from hil.sims.robots.maps import Size, random_map
from hil.sims.robots.world import Plan, World

FLEETS = (10, 25, 50)
LARGE = 200
LARGE_SIZE = Size(40, 18, 1, stations=100, parks=200, chargers=60, loops=0.6)
"""About 1,000 nodes on one floor: no lift is what everybody waits for."""
_HEADS = (
    "robots",
    "nodes",
    "transports",
    "median min",
    "driven km",
    "÷ alone",
    "÷ served",
    "% of a core",
    "µs a call",
    "worst ms",
    "ETA held",
)
_CALLS = ("seen", "tick", "wanted", "picked", "dropped")


@dataclass(slots=True)
class Spent:
    """Processor time of the fleet's inputs."""

    seconds: float = 0.0
    calls: int = 0
    worst_s: float = 0.0
    decisions: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One fleet."""

    robots: int
    nodes: int
    ended: int
    hours: float
    median_min: float
    driven_m: float
    stops_m: float
    served_m: float
    spent: Spent = field(default_factory=Spent)
    eta_held: float = math.nan
    """How many arrivals were within the span that was told first when a robot had it."""


def measure(robots: int, hours: float, seed: int, size: Size | None = None) -> Row:
    """One fleet on a random map, without faults, 4 transports an hour for each robot."""
    hospital = random_map(Random(seed), size or Size.of(robots))
    world = World(hospital, Plan(robots, hours, per_robot_h=4.0), seed)
    spent = Spent()
    for name in _CALLS:
        setattr(world.fleet, name, _timed(getattr(world.fleet, name), spent))
    world.run()
    lengths = Lengths(world.ground)
    waits = sorted((t.ended_ms - t.transport.wanted_ms) / 60_000 for t in world.trips.values() if t.ended_ms)
    return Row(
        robots,
        world.ground.nodes,
        len(waits),
        world.now_ms / 3_600_000,
        waits[len(waits) // 2],
        driven_m=sum(vehicle.driven_m for vehicle in world.vehicles.values()),
        stops_m=lengths.of(world.stops.values()),
        served_m=lengths.of(world.served.values()),
        spent=spent,
        eta_held=_held(world),
    )


def _timed(call: Callable[..., list[Decision]], spent: Spent) -> Callable[..., list[Decision]]:
    def timed(*given: object) -> list[Decision]:
        began = time.thread_time()
        decided = call(*given)
        took = time.thread_time() - began
        spent.seconds += took
        spent.worst_s = max(spent.worst_s, took)
        spent.calls += 1
        spent.decisions += len(decided)
        return decided

    return timed


def _held(world: World) -> float:
    """The place is reached before it is unloaded: up to the longest handling is allowed beside the span."""
    handling_ms = 60_000
    within: list[bool] = []
    for trip in world.trips.values():
        said = next(((at, eta) for at, eta in trip.etas if eta.high_ms is not None), None)
        if said and trip.ended_ms:
            at, eta = said
            within.append(at + eta.low_ms <= trip.ended_ms <= at + (eta.high_ms or 0) + handling_ms)
    return sum(within) / len(within) if within else math.nan


class Lengths:
    """Shortest ways in metres, by a search of its own."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._from: dict[int, list[float]] = {}

    def of(self, walks: Iterable[Sequence[int]]) -> float:
        """The sum over all walks from place to place, m."""
        return sum(self._all(a)[b] for walk in walks for a, b in pairwise(walk))

    def _all(self, start: int) -> list[float]:
        if start not in self._from:
            metres = [math.inf] * self._ground.nodes
            metres[start] = 0.0
            queue = [(0.0, start)]
            while queue:
                so_far, node = heapq.heappop(queue)
                for arc in self._ground.out[node]:
                    if so_far + arc.metres < metres[arc.end]:
                        metres[arc.end] = so_far + arc.metres
                        heapq.heappush(queue, (metres[arc.end], arc.end))
            self._from[start] = metres
        return self._from[start]


def rows(hours: float, seed: int) -> Iterable[Row]:
    """The fleets of the table, the large one for a tenth of the time."""
    for robots in FLEETS:
        yield measure(robots, hours, seed)
    yield measure(LARGE, hours / 10, seed, LARGE_SIZE)


def table(measured: Iterable[Row]) -> Iterable[str]:
    """For people."""
    yield "| " + " | ".join(_HEADS) + " |"
    yield "|" + "---:|" * len(_HEADS)
    for row in measured:
        spent = row.spent
        cells = (
            row.robots,
            row.nodes,
            row.ended,
            f"{row.median_min:.1f}",
            f"{row.driven_m / 1000:.1f}",
            f"{row.driven_m / row.stops_m:.2f}",
            f"{row.driven_m / row.served_m:.2f}",
            f"{100 * spent.seconds / (row.hours * 3600):.2f}",
            f"{1e6 * spent.seconds / spent.calls:.0f}",
            f"{1000 * spent.worst_s:.0f}",
            f"{row.eta_held:.0%}",
        )
        yield "| " + " | ".join(map(str, cells)) + " |"
