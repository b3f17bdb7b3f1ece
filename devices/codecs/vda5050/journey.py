"""A vehicle's way along its order: what it has passed and what is ahead.

Source: VDA 5050 2.1.0, 6.6.2, 6.6.3 and 6.10.2; 3.0.0, 6.1.2, 6.1.3 and 6.6.2.
"""

from devices.codecs.vda5050.base import Base
from devices.codecs.vda5050.order import Edge, Node, Order
from devices.codecs.vda5050.queue import ActionQueue
from devices.codecs.vda5050.rules import steps
from devices.codecs.vda5050.state import EdgeState, NodeState
from devices.codecs.vda5050.stitching import Held, merge


class Journey:
    """The order that a vehicle has, or had last, and how far it is."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self.actions = ActionQueue(base)
        self.last_node_id = ""
        self.last_node_sequence_id = 0
        self._held: tuple[Order, Order] | None = None
        """The whole order, and the message that came last."""
        self._ahead: list[Node | Edge] = []
        self._entered = False
        """Whether the edge ahead has been entered."""
        self._cancelled = False

    def held(self) -> Held | None:
        """What an order that comes is judged against."""
        if self._held is None:
            return None
        order, message = self._held
        last = (self.last_node_id, self.last_node_sequence_id)
        return Held(order, message, self.idle(), self._cancelled, *last)

    def idle(self) -> bool:
        """Whether nothing is left to drive or to do, the horizon included."""
        return not self._ahead and self.actions.idle()

    def begin(self, order: Order) -> None:
        """A new order: the vehicle stands at its first node."""
        self._held = order, order
        self._cancelled = self._entered = False
        self.actions.clear()
        self._ahead = steps(order)
        self._expect()
        self._pass_node()

    def extend(self, update: Order) -> None:
        """An update: its horizon takes the place of the last one's. The first node's contents are known."""
        assert self._held
        gone = [step for step in self._ahead if not step.released]
        self.actions.forget(action for step in gone for action in step.actions)
        self._held = merge(self._held[0], update), update
        self._ahead = [step for step in self._ahead if step.released] + steps(update)[1:]
        self._expect()

    def cancel(self) -> None:
        """cancelOrder: nothing more is driven, and done only what cannot be aborted."""
        self._cancelled = True
        self._ahead.clear()
        self.actions.cancel()
        self._base.stop()

    def step(self, paused: bool) -> None:
        """Drive and act a little further."""
        self._act()
        edge, node = self._next()
        if edge is None or node is None or paused or not self.actions.may_drive():
            self._base.stop()
            return
        if not self._entered:
            self._entered = True
            self.actions.trigger(edge.actions)
        elif self._base.go(node, edge):
            self._arrive(edge)
        self._act()

    def wants_base(self) -> bool:
        """Whether it nears the end of its base, and there is a horizon."""
        released = [step for step in self._ahead if step.released]
        return len(released) <= 2 and len(released) < len(self._ahead)

    def node_states(self) -> tuple[NodeState, ...]:
        """The nodes ahead."""
        nodes = [step for step in self._ahead if isinstance(step, Node)]
        return tuple(
            NodeState(
                node_id=one.node_id,
                sequence_id=one.sequence_id,
                node_description=one.node_description,
                released=one.released,
                node_position=one.node_position,
            )
            for one in nodes
        )

    def edge_states(self) -> tuple[EdgeState, ...]:
        """The edges ahead."""
        edges = [step for step in self._ahead if isinstance(step, Edge)]
        return tuple(
            EdgeState(
                edge_id=one.edge_id,
                sequence_id=one.sequence_id,
                edge_description=one.edge_description,
                released=one.released,
                trajectory=one.trajectory,
            )
            for one in edges
        )

    def _arrive(self, edge: Edge) -> None:
        self._ahead.pop(0)
        self._entered = False
        self.actions.end(edge.actions)
        self._pass_node()

    def _act(self) -> None:
        """Stand still where an action or the end of the base asks for it, and then begin what may begin."""
        if not self.actions.may_drive() or self._next() == (None, None):
            self._base.stop()
        self.actions.step()

    def _next(self) -> tuple[Edge | None, Node | None]:
        """The released edge ahead and the node behind it."""
        match self._ahead[:2]:
            case [Edge(released=True) as edge, Node() as node]:
                return edge, node
            case _:
                return None, None

    def _expect(self) -> None:
        self.actions.expect(action for step in self._ahead for action in step.actions)

    def _pass_node(self) -> None:
        node = self._ahead.pop(0)
        assert isinstance(node, Node)
        self.last_node_id, self.last_node_sequence_id = node.node_id, node.sequence_id
        self.actions.trigger(node.actions)
