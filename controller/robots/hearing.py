"""What is made of a robot's reports: where it is, what it has passed, whether it does as it was told."""

from controller.robots.decisions import Ask, Cancel, Decision, Stop
from controller.robots.driving import Driving
from controller.robots.forecast import Forecast
from controller.robots.jobs import Jobs
from controller.robots.placing import index_of, locate
from controller.robots.reasons import because
from controller.robots.vehicles import Action, Condition, Report, Vehicle

SILENT_MS = 15_000
STALLED_MS = 90_000
UNATTENDED_MS = 600_000
"""At a station, with nobody there to load or unload."""
_AGAIN_MS = 10_000
_BY_HAND = (Action.PICK, Action.DROP)


class Hearing:
    """Keeps claims and conditions true to the reports."""

    def __init__(self, driving: Driving, jobs: Jobs, forecast: Forecast, out: list[Decision]) -> None:
        self._driving = driving
        self._traffic = driving.traffic
        self._ground = driving.ground
        self._jobs = jobs
        self._forecast = forecast
        self._out = out

    def hear(self, vehicle: Vehicle, report: Report, now_ms: int) -> None:
        """A new report."""
        if vehicle.condition in (Condition.LOST, Condition.TAKEN_OVER, Condition.CANCELLING):
            self._find(vehicle, report, now_ms)
        else:
            self._follow(vehicle, report, now_ms)

    def _follow(self, vehicle: Vehicle, report: Report, now_ms: int) -> None:
        """A robot that does as it was told: what is behind it is free."""
        claim = self._traffic.claims[vehicle.name]
        index = index_of(self._ground, claim, report)
        forgot = report.halted and not claim.fresh and now_ms - vehicle.moved_ms > STALLED_MS
        if index is None or forgot:
            self._find(vehicle, report, now_ms)
            return
        moved = index > claim.at or report.edge != vehicle.edge
        vehicle.edge = report.edge
        if vehicle.condition == Condition.SILENT or (vehicle.condition == Condition.STALLED and moved):
            vehicle.condition, vehicle.retry_ms, moved = Condition.READY, 0, True
        if moved:
            vehicle.moved_ms = now_ms
        if index > claim.at or (claim.tail and report.edge is None):
            was_under_way = claim.under_way
            self._traffic.passed(vehicle.name, index)
            if was_under_way and not claim.under_way and (there := self._forecast.arrived(vehicle, now_ms)):
                self._out.append(there)

    def _find(self, vehicle: Vehicle, report: Report, now_ms: int) -> None:
        """A robot that is not on a way of ours, or should not be: it is where it says.

        What it held stays its own as long as it may still drive there.
        """
        place = locate(self._ground, report)
        if place is None:
            self._lose(vehicle)
            return
        node, besides = place
        claim = self._traffic.claims.get(vehicle.name)
        waits = vehicle.condition == Condition.CANCELLING and not report.halted
        if waits and claim and claim.held >> node & 1:
            return  # it still drives on what it was given
        kept = claim.held & ~(1 << node) if claim and not report.halted else 0
        self._traffic.place(vehicle.name, node, besides | kept)
        vehicle.edge, vehicle.moved_ms, vehicle.retry_ms, vehicle.since_ms = report.edge, now_ms, 0, None
        vehicle.action = Action.PARK
        for other in self._traffic.run_into(vehicle.name):
            self._halt(other, because("in-the-way", robot=vehicle.name, node=self._ground.ids[node]), now_ms)
        if vehicle.condition == Condition.TAKEN_OVER:
            return
        if report.halted:
            vehicle.condition = Condition.READY
        elif vehicle.condition != Condition.CANCELLING:
            self.cancel(vehicle, because("not-where-it-should", node=self._ground.ids[node]), now_ms)

    def _lose(self, vehicle: Vehicle) -> None:
        if vehicle.condition != Condition.TAKEN_OVER:
            self.drop_out(vehicle, Condition.LOST)
        self.ask(vehicle, because("nowhere", robot=vehicle.name))

    def _halt(self, robot: str, why: str, now_ms: int) -> None:
        vehicle = self._driving.vehicles[robot]
        self._out.append(Stop(robot, why))
        if vehicle.condition != Condition.CANCELLING:
            self.cancel(vehicle, why, now_ms)

    def cancel(self, vehicle: Vehicle, why: str, now_ms: int) -> None:
        """The robot's order does not hold any more; it gets another when it has said where it stands."""
        self._traffic.stop(vehicle.name)
        vehicle.condition, vehicle.since_ms = Condition.CANCELLING, None
        vehicle.retry_ms = now_ms + _AGAIN_MS
        self._out.append(Cancel(vehicle.name, self._traffic.claims[vehicle.name].order, why))

    def drop_out(self, vehicle: Vehicle, condition: Condition) -> None:
        """The robot does not drive by our word; somebody else fetches what it has not picked up yet."""
        vehicle.condition, vehicle.since_ms = condition, None
        if vehicle.name in self._traffic.claims:
            self._traffic.stop(vehicle.name)
        job = self._jobs.of(vehicle)
        if job and not job.picked:
            self._jobs.hand_back(job, because("robot-is", robot=vehicle.name, condition=condition))

    def watch(self, vehicle: Vehicle, now_ms: int) -> None:
        """Whether it is silent, stands where it may go on, has no way, or does not answer a Cancel."""
        claim = self._traffic.claims.get(vehicle.name)
        if claim is None:
            return
        if vehicle.condition == Condition.CANCELLING and now_ms >= vehicle.retry_ms:
            vehicle.retry_ms = now_ms + _AGAIN_MS
            self._out.append(Cancel(vehicle.name, claim.order, because("not-halted-yet")))
        if vehicle.condition in (Condition.READY, Condition.CANCELLING, Condition.SILENT):
            silent = now_ms - vehicle.seen_ms > SILENT_MS
            if silent:
                self._fail(vehicle, Condition.SILENT, seconds=SILENT_MS // 1000)
            elif vehicle.condition == Condition.READY:
                self._watch_way(vehicle, now_ms)

    def _watch_way(self, vehicle: Vehicle, now_ms: int) -> None:
        claim = self._traffic.claims[vehicle.name]
        if claim.given > claim.at and now_ms - vehicle.moved_ms > STALLED_MS:
            self._fail(vehicle, Condition.STALLED)
        elif vehicle.action in _BY_HAND and not claim.under_way and now_ms - vehicle.moved_ms > UNATTENDED_MS:
            here = {"node": self._ground.ids[claim.end], "action": vehicle.action}
            self.ask(vehicle, because("unattended", robot=vehicle.name, **here))
        elif not claim.obstacle:
            vehicle.asked = ""
        elif claim.at == claim.given and vehicle.retry_ms > now_ms:
            self.ask(vehicle, because("no-way", robot=vehicle.name, node=self._ground.ids[claim.end]))

    def _fail(self, vehicle: Vehicle, condition: Condition, **more: int) -> None:
        claim = self._traffic.claims[vehicle.name]
        self.drop_out(vehicle, condition)
        node = self._ground.ids[claim.path[claim.at].node]
        self.ask(vehicle, because(condition, robot=vehicle.name, node=node, **more))

    def ask(self, vehicle: Vehicle, why: str) -> None:
        """A person is asked once, as long as it is so."""
        if vehicle.asked != why:
            vehicle.asked = why
            self._out.append(Ask(why, vehicle.name, vehicle.transport))
