"""Orders for the serial base as a vehicle, and where its wheels really brought it."""

import math
from collections.abc import Sequence
from itertools import pairwise

from devices.codecs.vda5050.action import Action, InstantActions, parameters_of
from devices.codecs.vda5050.header import Header
from devices.codecs.vda5050.order import Edge, Node, NodePosition, Order
from hil.sims.models.robot_base import Motors

SERIAL, WHEEL_BASE_MM = "robot-2", 300
_STEPS = 10


def head(serial: str = SERIAL) -> Header:
    """Of a message for it."""
    return Header(
        header_id=0,
        timestamp="2026-01-01T00:00:00.000Z",
        version="2.1.0",
        manufacturer="Wardlink",
        serial_number=serial,
    )


def at(
    name: str, x: float = 0.0, y: float = 0.0, theta: float | None = None, actions: tuple[Action, ...] = ()
) -> Node:
    """A node of the ward's map."""
    position = NodePosition(x=x, y=y, theta=theta, map_id="ward")
    return Node(node_id=name, sequence_id=0, released=True, node_position=position, actions=actions)


def order(
    way: Sequence[Node],
    *,
    released: int | None = None,
    update: int = 0,
    first: int = 0,
    order_id: str = "o-1",
) -> Order:
    """Along these nodes, of which so many are released (None: all)."""
    base = len(way) if released is None else released
    nodes = tuple(
        Node(
            node_id=one.node_id,
            sequence_id=first + 2 * place,
            released=place < base,
            node_position=one.node_position,
            actions=one.actions,
        )
        for place, one in enumerate(way)
    )
    edges = tuple(
        Edge(
            edge_id=f"{before.node_id}-{after.node_id}",
            sequence_id=before.sequence_id + 1,
            released=after.released,
            start_node_id=before.node_id,
            end_node_id=after.node_id,
        )
        for before, after in pairwise(nodes)
    )
    return Order(header=head(), order_id=order_id, order_update_id=update, nodes=nodes, edges=edges)


def actions(name: str, number: int = 1, **parameters: object) -> InstantActions:
    """One instant action."""
    made = Action(action_type=name, action_id=f"{name}-{number}", action_parameters=parameters_of(parameters))
    return InstantActions(header=head(), actions=(made,))


class TrueMotors(Motors):
    """Wheels that know where they really are: x and y in m, heading in rad, from where they began."""

    def __init__(self) -> None:
        super().__init__()
        self.pose = (0.0, 0.0, 0.0)

    def turn(self, seconds: float) -> None:
        """Let time pass, in steps that are too small to matter."""
        super().turn(seconds)
        left, right = (speed / 1000 for speed in self.speeds)
        x, y, theta = self.pose
        for _ in range(_STEPS):
            part = seconds / _STEPS
            theta += (right - left) / (WHEEL_BASE_MM / 1000) * part
            x += (left + right) / 2 * math.cos(theta) * part
            y += (left + right) / 2 * math.sin(theta) * part
        self.pose = (x, y, theta)
