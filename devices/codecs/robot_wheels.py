"""The wheels and hands of the serial robot base, as the core of a VDA 5050 vehicle asks for them.

It drives straight to a node: turned towards it first, then on, ever slower, with its pose corrected by each
state of the base. It picks up and hands over by its load cell: a pick ends when something lies on it, a drop
when nothing does any more, however long a person takes.
"""

import math
from dataclasses import replace

from devices.codecs.odometry import Odometry
from devices.codecs.robot_base import RobotBase, State
from devices.codecs.robot_base_wire import STATES
from devices.codecs.robot_sheet import FASTEST_M_S, PICK, RELEASE, SLOWEST_M_S, TURNS_RAD_S
from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.base import Progress
from devices.codecs.vda5050.geometry import Pose, distance, in_range, turn
from devices.codecs.vda5050.order import Edge, Node
from devices.codecs.vda5050.state import AgvPosition, BatteryState, Load, SafetyState, Velocity
from devices.codecs.vda5050.words import ActionStatus, EStop
from devices.model.observation import Instant

LOADED_G = 100
"""From here on something lies on it."""
NEAR_M, NEAR_RAD = 0.05, 0.1
"""How near a node it comes where the order does not say."""
_AHEAD_RAD = 0.3
"""A node that is further to the side than that is turned to before it drives on."""
_GAIN = 1.5
"""How much speed for how much that is left: m/s for m, rad/s for rad."""
_HALF_TURN = 3.1415
"""A rounded pi would be more than the standard lets be."""
_BIT = {name: 1 << bit for bit, name in enumerate(STATES)}


class Wheels:
    """See `vda5050.base.Base`. `now` is that of the tick, `line` the codec of the base."""

    def __init__(self, line: RobotBase, wheel_base_m: float) -> None:
        self.now = Instant(0)
        self._line = line
        self._half_m = wheel_base_m / 2
        self._odometry = Odometry(wheel_base_m)
        self._is_told = False
        """Whether it was told to move."""

    def sense(self, state: State) -> None:
        """The base told this."""
        if state.ways is not None:
            self._odometry.rolled(state.boot, *state.ways)
        if self.has("emergency-stop"):
            self.rest()

    def has(self, condition: str) -> bool:
        """Whether the base said last that this is so."""
        return self._line.last is not None and bool(self._line.last.flags & _BIT[condition])

    def hit(self) -> bool:
        """Whether a bumper is pressed while it drives."""
        return self._is_told and (self.has("bumper-left") or self.has("bumper-right"))

    def rest(self) -> None:
        """Send no speeds any more: the base stops by itself."""
        self._line.rest()
        self._is_told = False

    def position(self) -> AgvPosition:
        """Where it is, and how sure that is."""
        pose = self._odometry.pose
        here = pose or Pose(0.0, 0.0, 0.0, "")
        return AgvPosition(
            x=round(here.x, 3),
            y=round(here.y, 3),
            theta=max(-_HALF_TURN, min(_HALF_TURN, round(here.theta, 4))),
            map_id=here.map_id,
            position_initialized=pose is not None,
            localization_score=round(self._odometry.score, 2),
            deviation_range=None if pose is None else round(self._odometry.deviation_m, 2),
        )

    def pose(self) -> Pose | None:
        """By odometry, from where a person placed it."""
        return self._odometry.pose

    def velocity(self) -> Velocity | None:
        """As its encoders have it."""
        state = self._line.last
        if state is None:
            return None
        left, right = state.left / 1000, state.right / 1000
        return Velocity(vx=(left + right) / 2, vy=0.0, omega=round((right - left) / (2 * self._half_m), 3))

    def battery(self) -> BatteryState:
        """It has no gauge: the standard wants a number, and an information says that it is none."""
        return BatteryState(battery_charge=100.0, charging=False)

    def safety(self) -> SafetyState:
        """MANUAL: its button has to come out first; REMOTE: whoever sees it may release the stop."""
        stop = EStop.NONE
        if self.has("emergency-stop"):
            stop = EStop.MANUAL if self.has("button-pressed") else EStop.REMOTE
        return SafetyState(e_stop=stop, field_violation=self.has("bumper-left") or self.has("bumper-right"))

    def loads(self) -> tuple[Load, ...] | None:
        """By its load cell."""
        grams = self._line.load_g
        if grams is None:
            return None
        return (Load(weight=grams / 1000),) if grams >= LOADED_G else ()

    def place(self, pose: Pose) -> bool:
        """A person says where it stands; not while it moves, or before its wheels have told anything."""
        state = self._line.last
        if state is None or state.ways is None or self.driving() or not pose.map_id:
            return False
        self._odometry.place(replace(pose, theta=turn(pose.theta)))
        return True

    def go(self, node: Node, edge: Edge) -> bool:
        """See the class. Where it may not or cannot drive it stands."""
        goal, here = node.node_position, self._odometry.pose
        if goal is None or here is None or goal.map_id != here.map_id or self._is_held():
            self.stop()
            return False
        if in_range(here, goal, NEAR_M, NEAR_RAD):
            self.stop()
            return True
        left_m = distance(here, goal)
        if left_m <= NEAR_M:
            self._drive(0.0, turn((goal.theta or 0.0) - here.theta))
        else:
            aside = turn(math.atan2(goal.y - here.y, goal.x - here.x) - here.theta)
            fastest = min(edge.max_speed or FASTEST_M_S, FASTEST_M_S)
            speed = min(fastest, max(SLOWEST_M_S, _GAIN * left_m))
            self._drive(0.0 if abs(aside) > _AHEAD_RAD else speed, aside)
        return False

    def stop(self) -> None:
        """At once, not only when the base hears nothing."""
        if self._is_told:
            self._line.drive(0, 0, self.now)
        self.rest()

    def driving(self) -> bool:
        """Whether it moves, or was told to."""
        return self._is_told or self.has("moving")

    def begin(self, action: Action) -> None:
        """Only a release is something to do; the load cell sees the others happen."""
        if action.action_type == RELEASE:
            self._line.release()

    def progress(self, action: Action) -> Progress:
        """See the class."""
        grams = self._line.load_g
        match action.action_type:
            case one if one == RELEASE:
                done = not self.has("emergency-stop")
                return Progress(ActionStatus.FINISHED if done else ActionStatus.RUNNING)
            case _ if grams is None:
                return Progress(ActionStatus.FAILED, "the load cell tells nothing: is it plugged in?")
            case one if one == PICK:
                return _awaited(grams >= LOADED_G, f"{grams} g were put on it")
            case _:
                return _awaited(grams < LOADED_G, "it was taken")

    def abort(self, action: Action) -> bool:
        """Nothing moves in any of its actions."""
        return True

    def _is_held(self) -> bool:
        return any(map(self.has, ("emergency-stop", "button-pressed", "bumper-left", "bumper-right")))

    def _drive(self, speed: float, aside: float) -> None:
        """Forward in m/s, and turned by what it looks aside (rad, to the left)."""
        spin = max(-TURNS_RAD_S, min(TURNS_RAD_S, _GAIN * aside)) * self._half_m
        if speed == 0.0 and abs(spin) < SLOWEST_M_S / 2:
            spin = math.copysign(SLOWEST_M_S / 2, spin)
        self._line.drive(round(1000 * (speed - spin)), round(1000 * (speed + spin)), self.now)
        self._is_told = True


def _awaited(done: bool, result: str) -> Progress:
    return Progress(ActionStatus.FINISHED, result) if done else Progress(ActionStatus.RUNNING)
