"""How good the fleet's plans are, and what they cost: driven length by shortest ways, processor, arrivals.

*Alone*: the shortest way between all places where a robot's orders ended: what it would drive without others.
*Served*: between places where it picked up, dropped or charged only: a lower bound of any plan with
these assignments, which never leaves a station for others.
"""

import heapq
import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    "arrival held",
    "span min",
    "any held",
    "span min",
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
    first: "Held" = field(default_factory=lambda: Held(()))
    """What was told first when a robot had it."""
    every: "Held" = field(default_factory=lambda: Held(()))
    """All that was told until it was there."""


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
        first=Held([told[0] for told in _told(world) if told]),
        every=Held([one for told in _told(world) for one in told]),
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


@dataclass(frozen=True, slots=True)
class Held:
    """Spans that were told: (held, width ms); an arrival is a robot that stands where it is wanted."""

    told: Sequence[tuple[bool, int]]

    @property
    def share(self) -> float:
        """Which part of them held."""
        return sum(held for held, _ in self.told) / len(self.told) if self.told else math.nan

    @property
    def median_min(self) -> float:
        """How wide they are."""
        return statistics.median(width for _, width in self.told) / 60_000 if self.told else math.nan


def _told(world: World) -> Iterator[list[tuple[bool, int]]]:
    """Of each transport that arrived, the spans that were told before."""
    for trip in world.trips.values():
        if there := trip.arrived_ms:
            yield [
                (at + eta.low_ms <= there <= at + eta.high_ms, eta.high_ms - eta.low_ms)
                for at, eta in trip.etas
                if eta.high_ms is not None and at < there
            ]


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
            f"{row.first.share:.1%}",
            f"{row.first.median_min:.1f}",
            f"{row.every.share:.1%}",
            f"{row.every.median_min:.1f}",
        )
        yield "| " + " | ".join(map(str, cells)) + " |"
