"""What a robot says that no order is about: who it is, errors, its mode, doubts, and what it has picked up.

As long as anything is in doubt (its link, its map, its place, its emergency stop) a robot gets no more of its
way. Some doubts end by themselves; those that a person has to settle last until `settled`.
"""

from collections.abc import Callable
from typing import Protocol

from controller.robots.decisions import Decision
from controller.robots.facts import Facts, model_of, told_of
from controller.robots.fleet import Fleet
from controller.robots.kept import Kept
from controller.robots.pilot import Pilot
from controller.robots.reasons import because, joined
from controller.robots.told import Met, Stage
from controller.robots.vehicles import Action, Condition, Model
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.messages import Message
from devices.codecs.vda5050.presence import Connection
from devices.codecs.vda5050.problems import ErrorType
from devices.codecs.vda5050.state import Error
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import ActionStatus, ConnectionState, ErrorLevel

JUMP, REJECTED = "jump", "rejected"
"""Doubts that a person settles."""
_NOT_ORDERS = frozenset({ErrorType.INSTANT_ACTION, ErrorType.NO_ORDER})
REJECTS = frozenset(word for one in ErrorType if one not in _NOT_ORDERS for word in one.value[:2])
"""Error types by which a vehicle refuses an order."""


class Ask(Protocol):
    """Asks a person."""

    def __call__(
        self, why: str, now_ms: int, robot: str | None = None, transport: str | None = None
    ) -> None: ...


class Watching:
    """`carry_out` hands on what the fleet decides on what is found here."""

    def __init__(
        self, fleet: Fleet, kept: Kept, ask: Ask, carry_out: Callable[[list[Decision], int], None]
    ) -> None:
        self._fleet = fleet
        self._kept = kept
        self._ask = ask
        self._carry_out = carry_out
        self._doubts: dict[str, dict[str, str]] = {}
        self._judged: dict[str, tuple[str, int]] = {}
        self._done: dict[str, str] = {}
        """By robot, the action whose end has been looked at."""
        self._placed: dict[str, int] = {}
        self.persons: set[str] = set()
        """Robots that a person has taken over here, not at the robot."""

    # Who it is

    def meet(self, pilot: Pilot, gateway: str, message: Message, text: str, now_ms: int) -> None:
        """It says who it is, and by which gateway. A last will has an old header: it says nothing new."""
        header = message.header
        said = Version.of(header.version), header.manufacturer, header.serial_number, gateway
        known = pilot.version, pilot.manufacturer, pilot.serial, pilot.gateway
        sheet = message if isinstance(message, Factsheet) else None
        if (isinstance(message, Connection) and pilot.version) or (said == known and sheet is None):
            return
        pilot.version, pilot.manufacturer, pilot.serial, pilot.gateway = said
        pilot.sheet = sheet or pilot.sheet
        self._kept.met(Met(now_ms, pilot.robot, gateway, said[0].value, said[1], said[2], sheet and text))
        self.know(pilot, now_ms)

    def know(self, pilot: Pilot, now_ms: int) -> None:
        """The fleet has such a robot."""
        model = model_of(pilot.sheet) if pilot.sheet else Model()
        held = self._fleet.vehicles.get(pilot.robot)
        if held is None or held.model != model:
            self._carry_out(self._fleet.known(pilot.robot, model), now_ms)

    def connected(self, pilot: Pilot, message: Connection, now_ms: int) -> None:
        """Whether it is at its broker."""
        state = message.connection_state
        why = "" if state is ConnectionState.ONLINE else because("link", connection=state.value)
        self._doubt(pilot.robot, "link", why, now_ms)

    # Doubts

    def doubt(self, robot: str) -> str:
        """What is in doubt; "": nothing."""
        return joined(self._doubts.get(robot, {}).values())

    def doubts(self, robot: str) -> dict[str, str]:
        """By kind."""
        return dict(self._doubts.get(robot, {}))

    def _doubt(self, robot: str, kind: str, why: str, now_ms: int) -> None:
        held = self._doubts.setdefault(robot, {})
        if held.get(kind, "") == why:
            return
        held.pop(kind, None)
        if why:
            held[kind] = why
            self._ask(because("of-robot", robot=robot, why=why), now_ms, robot)
        self._kept.note("doubt", why or because("no-more", doubt=kind), now_ms, robot, kind=kind)

    def jumped(self, pilot: Pilot, now_ms: int) -> None:
        """It is where it cannot have driven: it stands, and where it is counts, not how far its order is."""
        if now_ms < self._placed.get(pilot.robot, 0):
            return  # a person has just said where it is
        pilot.pausing.reasons.add(JUMP)
        pilot.cancel(because("jumped"), now_ms)
        pilot.over = True
        self._doubt(pilot.robot, JUMP, because("jump"), now_ms)

    def placed(self, robot: str, until_ms: int) -> None:
        """A person says where it is: until then it may be somewhere else at once."""
        self._placed[robot] = until_ms

    def settled(self, pilot: Pilot, now_ms: int) -> None:
        """A person has seen to it."""
        pilot.pausing.reasons.discard(JUMP)
        for kind in (JUMP, REJECTED):
            self._doubt(pilot.robot, kind, "", now_ms)

    # What its states say

    def look(self, pilot: Pilot, before: Facts | None, now_ms: int) -> None:
        """All that a new state says beside where the robot is."""
        if (facts := pilot.facts) is None or pilot.robot not in self._fleet.vehicles:
            return
        self._mode(pilot, facts, now_ms)
        self._in_doubt(pilot, facts, now_ms)
        known = before.state.errors if before else ()
        for error in facts.state.errors:
            if error not in known:
                self._error(pilot, error, now_ms)
        self._rejected(pilot, facts, now_ms)
        self._action(pilot, facts, now_ms)

    def _mode(self, pilot: Pilot, facts: Facts, now_ms: int) -> None:
        robot, why = pilot.robot, because("mode", mode=facts.state.operating_mode.value)
        is_out = self._fleet.vehicles[robot].condition == Condition.TAKEN_OVER
        if not facts.is_automatic and not is_out:
            self._kept.note("taken-over", why, now_ms, robot)
            self._carry_out(self._fleet.taken_over(robot, now_ms), now_ms)
            pilot.cancel(why, now_ms)
        elif facts.is_automatic and is_out and robot not in self.persons and not self._is_refused(robot):
            self._kept.note("handed-back", why, now_ms, robot)
            self._carry_out(self._fleet.handed_back(robot, now_ms), now_ms)

    def _is_refused(self, robot: str) -> bool:
        return REJECTED in self._doubts.get(robot, {})

    def _in_doubt(self, pilot: Pilot, facts: Facts, now_ms: int) -> None:
        state, where, floors = facts.state, facts.state.agv_position, self._fleet.ground.floors
        lost = where is not None and facts.pose is None
        other = facts.pose is not None and facts.pose.floor not in floors
        name = facts.pose.floor if facts.pose else ""
        alien = bool(state.paused) and not pilot.pausing.is_ours and not pilot.pausing.reasons
        truths: dict[str, str] = {
            "emergency-stop": because("emergency-stop") if facts.is_stopped else "",
            "place": because("place") if lost else "",
            "map": because("map", map=name) if other else "",
            "paused": because("paused") if alien else "",
        }
        if facts.is_automatic and now_ms - facts.whole_ms < 1000:
            truths["link"] = ""  # who talks is there
        for kind, why in truths.items():
            self._doubt(pilot.robot, kind, why, now_ms)

    def _error(self, pilot: Pilot, error: Error, now_ms: int) -> None:
        robot, told = pilot.robot, told_of(error)
        self._kept.note("error", told, now_ms, robot, level=error.error_level.value)
        if error.error_level is ErrorLevel.FATAL:
            self._ask(because("needs-help", robot=robot, said=told), now_ms, robot)
        if "block" in error.error_type.lower():
            about = (r.reference_value for r in error.error_references or () if r.reference_key == "edgeId")
            for edge in about:
                if edge in self._fleet.ground.edge:
                    self.blocked(edge, because("robot-says", robot=robot, said=told), now_ms)

    def blocked(self, edge: str, why: str, now_ms: int) -> None:
        """Nobody can drive there, until a person says otherwise. Raises NotFound."""
        self._carry_out(self._fleet.blocked(edge, now_ms, why), now_ms)
        self._kept.note("blocked", why, now_ms, edge=edge)

    def _rejected(self, pilot: Pilot, facts: Facts, now_ms: int) -> None:
        """The robot refuses the order that it was sent: an update is tried anew as an order of its own."""
        errand = pilot.errand
        if errand is None or pilot.confirmed or pilot.over:
            return
        key = errand.order.order_id, errand.order.order_update_id
        refusals = [one for one in facts.state.errors if one.error_type in REJECTS and _about(one, *key)]
        if not refusals or self._judged.get(pilot.robot) == key:
            return
        self._judged[pilot.robot] = key
        told = told_of(refusals[0])
        self._kept.note("rejected", told, now_ms, pilot.robot, errand.transport, order=key[0])
        if key[1] > 0:
            pilot.begin_anew(told, now_ms)
            return
        pilot.drop()
        self._doubt(pilot.robot, REJECTED, because("refuses", said=told), now_ms)
        self._carry_out(self._fleet.taken_over(pilot.robot, now_ms), now_ms)

    def _action(self, pilot: Pilot, facts: Facts, now_ms: int) -> None:
        """What was to be done where its way ends has ended."""
        errand, robot = pilot.errand, pilot.robot
        if errand is None or not errand.action_id or self._done.get(robot) == errand.action_id:
            return
        status = facts.ended(errand.action_id)
        if status is None:
            return
        self._done[robot] = errand.action_id
        if status is ActionStatus.FINISHED:
            self._finished(pilot, facts, errand.action, errand.transport, now_ms)
        elif errand.number >= 0 and not (pilot.over or pilot.is_cancelling):
            found = facts.action(errand.action_id)
            did, said = {"robot": robot, "action": errand.action}, found and found.result_description
            why = because("could-not", **did, said=said) if said else because("could-not-silent", **did)
            self._ask(why, now_ms, robot, errand.transport)

    def _finished(
        self, pilot: Pilot, facts: Facts, action: Action, transport: str | None, now_ms: int
    ) -> None:
        loads, robot = facts.state.loads, pilot.robot
        if transport is None or self._fleet.vehicles[robot].transport != transport:
            return
        if action == Action.PICK and loads == ():
            self._ask(because("loaded-empty", robot=robot), now_ms, robot, transport)
        elif action == Action.PICK:
            self.picked(robot, transport, because("says-so"), now_ms)
        elif action == Action.DROP and loads:
            self._ask(because("unloaded-full", robot=robot), now_ms, robot, transport)
        elif action == Action.DROP:
            self.dropped(robot, because("taken-by-robot"), now_ms)

    def picked(self, robot: str, transport: str, why: str, now_ms: int) -> None:
        """The robot has what it came for."""
        self._kept.move(transport, Stage.PICKED, robot, why, now_ms)
        self._carry_out(self._fleet.picked(robot, now_ms), now_ms)

    def dropped(self, robot: str, why: str, now_ms: int) -> None:
        """What it carried is out of it."""
        self._kept.note("dropped", why, now_ms, robot)
        self._carry_out(self._fleet.dropped(robot, now_ms), now_ms)


def _about(error: Error, order_id: str, update: int) -> bool:
    """Whether it is about this order; one that names none is about the last that was sent."""
    said = {one.reference_key: one.reference_value for one in error.error_references or ()}
    is_it = said.get("orderId", order_id) == order_id
    return is_it and said.get("orderUpdateId", str(update)) == str(update)
