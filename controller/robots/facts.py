"""What is known of one robot by its own words: its last whole state, and where it was seen since."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from controller.robots.errand import NEAR_M, Errand, Pose
from controller.robots.ground import Ground
from controller.robots.handling import demands_of
from controller.robots.places import Kind, Width
from controller.robots.vehicles import Model, Report
from devices.codecs.vda5050.actions import ENDED
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.state import ActionState, AgvPosition, Error, State
from devices.codecs.vda5050.words import ActionStatus, EStop, OperatingMode

_JUMP_M, _JUMP_SPEED = 1.5, 1.5
"""A robot does not come farther than this, and than so many times its speed, between two words of it."""
_WIDE_M, _NORMAL_M = 0.95, 0.65


@dataclass(frozen=True, slots=True)
class Facts:
    """`state` is the last that was told whole, at `whole_ms`; the rest is as of `at_ms`."""

    state: State
    whole_ms: int
    at_ms: int
    pose: Pose | None
    theta: float
    node: str
    sequence: int
    battery: float
    """0 to 1."""
    driving: bool

    @property
    def is_idle(self) -> bool:
        """It stands, and nothing of its order is left to drive or to do."""
        left = self.state.node_states or self.state.edge_states
        ended = all(one.action_status in ENDED for one in self.state.action_states)
        return not left and not self.driving and ended

    @property
    def is_automatic(self) -> bool:
        """It drives by its master's word."""
        return self.state.operating_mode is OperatingMode.AUTOMATIC

    @property
    def is_stopped(self) -> bool:
        """Its emergency stop is pressed."""
        return self.state.safety_state.e_stop is not EStop.NONE

    def action(self, action_id: str) -> ActionState | None:
        """How far an action of the order, or an instant one, is."""
        known = (*self.state.action_states, *self.state.instant_action_states)
        return next((one for one in known if one.action_id == action_id), None)

    def ended(self, action_id: str) -> ActionStatus | None:
        """FINISHED or FAILED, if the action has ended."""
        found = self.action(action_id)
        return found.action_status if found and found.action_status in ENDED else None


def facts_of(state: State, at_ms: int) -> Facts:
    """Of a whole state."""
    where = state.agv_position
    return Facts(
        state=state,
        whole_ms=at_ms,
        at_ms=at_ms,
        pose=_pose(where),
        theta=where.theta if where else 0.0,
        node=state.last_node_id,
        sequence=state.last_node_sequence_id,
        battery=state.battery_state.battery_charge / 100,
        driving=state.driving,
    )


def with_state(before: Facts | None, state: State, at_ms: int) -> Facts:
    """The facts after a whole state, which may come after newer words of where the robot is."""
    if before is None or at_ms >= before.at_ms:
        return facts_of(state, at_ms)
    return before if at_ms <= before.whole_ms else replace(before, state=state, whole_ms=at_ms)


def seen_since(facts: Facts, detail: Mapping[str, str | int], at_ms: int) -> Facts:
    """The same, and where it has been seen by now (the event `vehicle-at`)."""
    pose = None
    if detail.get("localised") and {"x_mm", "y_mm", "map"} <= detail.keys():
        pose = Pose(_thousandths(detail["x_mm"]), _thousandths(detail["y_mm"]), str(detail["map"]))
    return replace(
        facts,
        at_ms=at_ms,
        pose=pose,
        theta=_thousandths(detail.get("theta_mrad", 0)),
        node=str(detail.get("node", facts.node)),
        sequence=int(detail.get("sequence", facts.sequence)),
        battery=_thousandths(detail.get("battery_permille", 1000 * facts.battery)),
        driving=bool(detail.get("driving", facts.driving)),
    )


def _thousandths(value: str | float) -> float:
    return float(value) / 1000


def _pose(where: AgvPosition | None) -> Pose | None:
    return Pose(where.x, where.y, where.map_id) if where and where.position_initialized else None


def has_jumped(before: Facts, now: Facts, speed: float, ground: Ground) -> bool:
    """Whether it is where it cannot have driven: in a lift it comes to another floor."""
    if before.pose is None or now.pose is None:
        return False
    x, y, reach = now.pose.x, now.pose.y, _JUMP_SPEED * speed * (now.at_ms - before.at_ms) / 1000 + _JUMP_M
    if before.pose.floor != now.pose.floor:
        lifts = (n for n in ground.map.nodes if n.kind == Kind.LIFT and n.map == now.pose.floor)
        return not any(math.hypot(n.x - x, n.y - y) < reach for n in lifts)
    return math.hypot(x - before.pose.x, y - before.pose.y) > reach


def report_of(robot: str, facts: Facts, errand: Errand | None, ground: Ground) -> Report:
    """For the fleet. `errand`: the order that the robot says it has, if it is what the fleet goes by."""
    seen = Report(robot, facts.at_ms, battery=facts.battery)
    place = errand and errand.place(facts.sequence)
    if errand is None or place is None:
        return _elsewhere(seen, facts, ground)
    node, sequence, between = place
    edge = _edge_on(facts, errand, ground, node) if not between else errand.order.edges[0].edge_id
    return replace(seen, node=node, edge=edge, order=errand.number, sequence=sequence)


def standing_at(robot: str, facts: Facts, number: int, node: str, sequence: int) -> Report:
    """A robot that has not yet said that it has an order is where that begins."""
    return Report(robot, facts.at_ms, node, battery=facts.battery, order=number, sequence=sequence)


def _edge_on(facts: Facts, errand: Errand, ground: Ground, node: str) -> str | None:
    """The edge of its order on which it is, if it has left its last node."""
    left = away(facts.pose, node, ground) > NEAR_M if facts.pose else facts.driving
    ahead = (e for e in errand.order.edges if e.sequence_id == facts.sequence + 1 and e.released)
    edge = next(ahead, None)
    return edge.edge_id if left and edge else None


def _elsewhere(seen: Report, facts: Facts, ground: Ground) -> Report:
    """By its last node, if it is there; else by its pose alone."""
    known = facts.node if facts.node in ground.node else None
    pose = facts.pose and (facts.pose.x, facts.pose.y, facts.pose.floor)
    if known and facts.pose and away(facts.pose, known, ground) > NEAR_M:
        known = None
    if known is None or pose is None:
        return replace(seen, node=known, pose=pose)
    return replace(seen, node=known)


def away(pose: Pose | None, node: str, ground: Ground) -> float:
    """Metres from a node; inf: on another floor, or not known."""
    at = ground.map.by_id.get(node)
    if pose is None or at is None or at.map != pose.floor:
        return math.inf
    return math.hypot(at.x - pose.x, at.y - pose.y)


def model_of(sheet: Factsheet) -> Model:
    """What a robot is fit for, as its factsheet says."""
    width = sheet.physical_parameters.width
    kind = Width.WIDE if width > _WIDE_M else Width.NORMAL if width > _NORMAL_M else Width.NARROW
    loads = sheet.load_specification.load_sets or ()
    return Model(kind, frozenset(one.load_type for one in loads), demands=demands_of(sheet))


def told_of(error: Error) -> str:
    """An error in one sentence."""
    about = " ".join(f"{one.reference_key} {one.reference_value}" for one in error.error_references or ())
    parts = (error.error_type, error.error_description, error.error_hint, f"({about})" if about else None)
    return " ".join(part for part in parts if part)
