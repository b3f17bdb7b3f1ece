"""A simulated base of a robot that speaks VDA 5050: it drives at a speed, carries, has a battery.

It reads no clock: `advance(seconds)` moves it. On a lift it stands for as long as that takes, and is then on
the other floor. What troubles there are: `hil/sims/robots/trouble.py`.
"""

import math
from dataclasses import dataclass, field, replace

from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.base import Progress
from devices.codecs.vda5050.geometry import Pose, distance, in_range
from devices.codecs.vda5050.order import Edge, Node, NodePosition
from devices.codecs.vda5050.state import BatteryState, Load, SafetyState, Velocity
from devices.codecs.vda5050.words import ActionStatus, EStop

_THERE_M = 0.05
_LIFT_S = 8.0
_QUICK_S = 1.0
PICK, DROP, CHARGE, UNCHARGE, DRAWER = "pick", "drop", "startCharging", "stopCharging", "openDrawer"
LOOK = "lookAt"
ACTIONS = (PICK, DROP, CHARGE, UNCHARGE, DRAWER, LOOK)
"""What it can do where it stands."""
AT_ONCE = frozenset({DRAWER, LOOK})
"""What it is asked beside its order."""
_MOST_PAN, _MOST_TILT = 170.0, 60.0
_SLOW = {PICK, DROP}


@dataclass(frozen=True, slots=True)
class Kind:
    """How this kind of robot is; the battery lasts `lasts_h` of driving, and is full after `charges_h`.

    `waits`: it does not load and unload by itself. It waits until somebody opens its drawer, and goes on
    `handling_s` later; whether anything is in it, it does not know.
    """

    speed_m_s: float = 1.0
    handling_s: float = 10.0
    waits: bool = False
    lasts_h: float = 4.0
    charges_h: float = 1.0


@dataclass(slots=True)
class SimBase:
    """The base; `charge` is 0 to 1, `parked` where it stands at first."""

    kind: Kind
    parked: Pose
    charge: float = 0.8
    charging: bool = False
    load: Load | None = None
    is_lost: bool = False
    is_stopped: bool = False
    """Its emergency stop is pressed."""
    is_blocked: bool = False
    """Something stands in its way."""
    waits_at: str = ""
    """The edge on which something is in its way."""
    driven_m: float = 0.0
    looks: tuple[float, float] = (0.0, 0.0)
    """Where its camera looks: to the right and up, in degrees."""
    _goal: tuple[NodePosition, float] | None = None
    _lift_s: float = 0.0
    _left_s: dict[str, float] = field(default_factory=dict[str, float])
    _ended: dict[str, Progress] = field(default_factory=dict[str, Progress])
    _begun: dict[str, Action] = field(default_factory=dict[str, Action])

    def advance(self, seconds: float) -> None:
        """Time has passed."""
        self._use_charge(seconds)
        for name in list(self._left_s):
            self._left_s[name] -= seconds
            if self._left_s[name] <= 0 and not self.is_stopped:
                self._end(name)
        if self.driving() and self._goal:
            self._drive(*self._goal, seconds)

    def pose(self) -> Pose | None:
        """None: it is lost."""
        return None if self.is_lost else self.parked

    def velocity(self) -> Velocity | None:
        """Straight ahead, or none."""
        return Velocity(vx=min(self._goal[1], self.kind.speed_m_s) if self.driving() and self._goal else 0.0)

    def battery(self) -> BatteryState:
        """To a tenth of a percent."""
        return BatteryState(battery_charge=round(100 * self.charge, 1), charging=self.charging)

    def safety(self) -> SafetyState:
        """The emergency stop has to be released by hand."""
        return SafetyState(e_stop=EStop.MANUAL if self.is_stopped else EStop.NONE, field_violation=False)

    def loads(self) -> tuple[Load, ...] | None:
        """One at most; None: it does not know."""
        if self.kind.waits:
            return None
        return (self.load,) if self.load else ()

    def place(self, pose: Pose) -> bool:
        """It believes whoever says where it is."""
        self.parked, self.is_lost = pose, False
        return True

    def go(self, node: Node, edge: Edge) -> bool:
        """The goal until the next call; `advance` drives."""
        position = node.node_position
        if position is None or self.is_lost:
            return False
        self._goal = position, edge.max_speed or self.kind.speed_m_s
        self.waits_at = edge.edge_id if self.is_blocked else ""
        return in_range(self.parked, position, _THERE_M)

    def stop(self) -> None:
        """It stands at once."""
        self._goal = None

    def driving(self) -> bool:
        """Not while anything holds it."""
        return self._goal is not None and not (
            self.is_stopped or self.is_blocked or self.is_lost or self.empty
        )

    @property
    def empty(self) -> bool:
        """Whether its battery is."""
        return self.charge <= 0

    def begin(self, action: Action) -> None:
        """It takes as long as this kind of robot needs."""
        self._begun[action.action_id] = action
        is_slow = action.action_type in _SLOW
        takes_s = math.inf if self.kind.waits else self.kind.handling_s
        self._left_s[action.action_id] = takes_s if is_slow else _QUICK_S

    def progress(self, action: Action) -> Progress:
        """RUNNING until its time is over."""
        return self._ended.get(action.action_id, Progress(ActionStatus.RUNNING))

    def abort(self, action: Action) -> bool:
        """Whatever has not ended can be aborted."""
        return self._left_s.pop(action.action_id, None) is not None

    def _end(self, name: str) -> None:
        """The action has taken its time: what comes of it."""
        del self._left_s[name]
        action = self._begun.pop(name)
        why = self._do(action)
        self._ended[name] = Progress(ActionStatus.FAILED if why else ActionStatus.FINISHED, why or None)

    def _do(self, action: Action) -> str:
        """Why it could not be done; "": it is done."""
        match action.action_type:
            case "openDrawer":
                self._somebody_is_there()
            case "lookAt":
                self._turn_camera(action)
            case "pick" | "drop" if self.kind.waits:
                pass
            case "pick" if self.load:
                return f"it carries {self.load.load_id} already"
            case "pick":
                self.load = Load(load_id=str(action.parameters().get("loadId", action.action_id)))
            case "drop" if not self.load:
                return "it carries nothing"
            case "drop":
                self.load = None
            case "startCharging" | "stopCharging" as word:
                self.charging = word == CHARGE
            case _:
                pass
        return ""

    def _turn_camera(self, action: Action) -> None:
        """By so much, as far as it turns."""
        turned = zip(self.looks, ("pan", "tilt"), (_MOST_PAN, _MOST_TILT), strict=True)
        pan, tilt = (
            max(-most, min(most, now + float(str(action.parameters().get(name, 0)))))
            for now, name, most in turned
        )
        self.looks = pan, tilt

    def _somebody_is_there(self) -> None:
        """Whatever waits for a person's hands ends as soon as these have had their time."""
        for name, left_s in self._left_s.items():
            self._left_s[name] = min(left_s, self.kind.handling_s)

    def _use_charge(self, seconds: float) -> None:
        hours = seconds / 3600
        used = (
            -1 / self.kind.charges_h if self.charging else (1 if self.driving() else 0.1) / self.kind.lasts_h
        )
        self.charge = min(1.0, max(0.0, self.charge - used * hours))

    def _drive(self, goal: NodePosition, at_most_m_s: float, seconds: float) -> None:
        if goal.map_id != self.parked.map_id:
            self._ride(goal, seconds)
            return
        far = distance(self.parked, goal)
        step = min(far, seconds * min(at_most_m_s, self.kind.speed_m_s))
        self.driven_m += step
        if far > 0:
            x, y = goal.x - self.parked.x, goal.y - self.parked.y
            at = replace(self.parked, x=self.parked.x + x * step / far, y=self.parked.y + y * step / far)
            self.parked = replace(at, theta=math.atan2(y, x))

    def _ride(self, goal: NodePosition, seconds: float) -> None:
        """By lift to another floor."""
        self._lift_s += seconds
        if self._lift_s >= _LIFT_S:
            self._lift_s = 0.0
            self.parked = replace(self.parked, x=goal.x, y=goal.y, map_id=goal.map_id)
