"""A simulated VDA 5050 vehicle: drives the base of its order, stands at its end, says where it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from controller.robots.decisions import Go, Point
from controller.robots.ground import Ground
from controller.robots.vehicles import Action, Battery, Report

_SPEED = 1.0


class Mood(StrEnum):
    """What may be wrong with it."""

    WELL = "well"
    DEAD = "dead"
    """It neither moves nor speaks."""
    STUCK = "stuck"
    """It speaks, and does not move."""
    TAKEN = "taken"
    """A person has it."""


@dataclass(slots=True)
class SimVehicle:
    """One vehicle. Its place: the last node passed, and metres on the edge that comes next in its order."""

    name: str
    ground: Ground
    node: int
    battery: Battery = field(default_factory=Battery)
    charge: float = 0.9
    mood: Mood = Mood.WELL
    points: list[Point] = field(default_factory=list[Point])
    """From the last node passed on; empty: no order."""
    released: int = 0
    action: Action = Action.PARK
    order: int | None = None
    on_m: float = 0.0
    edge: int | None = None
    """The edge that it is on, also when its order is gone."""
    back: bool = False
    """It has to return to its last node first: an order began while it stood on an edge."""
    paused: bool = False
    acting: bool = False
    driven_m: float = 0.0
    stood_ms: int = 0
    """How long it has stood at the end of its base, with more to come."""
    trail: list[int] = field(default_factory=list[int])
    """Nodes passed."""

    def obey(self, go: Go) -> str:
        """An order, or an update. Gives back what is wrong with it, or nothing."""
        self.paused = False
        if self.order == go.order and self.points:
            return self._update(go)
        if self.order == go.order or go.points[0].node != self.ground.ids[self.node]:
            return f"{self.name}: order {go.order} begins at {go.points[0].node}, it is elsewhere"
        self.order, self.points, self.released, self.action = (
            go.order,
            list(go.points),
            go.released,
            go.action,
        )
        self.back = self.edge is not None
        self.acting = False
        return ""

    def _update(self, go: Go) -> str:
        here = self.points[0].sequence
        ahead = [i for i, point in enumerate(go.points) if point.sequence == here]
        old = self.points[: self.released]
        if not ahead or list(go.points[ahead[0] : ahead[0] + len(old)]) != old:
            return f"{self.name}: update {go.update} of order {go.order} changes its base"
        self.points, self.released = list(go.points[ahead[0] :]), go.released - ahead[0]
        self.acting = self.acting and self.action == go.action and len(self.points) == 1
        self.action = go.action
        return ""

    def forget(self) -> None:
        """Drop the order and stand."""
        self.points, self.released, self.order, self.back, self.acting = [], 0, None, False, False

    def move(self, ms: int, speed: Callable[[int], float], *, barred: int) -> None:
        """Some time passes. `barred`: edges that cannot be driven on."""
        moving = self.mood == Mood.WELL and not self.paused and (self.released > 1 or self.back)
        self._discharge(ms, moving=moving)
        if not moving:
            waits = self.mood == Mood.WELL and 0 < self.released < len(self.points)
            self.stood_ms = self.stood_ms + ms if waits else 0
            return
        self.stood_ms = 0
        left_ms = float(ms)
        while left_ms > 0 and (self.back or self.released > 1):
            left_ms = self._return(left_ms) if self.back else self._on(left_ms, speed, barred)

    def _discharge(self, ms: int, *, moving: bool) -> None:
        if self.action == Action.CHARGE and self.acting:
            self.charge = min(
                1.0, self.charge + self.battery.charge_w * ms / 3.6e6 / self.battery.capacity_wh
            )
            return
        watts = self.battery.drive_w if moving else self.battery.idle_w
        self.charge = max(0.0, self.charge - watts * ms / 3.6e6 / self.battery.capacity_wh)

    def _return(self, left_ms: float) -> float:
        takes = 1000 * self.on_m / _SPEED
        if takes > left_ms:
            self.on_m -= left_ms * _SPEED / 1000
            return 0.0
        self.driven_m += self.on_m
        self.back, self.edge, self.on_m = False, None, 0.0
        return left_ms - takes

    def _on(self, left_ms: float, speed: Callable[[int], float], barred: int) -> float:
        edge = self.ground.edge[self.points[1].edge or ""]
        if barred >> edge & 1:
            return 0.0
        self.edge = edge
        per_ms = speed(edge)
        length = self.length(edge)
        takes = (length - self.on_m) / per_ms
        if takes > left_ms:
            self.on_m += left_ms * per_ms
            return 0.0
        self.driven_m += length
        self.points = self.points[1:]
        self.released -= 1
        self.node, self.edge, self.on_m = self.ground.node[self.points[0].node], None, 0.0
        self.trail.append(self.node)
        return left_ms - takes

    def length(self, edge: int) -> float:
        """Of an edge, m."""
        return self.ground.map.length_m(self.ground.map.edges[edge - self.ground.nodes])

    @property
    def arrived(self) -> bool:
        """Whether it stands where its order ends."""
        return len(self.points) == 1 and self.edge is None

    def at(self) -> tuple[str, float, float]:
        """Floor, x, y; in a lift, the floor that it left."""
        node = self.ground.map.nodes[self.node]
        if self.edge is None:
            return node.map, node.x, node.y
        ends = self.ground.ends(self.edge)
        there = self.ground.map.nodes[ends[1] if ends[0] == self.node else ends[0]]
        part = self.on_m / self.length(self.edge)
        return node.map, node.x + part * (there.x - node.x), node.y + part * (there.y - node.y)

    def says(self, at_ms: int) -> Report:
        """Its state now."""
        return Report(
            self.name,
            at_ms,
            node=self.ground.ids[self.node],
            edge=None if self.edge is None else self.ground.ids[self.edge],
            battery=self.charge,
            order=self.order,
            sequence=self.points[0].sequence if self.points else None,
            halted=not self.points,
        )
