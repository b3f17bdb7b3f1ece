"""The quickest way from a place to another, round what is closed, blocked or taken, and not while wards rest.

routes = Routes(ground)
routes.field(goal, Width.NORMAL)             # ms to the goal from every node: one Dijkstra, then kept
routes.path(Trip(start, goal, Width.NORMAL, day_ms), avoid=mask)     # A*, None: there is no way now

A field ignores what is only sometimes in the way (rest of wards, other robots), so it never says more than
the way takes: it is the lower bound that A* needs, and most searches go straight down it.
"""

import heapq
import math
from dataclasses import dataclass

from controller.robots.ground import Arc, Ground
from controller.robots.places import Kind, Width, is_resting_time

Path = list[Arc]


@dataclass(frozen=True, slots=True)
class Trip:
    """Who goes where. `day_ms`: since midnight where the hospital is; None: wards' rest does not count."""

    start: int
    goal: int
    width: Width = Width.NARROW
    day_ms: float | None = None


class Routes:
    """Ways on one ground; `close` says which edges nobody may drive on."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.closed = 0
        """Mask of edges."""
        self._fields: dict[tuple[int, Width], list[float]] = {}
        self._nearest: dict[tuple[Kind, Width], list[float]] = {}
        self._avoided: tuple[int, frozenset[int]] = (0, frozenset())

    def close(self, edges: int) -> None:
        """From now on exactly these edges are closed."""
        if edges != self.closed:
            self.closed = edges
            self._fields.clear()
            self._nearest.clear()

    def field(self, goal: int, width: Width) -> list[float]:
        """The time of the quickest way from each node to the goal, ms; inf: there is none."""
        key = goal, width
        if key not in self._fields:
            self._fields[key] = self._dijkstra(goal, width)
        return self._fields[key]

    def nearest(self, kind: Kind, width: Width) -> list[float]:
        """The time to the nearest place of a kind from each node, ms; inf: there is none."""
        key = kind, width
        if key not in self._nearest:
            goals = (node for node, its in enumerate(self.ground.kinds) if its == kind)
            fields = [self.field(goal, width) for goal in goals]
            self._nearest[key] = [min(times) for times in zip(*fields, strict=True)]
        return self._nearest[key]

    def _dijkstra(self, goal: int, width: Width) -> list[float]:
        ground, closed = self.ground, self.closed
        times = [math.inf] * ground.nodes
        times[goal] = 0.0
        queue = [(0.0, goal)]
        while queue:
            time, node = heapq.heappop(queue)
            if time > times[node] or (ground.rests[node] and node != goal):
                continue
            for arc in ground.into[node]:
                later = time + arc.ms
                if later < times[arc.start] and arc.width >= width and not closed >> arc.edge & 1:
                    times[arc.start] = later
                    heapq.heappush(queue, (later, arc.start))
        return times

    def path(self, trip: Trip, avoid: int = 0) -> Path | None:
        """The quickest way that conflicts with nothing of `avoid` (a mask); [] when it is there already."""
        field, shut = self.field(trip.goal, trip.width), self._shut(avoid)
        if math.isinf(field[trip.start]):
            return None
        best = {trip.start: 0.0}
        came: dict[int, Arc] = {}
        queue = [(field[trip.start], trip.start)]
        while queue:
            estimate, node = heapq.heappop(queue)
            if node == trip.goal:
                return self._back(came, trip)
            time = best[node]
            if estimate > time + field[node] + 1e-6 or (self.ground.rests[node] and node != trip.start):
                continue
            for arc in self.ground.out[node]:
                later = time + arc.ms
                if later < best.get(arc.end, math.inf) and self._open(arc, trip, time, shut):
                    best[arc.end], came[arc.end] = later, arc
                    heapq.heappush(queue, (later + field[arc.end], arc.end))
        return None

    def _open(self, arc: Arc, trip: Trip, time: float, shut: frozenset[int]) -> bool:
        if arc.edge in shut or arc.end in shut or arc.width < trip.width or self.closed >> arc.edge & 1:
            return False
        if arc.rest is None or trip.day_ms is None:
            return True
        begins, ends = trip.day_ms + time, trip.day_ms + time + arc.ms
        return not (is_resting_time(arc.rest, begins) or is_resting_time(arc.rest, ends))

    def _shut(self, avoid: int) -> frozenset[int]:
        if self._avoided[0] != avoid:
            parts = (i for i, mask in enumerate(self.ground.conflicts) if mask & avoid)
            self._avoided = avoid, frozenset(parts)
        return self._avoided[1]

    @staticmethod
    def _back(came: dict[int, Arc], trip: Trip) -> Path:
        path: Path = []
        node = trip.goal
        while node != trip.start:
            path.append(came[node])
            node = came[node].start
        return path[::-1]
