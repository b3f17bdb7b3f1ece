"""The master control of VDA 5050, without input or output: the fleet's decisions on one side, messages on the
other.

    master = Master(hospital, epoch, local)
    master.heard("robot-1", "ward-a", "state", text, at_ms=…, now_ms=…)     # what came from the robot
    master.tick(now_ms)                                                    # once a second
    for effect in master.take(): …                                         # to the disk first, then out

`epoch` is another one at each start, so that no order or action ever has a name that was used before. What
robots say of themselves: watching.py; what people ask: people.py; after a start: restoring.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from controller.robots.asking import Draft
from controller.robots.attention import Attention
from controller.robots.decisions import Arrived, Ask, Assigned, Cancel, Decision, Ended, Eta, Go, Stop
from controller.robots.drawers import Drawers
from controller.robots.driving import utc_day_ms
from controller.robots.facts import Facts, has_jumped, report_of, seen_since, standing_at, with_state
from controller.robots.fleet import Fleet
from controller.robots.inquiring import is_whole
from controller.robots.kept import Kept, detail_of
from controller.robots.pilot import Pilot
from controller.robots.places import HospitalMap
from controller.robots.reasons import because
from controller.robots.told import ALL, Stage
from controller.robots.transports import Transport
from controller.robots.vehicles import Condition, Report
from controller.robots.watching import Watching
from devices.codecs.vda5050.errors import Vda5050Error
from devices.codecs.vda5050.messages import decode, encode
from devices.codecs.vda5050.presence import Connection
from devices.codecs.vda5050.state import State
from devices.codecs.vda5050.topics import Topic

LATE_MS = 10_000
"""What comes later than this after it was said is history: it moves no robot, but tells what it has got."""
_MUTE = frozenset({Condition.SILENT, Condition.LOST, Condition.TAKEN_OVER})


class Master:
    """Every robot of one hospital. Inputs change what `take` gives."""

    def __init__(self, hospital: HospitalMap, epoch: int, local: Callable[[int], int] = utc_day_ms) -> None:
        self.fleet = Fleet(hospital, local)
        self.pilots: dict[str, Pilot] = {}
        self.etas: dict[str, tuple[Eta, int]] = {}
        """By transport, and when it was said, ms."""
        self.kept = Kept()
        self.attention = Attention()
        self.stopped = ""
        """Why all robots stand; "": they do not."""
        self.foreign: set[str] = set()
        """Robots that may still drive by another map: till they stand, nobody is let on."""
        self.watching = Watching(self.fleet, self.kept, self.ask, self.carry_out)
        self.drawers = Drawers(self.kept.opened, self.ask)
        self.fleet.forecast.held = lambda robot: self.hold(self.pilots[robot]) if robot in self.pilots else ""
        self._epoch = epoch
        self._count = 0

    # What comes from robots

    def heard(self, robot: str, gateway: str, topic: str, text: str, *, at_ms: int, now_ms: int) -> None:
        """A message of a robot that its gateway passed on (event `vehicle`)."""
        try:
            message = decode(Topic(topic), text.encode())
        except (Vda5050Error, ValueError) as error:
            self.ask(because("unreadable", robot=robot, said=str(error)), now_ms, robot)
            return
        pilot = self.pilot(robot)
        self.watching.meet(pilot, gateway, message, text, now_ms)
        if isinstance(message, State):
            self.drawers.heard(robot, message, now_ms)
        if now_ms - at_ms > LATE_MS:
            if isinstance(message, State) and pilot.facts:
                pilot.state(with_state(pilot.facts, message, at_ms))
            return
        if isinstance(message, State):
            self._fresh(pilot, with_state(pilot.facts, message, at_ms), now_ms)
        elif isinstance(message, Connection):
            self.watching.connected(pilot, message, now_ms)
        self._send(pilot, now_ms)

    def seen(self, robot: str, detail: Mapping[str, str | int], *, at_ms: int, now_ms: int) -> None:
        """Where a robot is (event `vehicle-at`)."""
        pilot = self.pilots.get(robot)
        late = now_ms - at_ms > LATE_MS
        if pilot and pilot.facts and not late and at_ms > pilot.facts.at_ms:
            self._fresh(pilot, seen_since(pilot.facts, detail, at_ms), now_ms)
            self._send(pilot, now_ms)

    def answered(self, robot: str, number: int, *, reached: bool, why: str, now_ms: int) -> None:
        """The gateway has passed a message on, or never will."""
        self.drawers.answered(number, "" if reached else why or "-", now_ms)
        if pilot := self.pilots.get(robot):
            pilot.answered(number, reached=reached)
            if not reached:
                self.ask(because("not-received", robot=robot, said=why), now_ms, robot)
            self._send(pilot, now_ms)

    def pilot(self, robot: str) -> Pilot:
        """The one of a robot, made when it is new."""
        if robot not in self.pilots:
            self.pilots[robot] = Pilot(robot, self.fleet.ground, self.next_id)
            self.pilots[robot].pausing.reasons |= {ALL} if self.stopped else set()
        return self.pilots[robot]

    def _fresh(self, pilot: Pilot, facts: Facts, now_ms: int) -> None:
        """The robot has said how it is just now."""
        before = pilot.facts
        pilot.state(facts)
        if before and has_jumped(before, facts, pilot.speed, self.fleet.ground):
            self.watching.jumped(pilot, now_ms)
        if is_whole(facts, now_ms) and pilot.robot in self.fleet.vehicles:
            self.carry_out(self.fleet.seen(self._report(pilot, facts, now_ms), now_ms), now_ms)
        self.watching.look(pilot, before, now_ms)
        if pilot.is_settled(now_ms):
            self.foreign.discard(pilot.robot)

    def _report(self, pilot: Pilot, facts: Facts, now_ms: int) -> Report:
        """For the fleet: by its order, if it has the one that the fleet knows of; else by where it stands."""
        halted, errand, ground = pilot.is_settled(now_ms), pilot.errand, self.fleet.ground
        if errand and not pilot.over and errand.number >= 0:
            if facts.state.order_id == errand.order.order_id:
                return replace(report_of(pilot.robot, facts, errand, ground), halted=halted)
            if not pilot.confirmed and errand.order.order_update_id == 0:
                at = standing_at(pilot.robot, facts, errand.number, errand.begins, errand.first)
                return replace(at, edge="here" if errand.here else None)
        elif pilot.want and facts.is_idle:
            point = pilot.want.points[0]
            return standing_at(pilot.robot, facts, pilot.want.order, point.node, point.sequence)
        report = report_of(pilot.robot, facts, None, ground)
        return replace(report, order=None if facts.is_idle else -1, halted=halted)

    # What the fleet decides

    def carry_out(self, decisions: list[Decision], now_ms: int) -> None:
        """Hand on what the fleet decided, and keep it with its reasons."""
        for one in decisions:
            self._hand_on(one, now_ms)
            match one:
                case Ask():
                    self.ask(one.why, now_ms, one.robot, one.transport)
                case Assigned():
                    stage = Stage.ASSIGNED if one.robot else Stage.WANTED
                    self.kept.move(one.transport, stage, one.robot, one.why, now_ms)
                case Ended():
                    self.etas.pop(one.transport, None)
                    self.attention.ended(one.transport)
                    self.drawers.over(one.transport)
                    self.kept.end(one, now_ms)
                case Eta():
                    self.etas[one.transport] = one, now_ms
                    self.kept.note("eta", one.why, now_ms, None, one.transport, **detail_of(one))
                case _:
                    told = one.robot, one.transport if isinstance(one, Go | Arrived) else None
                    self.kept.note(type(one).__name__.lower(), one.why, now_ms, *told, **detail_of(one))

    def _hand_on(self, one: Decision, now_ms: int) -> None:
        pilot = self.pilots.get(getattr(one, "robot", None) or "")
        match one:
            case Go() if pilot:
                pilot.go(one)
                if not self.watching.doubt(one.robot):
                    self.attention.better(one.robot)
            case Stop() if pilot:
                pilot.pausing.reasons.add("fleet")
            case Cancel() if pilot:
                pilot.cancel(one.why, now_ms)
            case _:
                pass

    def ask(self, why: str, now_ms: int, robot: str | None = None, transport: str | None = None) -> None:
        """A person has to see to something; asked once as long as it is so."""
        if self.attention.ask(why, robot, transport, now_ms):
            self.kept.note("ask", why, now_ms, robot, transport)

    # Time, and what goes out

    def tick(self, now_ms: int) -> None:
        """Once a second."""
        self.carry_out(self.fleet.tick(now_ms), now_ms)
        self.drawers.tick(now_ms)
        self.send_all(now_ms)

    def wanted(self, transport: Transport, now_ms: int) -> None:
        """Something is to be carried. Raises NotFound: a station is not on the map."""
        decisions = self.fleet.wanted(transport)
        self.kept.stages.setdefault(transport.id, Stage.WANTED)
        self.carry_out(decisions, now_ms)

    def next_id(self) -> str:
        """A name that no order or action ever had."""
        self._count += 1
        return f"wl{self._epoch}-{self._count}"

    def send_all(self, now_ms: int) -> None:
        """Whatever is due to any robot."""
        for pilot in self.pilots.values():
            self._send(pilot, now_ms)

    def _send(self, pilot: Pilot, now_ms: int) -> None:
        for draft in pilot.due(now_ms, self.hold(pilot)):
            self.say(pilot, draft, now_ms)

    def say(self, pilot: Pilot, draft: Draft, now_ms: int) -> int:
        """Give out a message; its number."""
        text = encode(draft.message, pilot.version).decode()
        number = self.kept.say(pilot.robot, draft, text, now_ms)
        if draft.errand:
            pilot.sent(number, now_ms)
        return number

    def hold(self, pilot: Pilot) -> str:
        """Why it gets nothing to drive on; "": nothing is in the way of that."""
        if self.stopped:
            return because("all-stand", why=self.stopped)
        if self.foreign:
            return because("other-map", robots=", ".join(sorted(self.foreign)))
        vehicle = self.fleet.vehicles.get(pilot.robot)
        if vehicle is None:
            return because("not-known", robot=pilot.robot)
        if vehicle.condition in _MUTE:
            return because("robot-is", robot=pilot.robot, condition=vehicle.condition)
        return self.watching.doubt(pilot.robot)

    def take(self) -> list[Any]:
        """Effects (told.py) since the last time: to be kept in this order, then sent."""
        return self.kept.take()
