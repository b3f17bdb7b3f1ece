"""Where a base with two driven wheels is, by what its wheels rolled since somebody said where it stood.

    odometry = Odometry(wheel_base_m=0.3)
    odometry.rolled(boot, left_mm, right_mm)      # of each state of the base
    odometry.place(Pose(…))
    odometry.pose, odometry.deviation_m, odometry.score

Wheels slip, and nothing corrects it: `deviation_m` grows with the way and with each turn, `score` falls. A
new boot of the base forgets where it is: somebody may have carried it. The wheels' whole ways are compared,
so that a state that was lost is no error. Each step is an arc.
"""

import math
from dataclasses import dataclass, field

from devices.codecs.vda5050.geometry import Pose, turn

_SET_M = 0.02
"""How well a person places it."""
_SLIP = 0.02
"""Metres off in each metre of way."""
_SLIP_TURN = 0.03
"""Radians off in each radian of turning: what comes after is off to the side by that."""
_USELESS_M = 1.0
"""Where a score is 0."""


@dataclass(slots=True)
class Odometry:
    """Of one base. `pose` None: not known."""

    wheel_base_m: float
    pose: Pose | None = None
    _rolled: tuple[int, int, int] | None = None
    """Boot, and the ways of the left and the right wheel in mm, as they were last told."""
    _way_m: float = field(default=0.0)
    _askew_rad: float = field(default=0.0)
    _aside_m: float = field(default=0.0)

    @property
    def deviation_m(self) -> float:
        """How far off the pose may be."""
        return _SET_M + _SLIP * self._way_m + self._aside_m

    @property
    def score(self) -> float:
        """1: sure; 0: it does not know where it is."""
        return 0.0 if self.pose is None else max(0.0, 1.0 - self.deviation_m / _USELESS_M)

    def place(self, pose: Pose) -> None:
        """It stands there: a person says so."""
        self.pose = pose
        self._way_m = self._askew_rad = self._aside_m = 0.0

    def rolled(self, boot: int, left_mm: int, right_mm: int) -> None:
        """The base told how far its wheels rolled since that boot."""
        before, self._rolled = self._rolled, (boot, left_mm, right_mm)
        if before is None or before[0] != boot:
            self.pose = None
        elif self.pose is not None:
            self._advance(self.pose, (left_mm - before[1]) / 1000, (right_mm - before[2]) / 1000)

    def _advance(self, pose: Pose, left_m: float, right_m: float) -> None:
        way, angle = (left_m + right_m) / 2, (right_m - left_m) / self.wheel_base_m
        chord = way if abs(angle) < 1e-9 else way * math.sin(angle / 2) / (angle / 2)
        along = pose.theta + angle / 2
        x, y = pose.x + chord * math.cos(along), pose.y + chord * math.sin(along)
        self.pose = Pose(x, y, turn(pose.theta + angle), pose.map_id)
        self._askew_rad += _SLIP_TURN * abs(angle)
        self._aside_m += self._askew_rad * abs(way)
        self._way_m += abs(way)
