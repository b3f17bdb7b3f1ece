"""What goes wrong on the ways: robots die, stand, are taken and pushed about; ways are blocked for a while.

A fault counts as fired when the fleet has shown that it knows: the robot's condition, or a closed edge.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from controller.robots.ground import mask_of
from controller.robots.places import Kind
from controller.robots.vehicles import Condition
from hil.sims.robots.vehicle import Mood, SimVehicle
from hil.sims.robots.world import World

_SOON = (60_000, 240_000)
"""When somebody has seen to it, ms."""
KINDS = ("died", "stood", "blocked", "taken", "pushed")


class Faults:
    """Faults for one world, from its own seed."""

    def __init__(self, world: World, seed: int, kinds: Sequence[str] = KINDS) -> None:
        self.world = world
        self.random = Random(seed)
        self.tried: Counter[str] = Counter()
        self.fired: Counter[str] = Counter()
        count = round(world.plan.hours * world.plan.faults_h)
        for _ in range(count):
            kind = self.random.choice(kinds)
            world.at(
                self.random.randrange(round(world.plan.hours * 3_600_000)), lambda k=kind: self.happen(k)
            )

    def happen(self, kind: str) -> None:
        """One fault, now, if there is a robot or a way for it."""
        if kind == "blocked":
            self._blocked()
            return
        well = [v for v in self.world.vehicles.values() if v.mood == Mood.WELL and v.points]
        if well:
            self.tried[kind] += 1
            vehicle = self.random.choice(sorted(well, key=lambda v: v.name))
            {"died": self._dies, "stood": self._stands, "taken": self._taken, "pushed": self._pushed}[kind](
                vehicle
            )

    def _later(self, do: Callable[[], object]) -> None:
        self.world.at(self.random.randint(*_SOON), do)

    def _dies(self, vehicle: SimVehicle) -> None:
        vehicle.mood = Mood.DEAD
        self._later(lambda: self._carried_away(vehicle))

    def _carried_away(self, vehicle: SimVehicle) -> None:
        world = self.world
        if world.fleet.vehicles[vehicle.name].condition == Condition.SILENT:
            self.fired["died"] += 1
        del world.vehicles[vehicle.name]
        world.hear(world.fleet.gone(vehicle.name, world.now_ms))
        self._later(lambda: self._returns(vehicle.name))

    def _returns(self, name: str) -> None:
        """Repaired, and put down in a park that nobody is in or on the way to."""
        world = self.world
        parks = (n for n, kind in enumerate(world.ground.kinds) if kind == Kind.PARK)
        taken = {vehicle.node for vehicle in world.vehicles.values()}
        traffic = world.fleet.driving.traffic
        free = [
            n for n in parks if n not in taken and n not in traffic.reserved and not traffic.held >> n & 1
        ]
        if free:
            world.join(name, self.random.choice(free))
        else:
            self._later(lambda: self._returns(name))

    def _stands(self, vehicle: SimVehicle) -> None:
        vehicle.mood = Mood.STUCK
        self.world.at(self.random.randint(100_000, 200_000), lambda: self._goes_on(vehicle))

    def _goes_on(self, vehicle: SimVehicle) -> None:
        if self.world.fleet.vehicles[vehicle.name].condition == Condition.STALLED:
            self.fired["stood"] += 1
        vehicle.mood = Mood.WELL

    def _blocked(self) -> None:
        """A way that nobody is on: a bed stands there. Whoever was let on to it has to turn back."""
        world, ground = self.world, self.world.ground
        on = mask_of(v.edge for v in world.vehicles.values() if v.edge is not None)
        open_edges = [e for e in range(ground.nodes, len(ground.ids)) if not (world.barred | on) >> e & 1]
        edge = self.random.choice(
            [e for e in open_edges if not any(map(ground.rests.__getitem__, ground.ends(e)))]
        )
        self.tried["blocked"] += 1
        world.barred |= 1 << edge
        world.hear(world.fleet.blocked(ground.ids[edge], world.now_ms, "a bed stands there"))
        self.fired["blocked"] += world.fleet.driving.routes.closed >> edge & 1
        self._later(lambda: self._cleared(edge))

    def _cleared(self, edge: int) -> None:
        world = self.world
        world.barred &= ~(1 << edge)
        world.hear(world.fleet.opened(world.ground.ids[edge], world.now_ms))

    def _taken(self, vehicle: SimVehicle) -> None:
        """A person takes it and leaves it where it is."""
        self._seize(vehicle, "taken")
        self._later(lambda: self._hand_back(vehicle))

    def _pushed(self, vehicle: SimVehicle) -> None:
        """A person takes it and puts it down somewhere else, where nobody is and nobody drives."""
        self._seize(vehicle, "pushed")
        self._later(lambda: self._put_down(vehicle))

    def _seize(self, vehicle: SimVehicle, kind: str) -> None:
        world = self.world
        vehicle.mood = Mood.TAKEN
        vehicle.forget()
        world.hear(world.fleet.taken_over(vehicle.name, world.now_ms))
        self.fired[kind] += world.fleet.vehicles[vehicle.name].condition == Condition.TAKEN_OVER

    def _put_down(self, vehicle: SimVehicle) -> None:
        ground, traffic = self.world.ground, self.world.fleet.driving.traffic
        standing = mask_of(v.node for v in self.world.vehicles.values() if v is not vehicle)
        others = ground.spread(traffic.others(vehicle.name) | mask_of(traffic.reserved) | standing)
        free = [n for n in range(ground.nodes) if not others >> n & 1 and ground.waits[n]]
        near = [n for n in free if ground.map.nodes[n].map == ground.map.nodes[vehicle.node].map]
        if near:
            vehicle.node, vehicle.edge, vehicle.on_m = self.random.choice(near), None, 0.0
        self.world.at(5_000, lambda: self._hand_back(vehicle))

    def _hand_back(self, vehicle: SimVehicle) -> None:
        vehicle.mood = Mood.WELL
        self.world.hear(self.world.fleet.handed_back(vehicle.name, self.world.now_ms))
