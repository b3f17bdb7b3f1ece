"""When each transport will be where it is wanted, told when that changes; what comes of it teaches the next.

A span is told as long as a robot carries it, or is to, and can: nothing is promised while one stands for a
reason that has no known end. How long it takes: eta.py.
"""

import math
from collections.abc import Callable, Iterable, Iterator

from controller.robots.decisions import Arrived, Eta
from controller.robots.driving import Driving
from controller.robots.eta import Ahead, Lately, Span, Took
from controller.robots.jobs import Job, Jobs
from controller.robots.reasons import because
from controller.robots.vehicles import Action, Condition, Vehicle

_EVERY_MS = 5_000
_CHANGED_MS, _CHANGED = 15_000, 0.1
"""By so much, and by so much of how wide the span is, a time has to move to be told again."""


class Forecast:
    """Learns from every arrival; `due` says what is new."""

    def __init__(self, driving: Driving, jobs: Jobs) -> None:
        self._driving = driving
        self._jobs = jobs
        self.held: Callable[[str], str] = lambda _: ""
        """Why a robot gets no more of its way, as far as its master knows; "": nothing is in the way."""
        self._lately = Lately()
        self._said: dict[str, tuple[int, Eta]] = {}
        """By transport: when it was told, and what."""
        self._due_ms = 0

    def remember(self, took: Iterable[Took]) -> None:
        """What was known before a start."""
        for one in took:
            self._lately.remember(one)

    def arrived(self, vehicle: Vehicle, now_ms: int) -> Arrived | None:
        """A robot is where its way ends: with what it was to bring there, or on its way to that."""
        job = self._jobs.of(vehicle)
        if job is None or not self._is_there(job, vehicle):
            return None
        name = job.transport.id
        took = self._lately.arrived(name, now_ms)
        place = self._driving.ground.ids[job.drop]
        return Arrived(name, vehicle.name, took, because("arrived", robot=vehicle.name, node=place))

    def _is_there(self, job: Job, vehicle: Vehicle) -> bool:
        claim = self._driving.traffic.claims[vehicle.name]
        is_there = vehicle.action == Action.DROP and claim.goal == job.drop and not claim.under_way
        return job.picked and not job.failed and is_there and not claim.obstacle

    def due(self, now_ms: int) -> Iterator[Eta]:
        """What is new since the last time."""
        if now_ms < self._due_ms:
            return
        self._due_ms = now_ms + _EVERY_MS
        for gone in self._said.keys() - self._jobs.open.keys():
            del self._said[gone]
            self._lately.ended(gone, now_ms)
        for name, job in self._jobs.open.items():
            if job.failed:
                self._lately.ended(name, now_ms)
            eta, ahead = self._of(job, now_ms)
            if self._is_new(name, eta, now_ms):
                self._said[name] = now_ms, eta
                if ahead:
                    self._lately.told(name, ahead, now_ms)
                yield eta

    def _is_new(self, name: str, eta: Eta, now_ms: int) -> bool:
        """Whether the reason, or any of the times that were promised, is another one than was told."""
        if name not in self._said:
            return True
        at_ms, before = self._said[name]
        if not eta.high_ms or not before.high_ms:
            return before.why != eta.why
        much = max(_CHANGED_MS, _CHANGED * (before.high_ms - before.low_ms))
        times = zip(_times(before, at_ms), _times(eta, now_ms), strict=True)
        return before.why != eta.why or any(abs(was - now) > much for was, now in times)

    def _of(self, job: Job, now_ms: int) -> tuple[Eta, Ahead | None]:
        """When it will be there, as things are now; and from what that follows, if it is a promise."""
        name = job.transport.id
        vehicle = self._driving.vehicles.get(job.robot or "")
        if vehicle is None:
            carry = self._field(job, job.drop)[job.pick]
            why = because("no-way-now" if math.isinf(carry) else "no-robot-free")
            return Eta(name, None, _whole(carry), None, why), None
        if hold := self.held(vehicle.name):
            return Eta(name, None, 0, None, hold), None
        if vehicle.condition != Condition.READY or self._driving.is_stray(vehicle):
            why = because("robot-stands", robot=vehicle.name, condition=vehicle.condition)
            return Eta(name, None, 0, None, why), None
        if self._is_there(job, vehicle):
            return Eta(name, 0, 0, 0, because("there", robot=vehicle.name)), None
        ahead = Ahead(self._planned(job, vehicle), job.picked, self._before(job, now_ms))
        if math.isinf(ahead.planned_ms):
            return Eta(name, None, 0, None, because("no-way-now")), None
        eta = _promised(name, vehicle, ahead, self._lately.span(ahead, now_ms))
        return eta, None if job.failed else ahead

    def _planned(self, job: Job, vehicle: Vehicle) -> float:
        """The way that is left if nobody else drove, ms."""
        way = self._ahead(vehicle, job.goal)
        return way if job.picked else way + self._field(job, job.drop)[job.pick]

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


def _promised(transport: str, vehicle: Vehicle, ahead: Ahead, span: Span) -> Eta:
    code = "with-after" if ahead.before else "with"
    why = because(code, robot=vehicle.name, **({"n": ahead.before} if ahead.before else {}))
    return Eta(transport, span.middle_ms, span.low_ms, span.high_ms, why, span.observed)


def _times(eta: Eta, at_ms: int) -> Iterator[int]:
    """When it will be there: at the earliest, most likely, at the latest."""
    for left in (eta.low_ms, eta.ms, eta.high_ms):
        yield at_ms + (left or 0)


def _whole(ms: float) -> int:
    return 0 if math.isinf(ms) else round(ms)
