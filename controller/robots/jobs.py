"""What the robots are to do: who carries what, where each goes next, and when it has to be charged.

A robot whose place is taken goes to rest near it, so that nobody waits on a way for a person's hands.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from controller.robots.assign import Candidate, Legs, choose, fits, is_worth_changing
from controller.robots.decisions import Ask, Assigned, Decision, Ended
from controller.robots.driving import Driving
from controller.robots.energy import CHARGE_BELOW, FULL, HANDLING_MS, reaches, taken
from controller.robots.handling import lacking
from controller.robots.places import Kind, Width
from controller.robots.reasons import because
from controller.robots.transports import Transport
from controller.robots.vehicles import Action, Condition, Model, Vehicle

_CHANGE_MS = 10_000
_PATIENCE_MS = 60_000
"""A robot that does not drive by our word keeps what it was to fetch so long, if nobody says otherwise."""
_RESUME = 0.15
"""So much above CHARGE_BELOW a robot is taken from its charger for a transport."""


@dataclass(slots=True)
class Job:
    """A transport, and how far it is. `drop` changes when it has to go elsewhere."""

    transport: Transport
    pick: int
    drop: int
    robot: str | None = None
    picked: bool = False
    failed: str = ""
    """Why it will not be delivered where it was wanted."""
    warned: bool = False
    """Somebody was called because its robot's charge is too low."""

    @property
    def goal(self) -> int:
        """Where it is to be next."""
        return self.drop if self.picked else self.pick


@dataclass(frozen=True, slots=True)
class Wish:
    """Where a robot should go, one of these, best first. `near`: where it waits for it if none is free."""

    goals: list[int]
    action: Action
    why: str
    near: int | None = None


class Jobs:
    """All transports that are not over."""

    def __init__(self, driving: Driving, out: list[Decision]) -> None:
        self._driving = driving
        self._vehicles = driving.vehicles
        self._ground = driving.ground
        self._out = out
        self.open: dict[str, Job] = {}
        self._change_ms = 0
        self._short = False
        """Somebody needs a charger, and none is free."""

    def of(self, vehicle: Vehicle) -> Job | None:
        """What it carries or fetches."""
        return self.open.get(vehicle.transport) if vehicle.transport else None

    def urgency(self, vehicle: Vehicle, now_ms: int) -> float:
        """How urgent it is that this robot gets on; waiting on the way counts too."""
        job = self.of(vehicle)
        waits = (now_ms - vehicle.since_ms) / 60_000 if vehicle.since_ms is not None else 0.0
        return waits + (job.transport.urgency(now_ms) if job else -1.0)

    def end(self, job: Job, why: str, *, delivered: bool) -> None:
        """The transport is over."""
        del self.open[job.transport.id]
        if job.robot:
            self._free(job.robot)
        self._out.append(Ended(job.transport.id, delivered, why))

    def hand_back(self, job: Job, why: str) -> None:
        """Somebody else is to fetch it."""
        if job.robot:
            self._free(job.robot)
        job.robot = None
        self._out.append(Assigned(job.transport.id, None, why))

    def _free(self, robot: str) -> None:
        vehicle = self._vehicles.get(robot)
        if vehicle:
            vehicle.transport, vehicle.loaded, vehicle.action = None, False, Action.PARK
            self._driving.changed.add(robot)

    # Who carries what

    def assign(self, now_ms: int) -> None:
        """Robots for what waits, and now and then a nearer one for what is not picked up yet."""
        waiting = [(job.transport, self._legs(job)) for job in self.open.values() if job.robot is None]
        if waiting:
            for transport, candidate in choose(waiting, list(self._candidates()), now_ms):
                self._take(self.open[transport.id], candidate, "nearest")
        elif now_ms >= self._change_ms:
            self._change_ms = now_ms + _CHANGE_MS
            self._improve(now_ms)

    def _take(self, job: Job, candidate: Candidate, code: str) -> None:
        if candidate.has:
            self.hand_back(self.open[candidate.has.id], because("more-urgent", transport=job.transport.id))
        job.robot = candidate.robot
        self._vehicles[candidate.robot].transport = job.transport.id
        why = because(code, robot=candidate.robot)
        self._out.append(Assigned(job.transport.id, candidate.robot, why))

    def _improve(self, now_ms: int) -> None:
        free = [c for c in self._candidates() if c.has is None]
        for job in [job for job in self.open.values() if job.robot and not job.picked]:
            vehicle = self._vehicles[job.robot or ""]
            if vehicle.condition != Condition.READY and now_ms - vehicle.moved_ms < _PATIENCE_MS:
                continue  # it has to say first where it stands: how far it has is not known
            mine = self._way(vehicle, job.pick)
            legs, pick = self._legs(job), job.transport.pick
            best = min(free, key=lambda c: (c.to(pick), c.robot), default=None)
            if best and is_worth_changing(mine, best.to(pick)) and fits(job.transport, best, legs):
                free.remove(best)
                self.hand_back(job, because("another-nearer"))
                self._take(job, best, "nearer")

    def _candidates(self) -> Iterator[Candidate]:
        for vehicle in self._vehicles.values():
            job = self.of(vehicle)
            if vehicle.condition != Condition.READY or vehicle.loaded or self._driving.is_stray(vehicle):
                continue
            at = self._driving.traffic.claims[vehicle.name]
            charging = vehicle.action == Action.CHARGE and self._ground.kinds[at.goal] == Kind.CHARGER
            if vehicle.battery < CHARGE_BELOW + (_RESUME if charging else 0.0) and not job:
                continue
            yield Candidate(
                vehicle.name,
                vehicle.model.battery,
                vehicle.battery,
                vehicle.model.can_carry,
                lambda station, v=vehicle: self._way(v, self._ground.node[station]),
                job.transport if job else None,
                lambda transport, v=vehicle: not self.lacks(v.model, transport),
            )

    def lacks(self, model: Model, transport: Transport) -> list[str]:
        """What a robot demands where this is picked and dropped, and the map does not say."""
        places = self._ground.map.by_id
        picks = lacking(model, Action.PICK, places[transport.pick])
        return [*picks, *lacking(model, Action.DROP, places[transport.drop])]

    def _way(self, vehicle: Vehicle, goal: int) -> float:
        if vehicle.condition != Condition.READY:
            return math.inf
        start = self._driving.traffic.claims[vehicle.name].end
        return self._driving.routes.field(goal, vehicle.model.width)[start]

    def _legs(self, job: Job) -> Legs:
        narrow = min((v.model.width for v in self._vehicles.values()), default=None)
        if narrow is None:
            return Legs(math.inf, math.inf)
        carry = self._driving.routes.field(job.drop, narrow)[job.pick]
        return Legs(carry, self._to_charger(job.drop, narrow))

    def _to_charger(self, node: int, width: Width) -> float:
        return self._driving.routes.nearest(Kind.CHARGER, width)[node]

    # Where a robot goes

    def wish(self, vehicle: Vehicle) -> Wish | None:
        """Where it should go; None: it may stay."""
        job = self.of(vehicle)
        if job and job.picked:
            return Wish([job.drop], Action.DROP, self._why("bring", job), job.drop)
        if job:
            return Wish([job.pick], Action.PICK, self._why("fetch", job), job.pick)
        return self._idle(vehicle)

    def _why(self, code: str, job: Job) -> str:
        load, node = job.transport.load, self._ground.ids[job.goal]
        return because(code, load=load, node=node, transport=job.transport.id)

    def _idle(self, vehicle: Vehicle) -> Wish | None:
        claim = self._driving.traffic.claims[vehicle.name]
        kind = self._ground.kinds[claim.goal]
        charging = kind == Kind.CHARGER and vehicle.action == Action.CHARGE
        if charging and vehicle.battery < FULL:
            return None
        if vehicle.battery < CHARGE_BELOW and not charging:
            return self._charge(vehicle)
        if kind == Kind.PARK or (kind == Kind.CHARGER and not self._short):
            return None
        places = self._driving.places(vehicle, Kind.PARK) or self._driving.places(vehicle, Kind.CHARGER)
        return Wish(places, Action.PARK, because("idle"))

    def _charge(self, vehicle: Vehicle) -> Wish | None:
        places = self._driving.places(vehicle, Kind.CHARGER)
        if places:
            return Wish(places, Action.CHARGE, because("battery", percent=_percent(vehicle)))
        claim = self._driving.traffic.claims[vehicle.name]
        if self._ground.kinds[claim.goal] in (Kind.PARK, Kind.CHARGER):
            return None
        return Wish(self._driving.places(vehicle, Kind.PARK), Action.PARK, because("no-charger"))

    def waits_near(self, vehicle: Vehicle, near: int) -> list[int]:
        """Where it waits for a place that is taken: nowhere else if it rests where it disturbs nobody."""
        claim = self._driving.traffic.claims[vehicle.name]
        if self._ground.kinds[claim.goal] in (Kind.PARK, Kind.CHARGER) and not claim.obstacle:
            return []
        return self._driving.places(vehicle, Kind.PARK, near) or self._driving.places(
            vehicle, Kind.CHARGER, near
        )

    # Batteries

    def mind_batteries(self) -> None:
        """Hand back what a robot cannot end any more; what it carries goes to the nearest station."""
        self._short = any(map(self._lacks_charger, self._vehicles.values()))
        for vehicle in self._vehicles.values():
            job = self.of(vehicle)
            if job and vehicle.condition == Condition.READY and not job.failed:
                self._mind(vehicle, job)

    def _lacks_charger(self, vehicle: Vehicle) -> bool:
        if vehicle.condition != Condition.READY or vehicle.transport or vehicle.battery >= CHARGE_BELOW:
            return False
        return not self._driving.places(vehicle, Kind.CHARGER)

    def _mind(self, vehicle: Vehicle, job: Job) -> None:
        battery, width = vehicle.model.battery, vehicle.model.width
        way = self._way(vehicle, job.goal)
        charger = self._to_charger(job.drop, width)
        if math.isinf(way):
            return
        if not job.picked:
            carry = self._driving.routes.field(job.drop, width)[job.pick]
            there = not math.isinf(carry + charger)
            if there and not reaches(battery, vehicle.battery + 0.03, way, carry, charger):
                self.hand_back(job, because("not-enough", robot=vehicle.name, percent=_percent(vehicle)))
        elif vehicle.battery < taken(battery, way + charger, HANDLING_MS):
            self._divert(vehicle, job)

    def _divert(self, vehicle: Vehicle, job: Job) -> None:
        stations = self._driving.places(vehicle, Kind.STATION)
        if not stations or job.warned:
            return
        job.warned = True
        place, load = self._ground.ids[stations[0]], job.transport.load
        there = {"robot": vehicle.name, "percent": _percent(vehicle), "node": place, "load": load}
        why = because("meet", **there)
        if stations[0] != job.drop:
            job.drop = stations[0]
            job.failed = because("too-little-charge", robot=vehicle.name, node=place)
            why = because("meet-before", **there, drop=job.transport.drop)
        self._out.append(Ask(why, vehicle.name, job.transport.id))


def _percent(vehicle: Vehicle) -> int:
    return round(100 * vehicle.battery)
