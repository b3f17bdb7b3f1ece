"""The fleet: what robots and people say goes in, decisions come out; pure, time is passed in (ms)."""

from collections.abc import Callable, Iterable, Iterator

from controller.errors import NotFound
from controller.robots.decisions import Ask, Charge, Decision, Go, Point
from controller.robots.driving import Driving, utc_day_ms
from controller.robots.errand import Errand
from controller.robots.forecast import Forecast
from controller.robots.ground import Ground, mask_of
from controller.robots.handling import lacking
from controller.robots.hearing import Hearing
from controller.robots.jobs import Job, Jobs, Wish
from controller.robots.places import HospitalMap, Kind
from controller.robots.reasons import because
from controller.robots.resuming import Left
from controller.robots.traffic import Claim
from controller.robots.transports import Transport
from controller.robots.vehicles import Action, Condition, Model, Report, Vehicle


class Fleet:
    """Every robot and transport of one hospital. Each input gives back what is decided at once."""

    def __init__(self, hospital: HospitalMap, local: Callable[[int], int] = utc_day_ms) -> None:
        self.ground = Ground(hospital)
        self.vehicles: dict[str, Vehicle] = {}
        self.driving = Driving(self.ground, self.vehicles, local)
        self._out: list[Decision] = []
        self.jobs = Jobs(self.driving, self._out)
        self.forecast = Forecast(self.driving, self.jobs)
        self._hearing = Hearing(self.driving, self.jobs, self.forecast, self._out)
        self._why: dict[str, str] = {}
        self._shut: dict[str, str] = {}
        """Blocked edges, and why."""

    # Robots

    def known(self, robot: str, model: Model) -> list[Decision]:
        """There is such a robot; it takes part from its first report on."""
        self.vehicles.setdefault(robot, Vehicle(robot, model)).model = model
        rooms = sum(kind in (Kind.PARK, Kind.CHARGER) for kind in self.ground.kinds)
        if len(self.vehicles) > rooms:
            why = because("too-many", n=len(self.vehicles), rooms=rooms)
            del self.vehicles[robot]
            self._out.append(Ask(why, robot))
        self._out.extend(Ask(why) for why in self._not_on_map(robot, model))
        return self._told((), 0)

    def _not_on_map(self, robot: str, model: Model) -> Iterator[str]:
        """What the robot demands at places where the map does not say it: for the engineer."""
        for action, key in sorted(model.demands):
            kind = Kind.CHARGER if action == Action.CHARGE else Kind.STATION
            places = (one for one in self.ground.map.nodes if one.kind == kind)
            if names := [one.id for one in places if key in lacking(model, action, one)]:
                nodes = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
                yield because("demands", robot=robot, key=key, action=action, nodes=nodes)

    def seen(self, report: Report, now_ms: int) -> list[Decision]:
        """A robot has said where it is. Late and repeated reports change nothing."""
        vehicle = self.vehicles.get(report.robot)
        if vehicle is None:
            return [Ask(because("unknown-robot", robot=report.robot), report.robot)]
        if report.at_ms <= vehicle.at_ms:
            return []
        vehicle.at_ms, vehicle.seen_ms, vehicle.battery = report.at_ms, now_ms, report.battery
        self._hearing.hear(vehicle, report, now_ms)
        return self._told((vehicle,), now_ms)

    def restored(self, robot: str, left: Left, errand: Errand, now_ms: int) -> Go:
        """After a start: the robot goes on with the order that it has, as soon as it is heard."""
        vehicle = self.vehicles[robot]
        claim = self.driving.traffic.resume(robot, left.path, errand.number, left.besides)
        vehicle.condition, vehicle.action = Condition.SILENT, errand.action
        vehicle.seen_ms = vehicle.moved_ms = now_ms
        return self._go(vehicle, claim)

    def gone(self, robot: str, now_ms: int) -> list[Decision]:
        """The robot is away from the hospital's ways, by a person's word: its place is free."""
        vehicle = self.vehicles.pop(robot, None)
        if vehicle:
            self.driving.traffic.remove(robot)
            if job := self.jobs.of(vehicle):
                self._lose(vehicle, job)
        return self._told((), now_ms)

    def _lose(self, vehicle: Vehicle, job: Job) -> None:
        if not job.picked:
            self.jobs.hand_back(job, because("taken-away", robot=vehicle.name))
            return
        lost, to = {"robot": vehicle.name, "load": job.transport.load}, job.transport.drop
        self._out.append(Ask(because("bring-by-hand", **lost, node=to), vehicle.name, job.transport.id))
        self.jobs.end(job, because("taken-with", **lost), delivered=False)

    def taken_over(self, robot: str, now_ms: int) -> list[Decision]:
        """A person moves the robot: what it holds stays its own until it says where it is."""
        vehicle = self.vehicles[robot]
        self._hearing.drop_out(vehicle, Condition.TAKEN_OVER)
        return self._told((), now_ms)

    def handed_back(self, robot: str, now_ms: int) -> list[Decision]:
        """The robot drives by our word again, as soon as it has said where it is."""
        vehicle = self.vehicles[robot]
        if vehicle.condition == Condition.TAKEN_OVER:
            vehicle.condition = Condition.LOST
        return self._told((), now_ms)

    # Transports

    def wanted(self, transport: Transport) -> list[Decision]:
        """Something is to be carried. Said twice, it is one. Raises NotFound: a station is not on the map."""
        ends = [self.ground.node.get(name, -1) for name in (transport.pick, transport.drop)]
        for name, node in zip((transport.pick, transport.drop), ends, strict=True):
            if node < 0 or self.ground.kinds[node] != Kind.STATION:
                raise NotFound(f"there is no station {name} on the robots' map: choose one of it")
        self.jobs.open.setdefault(transport.id, Job(transport, ends[0], ends[1]))
        if why := self._who_cannot(transport):
            self._out.append(Ask(why, None, transport.id))
        return self._told((), 0)

    def _who_cannot(self, transport: Transport) -> str:
        """Why no robot carries it, whatever they do just now; "": one can."""
        able = [v.model for v in self.vehicles.values() if v.model.can_carry(transport.load)]
        if not able:
            return because("nobody-carries", load=transport.load)
        lacks = [self.jobs.lacks(model, transport) for model in able]
        keys = ", ".join(dict.fromkeys(lacks[0]))
        ends = {"pick": transport.pick, "drop": transport.drop}
        return because("nobody-knows", load=transport.load, keys=keys, **ends) if all(lacks) else ""

    def cancelled(self, transport: str, now_ms: int) -> list[Decision]:
        """It is not wanted any more; what was picked up goes back to where it came from."""
        job = self.jobs.open.get(transport)
        if job and job.picked:
            job.drop, job.failed = job.pick, because("cancelled-back")
        elif job:
            self.jobs.end(job, because("cancelled"), delivered=False)
        return self._told((), now_ms)

    def picked(self, robot: str, now_ms: int) -> list[Decision]:
        """The robot has what it came for."""
        vehicle = self.vehicles[robot]
        job = self.jobs.of(vehicle)
        if job and not job.picked:
            job.picked = vehicle.loaded = True
        return self._told((), now_ms)

    def dropped(self, robot: str, now_ms: int) -> list[Decision]:
        """What the robot carried is out of it."""
        job = self.jobs.of(self.vehicles[robot])
        if job and job.picked:
            self.jobs.end(job, job.failed or because("delivered"), delivered=not job.failed)
        return self._told((), now_ms)

    # Ways

    def blocked(self, edge: str, now_ms: int, why: str = "") -> list[Decision]:
        """Nobody can drive there. Raises NotFound: it is not on the map."""
        if edge not in self.ground.edge:
            raise NotFound(f"there is no edge {edge} on the robots' map: choose one of it")
        self._shut[edge] = why or "blocked"
        for name in self.driving.shut(mask_of(self.ground.edge[e] for e in self._shut)):
            self._hearing.cancel(self.vehicles[name], because("way-blocked", edge=edge), now_ms)
        return self._told((), now_ms)

    def opened(self, edge: str, now_ms: int) -> list[Decision]:
        """One can drive there again."""
        self._shut.pop(edge, None)
        self.driving.shut(mask_of(self.ground.edge[e] for e in self._shut))
        return self._told((), now_ms)

    # Time

    def tick(self, now_ms: int) -> list[Decision]:
        """Once a second: who is silent, new ways, assignments, who may go on, when things will be there."""
        for vehicle in self.vehicles.values():
            self._hearing.watch(vehicle, now_ms)
        self.jobs.mind_batteries()
        self.jobs.assign(now_ms)
        order = sorted(self.vehicles.values(), key=lambda v: (-self.jobs.urgency(v, now_ms), v.name))
        for vehicle in self.driving.repair(self._goals, order, now_ms):
            self._rescued(vehicle)
        self.driving.hold(now_ms)
        for vehicle in order:
            self._head(vehicle, now_ms)
        self._out.extend(self.forecast.due(now_ms))
        return self._told(order, now_ms)

    def _goals(self, vehicle: Vehicle) -> list[int]:
        """Where a robot without a way may go: where it should, else where it disturbs nobody."""
        wish = self.jobs.wish(vehicle)
        places = self.driving.places
        rests = [*places(vehicle, Kind.PARK)[:2], *places(vehicle, Kind.CHARGER)[:2]]
        return [*(wish.goals[:2] if wish else ()), *rests]

    def _rescued(self, vehicle: Vehicle) -> None:
        wish = self.jobs.wish(vehicle)
        goal = self.driving.traffic.claims[vehicle.name].goal
        if wish and goal in wish.goals:
            self._sent(vehicle, wish.action, because("another-way", why=wish.why))
        else:
            self._sent(vehicle, Action.PARK, because("left-way"))

    def _head(self, vehicle: Vehicle, now_ms: int) -> None:
        """Send a robot where it should go, or near it if somebody else is there."""
        claim = self.driving.traffic.claims.get(vehicle.name)
        if vehicle.condition != Condition.READY or claim is None or claim.obstacle:
            return
        wish = self.jobs.wish(vehicle)
        if wish is None or (claim.goal in wish.goals and vehicle.action == wish.action):
            if not claim.under_way:
                vehicle.since_ms = None
            return
        if self._try(vehicle, wish.goals, wish, now_ms) or wish.near is None:
            return
        if self.driving.traffic.reserved.get(wish.near, vehicle.name) != vehicle.name:
            why = because("near", node=self.ground.ids[wish.near])
            near = Wish(self.jobs.waits_near(vehicle, wish.near), Action.PARK, why)
            self._try(vehicle, near.goals, near, now_ms)

    def _try(self, vehicle: Vehicle, goals: list[int], wish: Wish, now_ms: int) -> bool:
        for goal in goals[:3]:
            if self.driving.send(vehicle, goal, now_ms):
                self._sent(vehicle, wish.action, wish.why)
                return True
        return False

    def _sent(self, vehicle: Vehicle, action: Action, why: str) -> None:
        vehicle.action = action
        self._why[vehicle.name] = why
        if action == Action.CHARGE:
            charger = self.ground.ids[self.driving.traffic.claims[vehicle.name].goal]
            self._out.append(Charge(vehicle.name, charger, why))

    def _told(self, on: Iterable[Vehicle], now_ms: int) -> list[Decision]:
        """Let these robots on; everything decided, with each changed order told once, at the end."""
        for vehicle in on:
            if vehicle.condition == Condition.READY:
                self.driving.advance(vehicle, now_ms)
        for name in sorted(self.driving.changed):
            claim = self.driving.traffic.claims.get(name)
            if claim and not claim.fresh and self.vehicles[name].condition == Condition.READY:
                self._out.append(self._go(self.vehicles[name], claim))
        self.driving.changed.clear()
        told = self._out.copy()
        self._out.clear()
        return told

    def _go(self, vehicle: Vehicle, claim: Claim) -> Go:
        claim.update += 1
        points = tuple(
            Point(self.ground.ids[s.edge] if s.edge >= 0 else None, self.ground.ids[s.node], s.sequence)
            for s in claim.path[claim.at :]
        )
        released = claim.given - claim.at + 1
        why = self._why.get(vehicle.name, "")
        job = self.jobs.of(vehicle)
        return Go(
            vehicle.name,
            claim.order,
            claim.update,
            points,
            released,
            vehicle.action,
            vehicle.transport,
            why,
            job.transport.load if job else "",
        )
