"""What the standard demands of an order beyond its types, as problems to report: none for a good order.

    for problem in faults_of(order): …          # of one message, whatever came before it
    for problem in beyond(order, factsheet): …  # what this vehicle has not got, or not room for

Source: VDA 5050 2.1.0, 6.6.1, 6.6.2 and 6.15; 3.0.0, 6.1.1, 7.3 and 7.10.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.order import Edge, Node, Order, Trajectory
from devices.codecs.vda5050.problems import ErrorType, Problem
from devices.codecs.vda5050.words import ActionScope


def actions_of(order: Order) -> Iterator[tuple[Action, ActionScope]]:
    """Every action of its nodes and edges, in the order of travel."""
    for step in steps(order):
        scope = ActionScope.NODE if isinstance(step, Node) else ActionScope.EDGE
        yield from ((action, scope) for action in step.actions)


def steps(order: Order) -> list[Node | Edge]:
    """Nodes and edges in the order of travel."""
    return sorted((*order.nodes, *order.edges), key=lambda step: step.sequence_id)


def faults_of(order: Order) -> list[Problem]:
    """What is wrong with the order, taken alone."""
    if not order.nodes or len(order.edges) != len(order.nodes) - 1:
        counted = f"{len(order.nodes)} nodes and {len(order.edges)} edges"
        return [_graph(order, f"expected at least one node, and one edge less than nodes, got {counted}")]
    return [*_sequence(order), *_joints(order), *_release(order), *_action_ids(order), *_curves(order)]


def _sequence(order: Order) -> Iterator[Problem]:
    """Sequence ids: nodes even, edges odd, without a gap and in order."""
    first = order.nodes[0].sequence_id
    if first % 2:
        why = f"expected an even sequenceId for a node, got {first}"
        yield _graph(order, why, nodeId=order.nodes[0].node_id)
    for before, after in pairwise(order.nodes):
        if after.sequence_id != before.sequence_id + 2:
            why = f"expected sequenceId {before.sequence_id + 2}, got {after.sequence_id}"
            yield _graph(order, why, nodeId=after.node_id)
    for node, edge in zip(order.nodes, order.edges, strict=False):
        if edge.sequence_id != node.sequence_id + 1:
            why = f"expected sequenceId {node.sequence_id + 1}, got {edge.sequence_id}"
            yield _graph(order, why, edgeId=edge.edge_id)


def _joints(order: Order) -> Iterator[Problem]:
    """Each edge leads from the node before it to the one behind it."""
    for (before, after), edge in zip(pairwise(order.nodes), order.edges, strict=True):
        if (edge.start_node_id, edge.end_node_id) != (before.node_id, after.node_id):
            why = f"expected from {before.node_id} to {after.node_id}, "
            got = f"got from {edge.start_node_id} to {edge.end_node_id}"
            yield _graph(order, why + got, edgeId=edge.edge_id)


def _release(order: Order) -> Iterator[Problem]:
    """The base comes first, begins with the first node and ends with a node; then the horizon."""
    path = [step for pair in zip(order.nodes, order.edges, strict=False) for step in pair] + [order.nodes[-1]]
    if not order.nodes[0].released:
        why = "expected a first node that is released, got one of the horizon"
        yield _graph(order, why, nodeId=order.nodes[0].node_id)
    for before, after in pairwise(path):
        if after.released and not before.released:
            why = "expected nothing released behind the horizon's beginning, got this"
            yield _graph(order, why, **_named(after))
    for edge, end in zip(order.edges, order.nodes[1:], strict=True):
        if edge.released and not end.released:
            why = "expected a released node at the end of a released edge, got one of the horizon"
            yield _graph(order, why, edgeId=edge.edge_id)


def _action_ids(order: Order) -> Iterator[Problem]:
    """No two actions have one id."""
    counted = Counter(action.action_id for action, _ in actions_of(order))
    for action_id, times in counted.items():
        if times > 1:
            yield _graph(order, f"expected an actionId of its own, got it {times} times", actionId=action_id)


def _curves(order: Order) -> Iterator[Problem]:
    """Each trajectory is a curve: enough points, and as many knots as they need."""
    for edge in order.edges:
        fault = _curve(edge.trajectory) if edge.trajectory else None
        if fault:
            yield _graph(order, fault, edgeId=edge.edge_id)


def _curve(curve: Trajectory) -> str | None:
    degree, points = curve.degree or 1, len(curve.control_points)
    if points < degree + 1:
        return f"expected at least {degree + 1} control points for degree {degree}, got {points}"
    knots = curve.knot_vector
    needed = points + degree + 1
    if knots is not None and len(knots) != needed:
        return f"expected {needed} knots for {points} points of degree {degree}, got {len(knots)}"
    if any(point.weight == 0 for point in curve.control_points):
        return "expected weights above 0, got 0"
    if knots and any(after < before for before, after in pairwise(knots)):
        return "expected knots that do not go back, got some that do"
    return None


def beyond(order: Order, factsheet: Factsheet) -> list[Problem]:
    """What the vehicle of this factsheet cannot do, or has no room for."""
    return [*_actions_beyond(order, factsheet), *_lengths_beyond(order, factsheet)]


def _actions_beyond(order: Order, factsheet: Factsheet) -> Iterator[Problem]:
    for action, scope in actions_of(order):
        known = factsheet.action(action.action_type, scope)
        if not known:
            why = f"expected an action that the vehicle has for {scope}, got {action.action_type}"
            yield _problem(ErrorType.ACTION, order, why, actionId=action.action_id)
            continue
        if known.blocking_types is not None and action.blocking_type not in known.blocking_types:
            why = f"expected blockingType {', '.join(known.blocking_types)}, got {action.blocking_type}"
            yield _problem(ErrorType.ACTION, order, why, actionId=action.action_id)
        needed = {one.key for one in known.action_parameters or () if not one.is_optional}
        missing = sorted(needed - action.parameters().keys())
        if missing:
            why = f"expected the parameters {', '.join(missing)} of {action.action_type}, got none"
            yield _problem(ErrorType.ACTION, order, why, actionId=action.action_id)


def _lengths_beyond(order: Order, factsheet: Factsheet) -> Iterator[Problem]:
    most = factsheet.protocol_limits.max_array_lens
    lengths = {
        "order.nodes": len(order.nodes),
        "order.edges": len(order.edges),
        "node.actions": _longest(len(node.actions) for node in order.nodes),
        "edge.actions": _longest(len(edge.actions) for edge in order.edges),
        "actions.actionsParameters": _longest(len(a.action_parameters or ()) for a, _ in actions_of(order)),
    }
    for name, length in lengths.items():
        limit = most.get(name, 0)
        if limit and length > limit:
            why = f"expected at most {limit} of {name}, got {length}"
            yield _problem(ErrorType.TOO_MUCH, order, why)


def _longest(lengths: Iterable[int]) -> int:
    return max(lengths, default=0)


def _named(step: Node | Edge) -> dict[str, str]:
    return {"nodeId": step.node_id} if isinstance(step, Node) else {"edgeId": step.edge_id}


def _graph(order: Order, why: str, **references: str) -> Problem:
    return _problem(ErrorType.GRAPH, order, why, **references)


def _problem(kind: ErrorType, order: Order, why: str, **references: str) -> Problem:
    about = {"orderId": order.order_id, "orderUpdateId": str(order.order_update_id)}
    return Problem(kind, why, about | references)
