"""A hospital for some simulated hours: vehicles, people who want things, a network that loses and delays.

Reports are lost, late and doubled; decisions come late, in order. Everything follows from the seed.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from controller.robots.decisions import Ask, Cancel, Decision, Ended, Eta, Go, Stop
from controller.robots.fleet import Fleet
from controller.robots.places import HospitalMap, Kind
from controller.robots.transports import Priority, Transport
from controller.robots.vehicles import Action, Model
from hil.sims.robots.judge import Judge
from hil.sims.robots.vehicle import Mood, SimVehicle

STEP_MS = 500
LOADS = ("linen", "meals", "medicines", "samples", "blood")


@dataclass(frozen=True, slots=True)
class Plan:
    """What the hours are like. `per_robot_h`: transports an hour, for each robot; the rest are chances."""

    robots: int
    hours: float = 1.0
    per_robot_h: float = 6.0
    lost: float = 0.0
    doubled: float = 0.0
    late_ms: int = 0
    """Reports and decisions come up to so much later."""
    faults_h: float = 0.0
    """Faults an hour, of the whole fleet."""
    charge: float = 0.9
    report_ms: int = 1000


@dataclass(slots=True)
class Trip:
    """A transport, as people see it."""

    transport: Transport
    arrived_ms: int | None = None
    """When its robot stood where it is wanted, before anybody took it out."""
    ended_ms: int | None = None
    delivered: bool = False
    etas: list[tuple[int, Eta]] = field(default_factory=list[tuple[int, Eta]])


class World:
    """One run."""

    def __init__(self, hospital: HospitalMap, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.random = Random(seed)
        self.fleet = Fleet(hospital)
        self.ground = self.fleet.ground
        self.judge = Judge(self.ground)
        self.now_ms = 0
        self.vehicles: dict[str, SimVehicle] = {}
        self.trips: dict[str, Trip] = {}
        self.asked: list[Ask] = []
        self.barred = 0
        """Edges that cannot be driven on."""
        self.worst_stand_ms = 0
        self.stops: dict[str, list[int]] = {}
        """By robot, where its orders ended, the first where it began."""
        self.served: dict[str, list[int]] = {}
        """Of these, where it picked up, dropped or charged."""
        self.problems: list[str] = []
        self._later: list[tuple[int, int, Callable[[], object]]] = []
        self._number = 0
        self._last_order_ms: dict[str, int] = {}
        self._speeds = [0.0] * len(self.ground.ids)
        for edge in hospital.edges:
            self._speeds[self.ground.edge[edge.id]] = min(1.0, edge.speed) / 1000
        self._enter()

    def _enter(self) -> None:
        parks = [n for n, kind in enumerate(self.ground.kinds) if kind == Kind.PARK]
        self.random.shuffle(parks)
        for number in range(self.plan.robots):
            self.join(f"R{number}", parks[number])

    def join(self, name: str, node: int) -> None:
        """A vehicle is switched on, at a node."""
        charge = self.random.uniform(self.plan.charge - 0.3, self.plan.charge)
        vehicle = SimVehicle(name, self.ground, node, charge=charge)
        self.vehicles[name] = vehicle
        self.stops.setdefault(name, [node])
        self.served.setdefault(name, [node])
        self.hear(self.fleet.known(name, Model()))
        self.at(self.random.randrange(self.plan.report_ms), lambda: self._report(vehicle))

    def at(self, after_ms: int, do: Callable[[], object]) -> None:
        """Do something later."""
        self._number += 1
        heapq.heappush(self._later, (self.now_ms + after_ms, self._number, do))

    # Time

    def run(self, drain_hours: float = 1.0) -> None:
        """The hours of the plan; then nothing new is wanted, and what is open has so long to end."""
        end = round(self.plan.hours * 3_600_000)
        self._want(end)
        while self.now_ms < end or (self.open and self.now_ms < end + drain_hours * 3_600_000):
            self.step()
        self.problems += [f"{trip.transport.id} has not ended" for trip in self.open]

    @property
    def open(self) -> list[Trip]:
        """Transports that are not over."""
        return [trip for trip in self.trips.values() if trip.ended_ms is None]

    def step(self) -> None:
        """Half a second."""
        self.now_ms += STEP_MS
        while self._later and self._later[0][0] <= self.now_ms:
            heapq.heappop(self._later)[2]()
        for vehicle in self.vehicles.values():
            vehicle.move(STEP_MS, self._speeds.__getitem__, barred=self.barred)
            self.worst_stand_ms = max(self.worst_stand_ms, vehicle.stood_ms)
            if vehicle.arrived and not vehicle.acting and vehicle.mood == Mood.WELL and not vehicle.paused:
                self._act(vehicle)
        self.judge.look(list(self.vehicles.values()), self.now_ms)
        if self.now_ms % 1000 == 0:
            self.hear(self.fleet.tick(self.now_ms))

    # People

    def _want(self, end: int) -> None:
        stations = [self.ground.ids[n] for n, kind in enumerate(self.ground.kinds) if kind == Kind.STATION]
        count = round(self.plan.hours * self.plan.per_robot_h * self.plan.robots)
        for number in range(count):
            pick, drop = self.random.sample(stations, 2)
            priority = self.random.choice(list(Priority))
            when = self.random.randrange(max(1, end))
            name = f"T{number}"
            self.at(when, lambda n=name, p=pick, d=drop, c=priority: self._ask_for(n, p, d, c))

    def _ask_for(self, name: str, pick: str, drop: str, priority: Priority) -> None:
        transport = Transport(name, pick, drop, LOADS[priority], priority, self.now_ms)
        self.trips[name] = Trip(transport)
        self.hear(self.fleet.wanted(transport))

    def _act(self, vehicle: SimVehicle) -> None:
        vehicle.acting = True
        self.stops[vehicle.name].append(vehicle.node)
        if vehicle.action != Action.PARK:
            self.served[vehicle.name].append(vehicle.node)
        if vehicle.action == Action.DROP and (name := self.fleet.vehicles[vehicle.name].transport):
            trip = self.trips[name]
            trip.arrived_ms = trip.arrived_ms or self.now_ms
        if vehicle.action in (Action.PICK, Action.DROP):
            order, action = vehicle.order, vehicle.action
            self.at(self.random.randint(8_000, 60_000), lambda: self._handled(vehicle, order, action))

    def _handled(self, vehicle: SimVehicle, order: int | None, action: Action) -> None:
        if vehicle.mood == Mood.STUCK:
            vehicle.acting = False  # the person tries again
            return
        still = vehicle.order == order and vehicle.action == action and vehicle.arrived and vehicle.acting
        if still and self.vehicles.get(vehicle.name) is vehicle and vehicle.mood == Mood.WELL:
            done = self.fleet.picked if action == Action.PICK else self.fleet.dropped
            self.hear(done(vehicle.name, self.now_ms))

    # The network

    def _report(self, vehicle: SimVehicle) -> None:
        if self.vehicles.get(vehicle.name) is not vehicle or vehicle.mood == Mood.DEAD:
            return
        report = vehicle.says(self.now_ms)
        for _ in range(1 + (self.random.random() < self.plan.doubled)):
            if self.random.random() >= self.plan.lost:
                self.at(self._delay(), lambda: self.hear(self.fleet.seen(report, self.now_ms)))
        self.at(self.plan.report_ms, lambda: self._report(vehicle))

    def _delay(self) -> int:
        return self.random.randint(0, self.plan.late_ms) if self.plan.late_ms else 0

    def hear(self, decisions: list[Decision]) -> None:
        """What the fleet has decided, on its way."""
        for one in decisions:
            if isinstance(one, Go | Stop | Cancel):
                self._send(one)
            elif isinstance(one, Ended):
                trip = self.trips[one.transport]
                trip.ended_ms, trip.delivered = self.now_ms, one.delivered
            elif isinstance(one, Eta):
                self.trips[one.transport].etas.append((self.now_ms, one))
            elif isinstance(one, Ask):
                self.asked.append(one)

    def _send(self, one: Go | Stop | Cancel) -> None:
        arrives = max(self.now_ms + self._delay(), self._last_order_ms.get(one.robot, 0))
        self._last_order_ms[one.robot] = arrives
        if arrives == self.now_ms:
            self._deliver(one)
        else:
            self.at(arrives - self.now_ms, lambda: self._deliver(one))

    def _deliver(self, one: Go | Stop | Cancel) -> None:
        vehicle = self.vehicles.get(one.robot)
        if vehicle is None or vehicle.mood in (Mood.DEAD, Mood.TAKEN):
            return
        if isinstance(one, Stop):
            vehicle.paused = True
        elif isinstance(one, Cancel):
            vehicle.forget()
        elif wrong := vehicle.obey(one):
            self.problems.append(f"at {self.now_ms / 1000:.1f} s {wrong}")
