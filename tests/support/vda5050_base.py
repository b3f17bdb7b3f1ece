"""A base for VDA 5050 in memory: it moves a metre at each tick, and its actions take three."""

import math
from dataclasses import replace

from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.base import Progress
from devices.codecs.vda5050.geometry import Pose, distance, in_range
from devices.codecs.vda5050.order import Edge, Node
from devices.codecs.vda5050.state import BatteryState, Load, SafetyState, Velocity
from devices.codecs.vda5050.words import ActionStatus, EStop


class MemoryBase:
    """At the map's origin. `unstoppable` are types of actions that must come to their end."""

    def __init__(self, unstoppable: tuple[str, ...] = ()) -> None:
        self.here: Pose | None = Pose(0, 0, 0, "floor")
        self.begun: list[str] = []
        self.aborted: list[str] = []
        self._left: dict[str, int] = {}
        self._unstoppable = unstoppable
        self._driving = False

    def pose(self) -> Pose | None:
        return self.here

    def velocity(self) -> Velocity | None:
        return Velocity(vx=1.0 if self._driving else 0.0)

    def battery(self) -> BatteryState:
        return BatteryState(battery_charge=80, charging=False)

    def safety(self) -> SafetyState:
        return SafetyState(e_stop=EStop.NONE, field_violation=False)

    def loads(self) -> tuple[Load, ...] | None:
        return ()

    def place(self, pose: Pose) -> bool:
        self.here = pose
        return pose.map_id == "floor"

    def go(self, node: Node, edge: Edge) -> bool:
        assert self.here
        assert node.node_position
        assert edge.end_node_id == node.node_id
        goal, far = node.node_position, distance(self.here, node.node_position)
        part = min(1.0, 1.0 / far) if far else 0.0
        x, y = self.here.x + part * (goal.x - self.here.x), self.here.y + part * (goal.y - self.here.y)
        self.here = replace(self.here, x=x, y=y, theta=math.atan2(goal.y - y, goal.x - x))
        self._driving = True
        return in_range(self.here, goal, 0.1)

    def stop(self) -> None:
        self._driving = False

    def driving(self) -> bool:
        return self._driving

    def begin(self, action: Action) -> None:
        self.begun.append(action.action_id)
        self._left[action.action_id] = 3

    def progress(self, action: Action) -> Progress:
        self._left[action.action_id] -= 1
        done = self._left[action.action_id] <= 0
        if not done:
            return Progress(ActionStatus.RUNNING)
        return Progress(ActionStatus.FAILED if action.action_type == "jam" else ActionStatus.FINISHED, "done")

    def abort(self, action: Action) -> bool:
        if action.action_type in self._unstoppable:
            return False
        self.aborted.append(action.action_id)
        return True
