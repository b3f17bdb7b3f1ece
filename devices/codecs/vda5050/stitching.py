"""How an order goes on: what a vehicle makes of an order that comes, and how a master extends one.

    verdict, problems = judge(order, held, version)     # figure 8 of the standard
    update = stitch(held.order, header, nodes, edges)   # the master's next message

An update begins with the last released node of the base, the decision point, whose id, sequence id and
contents do not change: its deviations and its actions are sent again. A vehicle takes the contents from the
first message, and does not run these actions again (2.1.0, 6.6.2; 3.0.0, 6.1.2). Not every vehicle keeps to
it: vda-5050-lib (Node.js) adds the actions of a resent node to those that it has, and runs them again under
the same ids. For such a one, `resend_actions=False` sends the node without actions, which a vehicle that
keeps to the standard does not look at anyway. New actions at the place where the vehicle stands need a node
of their own, two sequence ids further (3.0.0, figure 7).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from devices.codecs.vda5050.errors import BadField
from devices.codecs.vda5050.header import Header
from devices.codecs.vda5050.order import Edge, Node, Order
from devices.codecs.vda5050.problems import ErrorType, Problem
from devices.codecs.vda5050.rules import faults_of
from devices.codecs.vda5050.version import Version


class Verdict(Enum):
    """What a vehicle makes of an order."""

    NEW = auto()
    """It takes the place of the last one."""
    UPDATE = auto()
    """It extends the one that the vehicle has."""
    SAME = auto()
    """The vehicle has it already: nothing is to be done."""
    REJECTED = auto()


@dataclass(frozen=True, slots=True)
class Held:
    """The order that a vehicle has, or had last.

    `order` is whole, as `merge` puts it together; `message` is what came last. `idle`: nothing is left to
    drive or to do, the horizon included. `cancelled`: it was ended by cancelOrder.
    """

    order: Order
    message: Order
    idle: bool
    cancelled: bool
    last_node_id: str
    last_node_sequence_id: int


def judge(order: Order, held: Held | None, version: Version) -> tuple[Verdict, list[Problem]]:
    """What to make of an order; the problems are those it is rejected for. Where the vehicle stands and what
    it can do is not looked at: `rules.beyond`, `in_range`."""
    faults = faults_of(order)
    if faults:
        return Verdict.REJECTED, faults
    if held is None or order.order_id != held.order.order_id:
        return _new(order, held, version)
    return _update(order, held, version)


def _new(order: Order, held: Held | None, version: Version) -> tuple[Verdict, list[Problem]]:
    if held and not held.idle:
        why = f"expected an update of the order {held.order.order_id}, which is active, got another order"
        return _rejected(order, ErrorType.OTHER_ACTIVE, why, "Cancel the active order, or wait for its end.")
    begins = (order.order_update_id, order.nodes[0].sequence_id)
    if version.major > 2 and begins != (0, 0):
        why = f"expected a new order with orderUpdateId 0 and sequenceId 0, got {begins[0]} and {begins[1]}"
        return _rejected(order, ErrorType.CONTINUATION, why, "Begin the order anew.")
    return Verdict.NEW, []


def _update(order: Order, held: Held, version: Version) -> tuple[Verdict, list[Problem]]:
    known = held.order.order_update_id
    if order.order_update_id < known:
        why = f"expected an orderUpdateId above {known}, got {order.order_update_id}"
        return _rejected(order, ErrorType.OUTDATED, why)
    if held.cancelled:
        why = "expected a new order after cancelOrder, got an update of the cancelled one"
        return _rejected(order, ErrorType.AFTER_CANCEL, why, "Send a new order with another orderId.")
    if order.order_update_id == known:
        if version.major == 2 or replace(order, header=held.message.header) == held.message:
            return Verdict.SAME, []
        why = f"expected what came with orderUpdateId {known} before, got something else"
        return _rejected(order, ErrorType.SAME_UPDATE, why)
    wanted, got = _seam(held, version), (order.nodes[0].node_id, order.nodes[0].sequence_id)
    if got != wanted:
        why = f"expected the node {wanted[0]!r} as number {wanted[1]} first, got {got[0]!r} as {got[1]}"
        return _rejected(order, ErrorType.CONTINUATION, why, "Begin with the last released node.")
    return Verdict.UPDATE, []


def _seam(held: Held, version: Version) -> tuple[str, int]:
    """Which node an update must begin with: in version 2, where all is done, the last one that was passed."""
    point = held.order.decision_point()
    if point is None or (held.idle and version.major == 2):
        return held.last_node_id, held.last_node_sequence_id
    return point.node_id, point.sequence_id


def merge(held: Order, update: Order) -> Order:
    """The whole order after an update: its base stays as it is, its horizon is replaced."""
    return replace(
        update,
        nodes=(*held.base(), *update.nodes[1:]),
        edges=(*(edge for edge in held.edges if edge.released), *update.edges),
    )


def stitch(
    held: Order, header: Header, nodes: Sequence[Node], edges: Sequence[Edge], *, resend_actions: bool = True
) -> Order:
    """The update that extends `held` from its decision point by these, which are numbered here.

    Raises BadField for an order without a released node. What is wrong with the new part `faults_of` tells.
    """
    point = held.decision_point()
    if point is None:
        raise BadField("expected an order with a released node, got one without", "nodes")
    first = point.sequence_id
    return replace(
        held,
        header=header,
        order_update_id=held.order_update_id + 1,
        nodes=(
            point if resend_actions else replace(point, actions=()),
            *(replace(one, sequence_id=first + 2 * place) for place, one in enumerate(nodes, 1)),
        ),
        edges=tuple(replace(one, sequence_id=first + 2 * place + 1) for place, one in enumerate(edges)),
    )


def _rejected(
    order: Order, kind: ErrorType, why: str, hint: str | None = None
) -> tuple[Verdict, list[Problem]]:
    about = {"orderId": order.order_id, "orderUpdateId": str(order.order_update_id)}
    return Verdict.REJECTED, [Problem(kind, why, about, hint)]
