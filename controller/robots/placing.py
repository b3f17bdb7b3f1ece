"""From what a robot reports to where that is: on the map, and on the way that it was given."""

from controller.robots.ground import Ground, mask_of
from controller.robots.traffic import Claim
from controller.robots.vehicles import Report

_ON_M = 0.3
"""So near to a node or an edge, a robot is on it."""
_LOST_M = 2.5
"""Farther than this from everything, it cannot be told where to drive."""

Place = tuple[int, int]
"""The node from where it goes on, and a mask of parts that it is on or near besides."""


def locate(ground: Ground, report: Report) -> Place | None:
    """Where a robot is by its own word; None: nowhere on this map."""
    node = None if report.node is None else ground.node.get(report.node)
    edge = None if report.edge is None else ground.edge.get(report.edge)
    if edge is not None:
        return _on_edge(ground, edge, node)
    if node is not None:
        return node, 0
    return _by_pose(ground, *report.pose) if report.pose else None


def _on_edge(ground: Ground, edge: int, node: int | None) -> Place:
    ends = ground.ends(edge)
    start = node if node in ends else ends[0]
    return start, mask_of((edge, *ends))


def _by_pose(ground: Ground, x: float, y: float, floor: str) -> Place | None:
    near = ground.near(floor, (x, y), _LOST_M)
    if not near:
        return None
    away, part = near[0]
    if part >= ground.nodes:
        ends = ground.ends(part)
        node = min(ends, key=lambda end: _apart(ground, end, x, y))
        besides = mask_of((part, *ends))
    else:
        node, besides = part, 0
    if away > _ON_M:
        besides |= mask_of(other for apart, other in near if apart < 2 * ground.map.radius_m)
    return node, besides


def _apart(ground: Ground, node: int, x: float, y: float) -> float:
    at_x, at_y = ground.at(node)
    return (at_x - x) ** 2 + (at_y - y) ** 2


def index_of(ground: Ground, claim: Claim, report: Report) -> int | None:
    """Of the claim's path, where the robot is: where it was, if the report adds nothing; None: off it."""
    given = claim.path[: claim.given + 1]
    node = None if report.node is None else ground.node.get(report.node)
    if report.order is not None and report.order != claim.order:
        return claim.at if node == given[claim.at].node else None
    if report.sequence is not None and node is not None:
        if report.sequence < given[claim.at].sequence:
            return claim.at
        fits = (i for i, s in enumerate(given) if (s.sequence, s.node) == (report.sequence, node))
        return next(fits, None)
    return _guessed(ground, claim, report)


def _guessed(ground: Ground, claim: Claim, report: Report) -> int | None:
    """Without a sequence: the first place ahead that fits, so that nothing is given back too early."""
    place = locate(ground, report)
    if place is None:
        return claim.at
    node, besides = place
    steps = range(claim.at, claim.given + 1)
    if besides:
        on = (i - 1 for i in steps if i > claim.at and besides >> claim.path[i].edge & 1)
        return next(on, claim.at if besides & claim.held else None)
    return next((i for i in steps if claim.path[i].node == node), None)
