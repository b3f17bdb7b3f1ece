"""How robots get where they are to go: ways admitted, let on piece by piece, changed when something is amiss.

driving = Driving(ground, vehicles, local)
driving.send(vehicle, goal, now_ms)        # a way to a resting place; False: not now
driving.advance(vehicle, now_ms)           # as far ahead as it may
driving.changed                            # robots that have to be told
"""

from collections.abc import Callable, Iterable

from controller.robots.ground import Ground, mask_of
from controller.robots.places import DAY_MS, Kind, is_resting_time
from controller.robots.routes import Path, Routes, Trip
from controller.robots.traffic import Claim, Traffic
from controller.robots.vehicles import Condition, Vehicle

AHEAD_MS = 8_000.0
"""A robot is let on at least so far ahead, as long as nobody is in the way: it need not slow down."""
PATIENCE_MS = 60_000
"""Who waits longer for its way: no new ways through what it needs. Twice as long: no new ways at all."""
DETOUR_MS = 12_000
"""Who waits longer looks for a way round, at most `DETOURS` times."""
DETOURS = 3
_RETRY_MS = 4_000
_WORTH_MS = 45_000


def utc_day_ms(now_ms: int) -> int:
    """The time of day where it is UTC."""
    return now_ms % DAY_MS


class Driving:
    """Claims and routes together, in time."""

    def __init__(
        self, ground: Ground, vehicles: dict[str, Vehicle], local: Callable[[int], int] = utc_day_ms
    ) -> None:
        self.ground = ground
        self.vehicles = vehicles
        self.traffic = Traffic(ground)
        self.routes = Routes(ground)
        self.changed: set[str] = set()
        self._local = local
        self._held_for: Vehicle | None = None

    # A way to a place

    def send(self, vehicle: Vehicle, goal: int, now_ms: int) -> bool:
        """Let the robot have a way to a resting place that is free for it. False: not now."""
        name, claim = vehicle.name, self.traffic.claims[vehicle.name]
        trip = Trip(claim.end, goal, vehicle.model.width, self._local(now_ms))
        is_free = self.traffic.reserved.get(goal, name) == name
        path = self.routes.path(trip, self._solid(name)) if is_free else None
        if path is None:
            if not claim.under_way:
                vehicle.since_ms = None  # it does not wait for others' driving, and holds nobody back
            return False
        if self._admit(vehicle, path, now_ms) or self._round(vehicle, trip, path, now_ms):
            vehicle.detours, vehicle.awake = 0, False
            return True
        self._waits(vehicle, now_ms, mask_of(part for arc in path for part in (arc.edge, arc.end)))
        return False

    def _solid(self, robot: str) -> int:
        claim = self.traffic.claims[robot]
        return self.traffic.solid & ~claim.held if claim.obstacle else self.traffic.solid

    def _admit(self, vehicle: Vehicle, path: Path, now_ms: int) -> bool:
        if self._is_held_back(vehicle, path, now_ms) or not self.traffic.admit(vehicle.name, path):
            return False
        vehicle.since_ms, vehicle.wished, vehicle.moved_ms = None, 0, now_ms
        self.changed.add(vehicle.name)
        return True

    def _round(self, vehicle: Vehicle, trip: Trip, path: Path, now_ms: int) -> bool:
        """A way that nobody is on at this moment, if it is not much longer."""
        if now_ms < vehicle.retry_ms:
            return False
        vehicle.retry_ms = now_ms + _RETRY_MS
        other = self.routes.path(trip, self.traffic.others(vehicle.name))
        if other is None or _takes(other) > 1.5 * _takes(path) + _WORTH_MS:
            return False
        return self._admit(vehicle, other, now_ms)

    def _waits(self, vehicle: Vehicle, now_ms: int, wished: int) -> None:
        vehicle.wished = wished
        if vehicle.since_ms is None:
            vehicle.since_ms = now_ms

    # Whose turn it is

    def hold(self, now_ms: int) -> None:
        """Find who has waited longest and too long: `send` then admits nothing that is in its way."""
        waiting = [v for v in self.vehicles.values() if v.since_ms is not None]
        ready = (v for v in waiting if v.condition == Condition.READY and not self.is_stray(v))
        first = min(ready, key=lambda v: (v.since_ms or 0, v.name), default=None)
        late = first is not None and now_ms - (first.since_ms or now_ms) > PATIENCE_MS
        self._held_for = first if late else None

    def _is_held_back(self, vehicle: Vehicle, path: Path, now_ms: int) -> bool:
        first = self._held_for
        claim = self.traffic.claims[vehicle.name]
        if first is None or first is vehicle or claim.obstacle or claim.under_way:
            return False
        if now_ms - (first.since_ms or now_ms) > 2 * PATIENCE_MS:
            return True
        other = self.traffic.claims[first.name]
        needed = other.want if other.under_way else self.ground.spread(first.wished)
        return bool(mask_of(part for arc in path for part in (arc.edge, arc.end)) & needed)

    # On the way

    def advance(self, vehicle: Vehicle, now_ms: int) -> None:
        """Let the robot on as far ahead as is useful and free."""
        claim = self.traffic.claims[vehicle.name]
        if claim.obstacle or not claim.under_way:
            return
        while self._ahead_ms(claim) < AHEAD_MS and self._may_enter(vehicle, claim, now_ms):
            stood = claim.given == claim.at
            if not self.traffic.extend(vehicle.name):
                break
            self.changed.add(vehicle.name)
            vehicle.since_ms = None
            if stood:
                vehicle.moved_ms = now_ms
        if claim.given == claim.at and not claim.obstacle:
            self._waits(vehicle, now_ms, 0)
            self._detour(vehicle, claim, now_ms)

    def _ahead_ms(self, claim: Claim) -> float:
        if claim.given == len(claim.path) - 1:
            return AHEAD_MS
        return sum(self.ground.ms[step.edge] for step in claim.path[claim.at + 1 : claim.given + 1])

    def _may_enter(self, vehicle: Vehicle, claim: Claim, now_ms: int) -> bool:
        """Whether no ward sleeps on the next edge; if one does, the robot needs another way."""
        rest = self.ground.rest.get(claim.path[claim.given + 1].edge)
        if vehicle.awake or not is_resting_time(rest, self._local(now_ms)):
            return True
        self.traffic.stop(vehicle.name)
        self.changed.add(vehicle.name)
        return False

    def _detour(self, vehicle: Vehicle, claim: Claim, now_ms: int) -> None:
        waited = now_ms - (vehicle.since_ms or now_ms)
        if waited < DETOUR_MS or vehicle.detours >= DETOURS or now_ms < vehicle.retry_ms:
            return
        since, path = vehicle.since_ms, self.remaining(claim)
        trip = Trip(claim.end, claim.goal, vehicle.model.width, self._local(now_ms))
        if self._round(vehicle, trip, path, now_ms):
            vehicle.since_ms = since
            vehicle.detours += 1

    def remaining(self, claim: Claim) -> Path:
        """The arcs of a path that were not given yet."""
        path: Path = []
        node = claim.end
        for step in claim.path[claim.given + 1 :]:
            path.append(next(a for a in self.ground.out[node] if a.edge == step.edge and a.end == step.node))
            node = step.node
        return path

    # When something is amiss

    def shut(self, edges: int) -> list[str]:
        """These edges are closed from now on. Gives back who was let on to one of them."""
        self.routes.close(edges)
        onto: list[str] = []
        for name, claim in self.traffic.claims.items():
            ahead = [i for i, s in enumerate(claim.path) if i > claim.at and edges >> max(s.edge, 0) & 1]
            if ahead and ahead[0] <= claim.given:
                onto.append(name)
            elif ahead:
                self.stop(name)
        return onto

    def stop(self, robot: str) -> None:
        """The robot goes no farther than it was let, and needs a new way."""
        self.traffic.stop(robot)
        self.vehicles[robot].retry_ms = 0
        self.changed.add(robot)

    def repair(
        self, goals: Callable[[Vehicle], Iterable[int]], order: list[Vehicle], now_ms: int
    ) -> list[Vehicle]:
        """Stop who cannot arrive any more, and find new ways for all who drive and have none.

        `goals`: where a robot may go, best first. Goes on as long as one robot's new way may free another's.
        Gives back who has a new way.
        """
        while hindered := list(self.traffic.hindered()):
            for name in hindered:
                self.stop(name)
        left = [v for v in order if self.is_stray(v) and now_ms >= v.retry_ms]
        rescued: list[Vehicle] = []
        found = left
        while found:
            found = [v for v in left if self._rescue(v, goals(v), now_ms)]
            left = [v for v in left if v not in found]
            rescued += found
        for vehicle in left:
            vehicle.retry_ms = now_ms + _RETRY_MS
        return rescued

    def is_stray(self, vehicle: Vehicle) -> bool:
        """Whether a robot drives by our word, stands on a way, and has none itself."""
        claim = self.traffic.claims.get(vehicle.name)
        return vehicle.condition == Condition.READY and claim is not None and claim.obstacle

    def _rescue(self, vehicle: Vehicle, goals: Iterable[int], now_ms: int) -> bool:
        name = vehicle.name
        claim = self.traffic.claims[name]
        for goal in list(goals)[:4]:
            for awake in (False, True):
                trip = Trip(claim.end, goal, vehicle.model.width, None if awake else self._local(now_ms))
                for avoid in (self._solid(name), self.traffic.others(name)):
                    path = self.routes.path(trip, avoid)
                    if path is not None and self._admit(vehicle, path, now_ms):
                        vehicle.awake = awake
                        return True
        return False

    def places(self, vehicle: Vehicle, kind: Kind, near: int | None = None) -> list[int]:
        """Free resting places of a kind that the robot can reach, the nearest (to it, or to a node) first."""
        name, start = vehicle.name, self.traffic.claims[vehicle.name].end
        width = vehicle.model.width
        found: list[tuple[float, int]] = []
        for place in range(self.ground.nodes):
            if self.ground.kinds[place] == kind and self.traffic.reserved.get(place, name) == name:
                here = self.routes.field(place, width)[start]
                there = here if near is None else self.routes.field(near, width)[place]
                if here < float("inf") and not self.traffic.holder(place, but=name):
                    found.append((there, place))
        return [place for _, place in sorted(found)]


def _takes(path: Path) -> float:
    return sum(arc.ms for arc in path)
