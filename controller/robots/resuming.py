"""What is left of the order that a robot was sent before a start, if it goes on with it.

    left = left_of(errand, facts, ground)      # None: it cannot be known, so the robot is asked to stand
    left.path, left.besides                    # as traffic.py has them

Known are the order whole, as it was sent last, and where the robot was by its last words. What of the base it
has not said to have passed may still lie ahead, also where it has not said yet that it has the order.
"""

from dataclasses import dataclass

from controller.robots.errand import Errand
from controller.robots.facts import NEAR_M, Facts, away
from controller.robots.ground import Ground
from controller.robots.placing import locate
from controller.robots.traffic import NO_EDGE, Step
from controller.robots.vehicles import Report


@dataclass(frozen=True, slots=True)
class Left:
    """The steps of its base from where it is; `besides`: parts that it is on or near, off that way."""

    path: list[Step]
    besides: int


def left_of(errand: Errand, facts: Facts, ground: Ground) -> Left | None:
    """What is left of `errand` for a robot of which these were the last words; None: it has dropped
    or ended it, has another one, or it is of another map."""
    order = errand.order
    has_it = facts.state.order_id == order.order_id
    ended, is_first = facts.is_idle, order.order_update_id == 0
    counts = not ended if has_it else ended and is_first
    place = errand.place(facts.sequence if has_it else 0) if counts else None
    if place is None or errand.revision != ground.map.revision:
        return None
    path = _path(errand, place[1], ground)
    if path is None:
        return None
    besides = _besides(facts, path[0], ground) if place[2] or not has_it else 0
    return None if besides is None else Left(path, besides)


def _path(errand: Errand, sequence: int, ground: Ground) -> list[Step] | None:
    """From the fleet's `sequence` to the end of the base; None: it is not all on this map."""
    edges = {edge.sequence_id: edge.edge_id for edge in errand.order.edges}
    begins = errand.begins if sequence == errand.first else None
    path: list[Step] = []
    for node in errand.order.base():
        at = max(node.sequence_id + errand.shift, errand.first)
        if at < sequence or (path and at == path[0].sequence):
            continue
        name = begins if not path and begins else node.node_id
        edge = ground.edge.get(edges.get(node.sequence_id - 1, "")) if path else NO_EDGE
        if name not in ground.node or edge is None:
            return None
        path.append(Step(edge, ground.node[name], at))
    return path or None


def _besides(facts: Facts, step: Step, ground: Ground) -> int | None:
    """What it stands on that begins beside the map's nodes; None: nowhere."""
    pose, node = facts.pose, ground.ids[step.node]
    if pose is None or away(pose, node, ground) <= NEAR_M:
        return 0
    found = locate(ground, Report("", 0, pose=(pose.x, pose.y, pose.floor)))
    return found and found[1] | 1 << found[0]
