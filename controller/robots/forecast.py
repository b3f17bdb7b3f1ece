"""When each transport will be where it is wanted, told when that changes; and what trips teach about it."""

import math
from collections.abc import Iterator

from controller.robots.decisions import Eta
from controller.robots.driving import Driving
from controller.robots.eta import Expected
from controller.robots.jobs import Job, Jobs
from controller.robots.vehicles import Condition, Vehicle

_EVERY_MS = 5_000
_CHANGED_MS = 15_000


class Forecast:
    """Learns from every trip; `due` says what is new."""

    def __init__(self, driving: Driving, jobs: Jobs) -> None:
        self._driving = driving
        self._jobs = jobs
        self.expected = Expected()
        self._trips: dict[str, tuple[int, float]] = {}
        """By robot: when its trip began, and what it should take, ms."""
        self._arrived: dict[str, int] = {}
        self._said: dict[str, tuple[int | None, str]] = {}
        """By transport: at what time it is to be there, and why."""
        self._due_ms = 0

    def departed(self, vehicle: Vehicle, now_ms: int) -> None:
        """The robot has a way."""
        claim = self._driving.traffic.claims[vehicle.name]
        free = self._driving.routes.field(claim.goal, vehicle.model.width)[claim.path[0].node]
        self._trips[vehicle.name] = now_ms, free

    def arrived(self, vehicle: Vehicle, now_ms: int) -> None:
        """The robot is where its way ends."""
        self._arrived[vehicle.name] = now_ms
        if trip := self._trips.pop(vehicle.name, None):
            self.expected.trip(trip[1], now_ms - trip[0])

    def handled(self, vehicle: Vehicle, now_ms: int) -> None:
        """It has been loaded or unloaded."""
        if arrived := self._arrived.pop(vehicle.name, None):
            self.expected.handling.learn(float(now_ms - arrived))

    def due(self, now_ms: int) -> Iterator[Eta]:
        """What is new since the last time."""
        if now_ms < self._due_ms:
            return
        self._due_ms = now_ms + _EVERY_MS
        for gone in self._said.keys() - self._jobs.open.keys():
            del self._said[gone]
        for name, job in self._jobs.open.items():
            eta = self.of(job, now_ms)
            then = None if eta.ms is None else now_ms + eta.ms
            if self._is_new(name, then, eta.why):
                self._said[name] = then, eta.why
                yield eta

    def _is_new(self, name: str, then: int | None, why: str) -> bool:
        if name not in self._said:
            return True
        before, because = self._said[name]
        if then is None or before is None:
            return then != before or why != because
        return abs(then - before) > _CHANGED_MS

    def of(self, job: Job, now_ms: int) -> Eta:
        """When it will be there, as things are now."""
        name = job.transport.id
        vehicle = self._driving.vehicles.get(job.robot or "")
        carry = self._field(job, job.drop)[job.pick]
        if vehicle is None:
            why = "there is no open way now" if math.isinf(carry) else "no robot is free for it yet"
            return Eta(name, None, _whole(carry), None, why)
        if vehicle.condition != Condition.READY or self._driving.is_stray(vehicle):
            return Eta(
                name, None, 0, None, f"{vehicle.name} stands ({vehicle.condition}): nobody can say how long"
            )
        way = self._ahead(vehicle, job.goal)
        planned = way if job.picked else way + carry
        if math.isinf(planned):
            return Eta(name, None, 0, None, "there is no open way now")
        before = self._before(job, now_ms)
        low, middle, high = self.expected.span(planned, (not job.picked) + before)
        waited = 0 if vehicle.since_ms is None else now_ms - vehicle.since_ms
        why = f"with {vehicle.name}" + (f", {before} before it at the place" if before else "")
        return Eta(name, middle, low, high + waited, why)

    def _before(self, job: Job, now_ms: int) -> int:
        """How many robots it waits for where it goes next, as far as that is known."""
        goal, mine = job.goal, job.transport.urgency(now_ms)
        holder = self._driving.traffic.reserved.get(goal)
        others = (o for o in self._jobs.open.values() if o is not job and o.robot and o.goal == goal)
        queue = {o.robot for o in others if o.transport.urgency(now_ms) > mine}
        return len(queue | {holder} - {None, job.robot}) if holder != job.robot else 0

    def _field(self, job: Job, goal: int) -> list[float]:
        widths = [v.model.width for n, v in self._driving.vehicles.items() if job.robot in (None, n)]
        return (
            self._driving.routes.field(goal, min(widths))
            if widths
            else [math.inf] * self._driving.ground.nodes
        )

    def _ahead(self, vehicle: Vehicle, goal: int) -> float:
        claim = self._driving.traffic.claims[vehicle.name]
        steps = claim.path[claim.at + 1 :]
        if claim.goal != goal:
            steps = steps[: claim.given - claim.at]
        rest = self._driving.routes.field(goal, vehicle.model.width)[claim.end] if claim.goal != goal else 0.0
        return rest + sum(self._driving.ground.ms[step.edge] for step in steps)


def _whole(ms: float) -> int:
    return 0 if math.isinf(ms) else round(ms)
