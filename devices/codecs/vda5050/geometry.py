"""Whether a vehicle is at a node: within its ellipse, and turned as it asks.

Source: VDA 5050 2.1.0, 6.10.2; 3.0.0, 6.6.2 and 6.6.2.1.
"""

import math
from dataclasses import dataclass

from devices.codecs.vda5050.order import AllowedDeviation, NodePosition


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a vehicle is: m and rad, on a map."""

    x: float
    y: float
    theta: float
    map_id: str


def turn(theta: float) -> float:
    """The same direction within -pi to pi."""
    return math.remainder(theta, math.tau)


def distance(pose: Pose, position: NodePosition) -> float:
    """How far it is, in m."""
    return math.hypot(position.x - pose.x, position.y - pose.y)


def in_range(pose: Pose, position: NodePosition, usual: float, usual_theta: float = math.pi) -> bool:
    """Whether it counts as there; `usual` (m) and `usual_theta` (rad) where the node says no deviation, or 0,
    which asks for as near as the vehicle can."""
    if pose.map_id != position.map_id or not _within(pose, position, usual):
        return False
    if position.theta is None:
        return True
    allowed = position.allowed_deviation_theta or usual_theta
    return abs(turn(pose.theta - position.theta)) <= allowed


def _within(pose: Pose, position: NodePosition, usual: float) -> bool:
    given = position.allowed_deviation_xy or AllowedDeviation.circle(usual)
    a, b = max(given.a, usual), max(given.b, usual)
    x, y = pose.x - position.x, pose.y - position.y
    along = x * math.cos(given.theta) + y * math.sin(given.theta)
    across = y * math.cos(given.theta) - x * math.sin(given.theta)
    return (along / a) ** 2 + (across / b) ** 2 <= 1
