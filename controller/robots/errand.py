"""One order of VDA 5050 for one robot, and how it stands to the fleet's own numbers and nodes.

    errand = begin(go, start, ground, names)          # a new order, from where the robot stands
    further = extend(errand, go, ground, names)       # None: there is nothing to tell
    errand.place(sequence)                            # the fleet's node and sequence, and whether between

The order ends at the node that has its action: what comes after an action is another order, so no vehicle is
ever sent an action twice. A robot that stands between nodes begins where it stands, at a node of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from controller.robots.decisions import Go, Point
from controller.robots.ground import Ground
from controller.robots.handling import can_do, told_at
from controller.robots.vehicles import Action as Doing
from devices.codecs.vda5050.action import Action, parameters_of
from devices.codecs.vda5050.factsheet import Factsheet
from devices.codecs.vda5050.header import Header
from devices.codecs.vda5050.order import AllowedDeviation, Edge, Node, NodePosition, Order
from devices.codecs.vda5050.stitching import merge, stitch
from devices.codecs.vda5050.words import ActionScope, BlockingType

HORIZON = 6
"""So many nodes behind its base a robot is told, so that it need not slow down for what comes."""
HERE = "here"
"""The node where a robot begins that stands between two of the map."""
NEAR_M = 0.3
"""A robot so near to a node is at it."""
_HERE_M, _LEAD_SPEED = 0.5, 0.3


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a robot says it is: m, on a floor."""

    x: float
    y: float
    floor: str


@dataclass(frozen=True, slots=True)
class Start:
    """From which of the fleet's points a new order goes on. `here`: the robot stands beside it, or behind it.

    `behind`: it has left it already, so the order begins with the next.
    """

    index: int
    here: Pose | None = None
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Errand:
    """What a robot was told last, whole. `number` is the fleet's; -1: of another run of this process."""

    number: int
    order: Order
    shift: int
    """The fleet's sequence less the order's."""
    first: int
    """The fleet's sequence of where it begins; before that node, the robot counts as there."""
    begins: str
    """The fleet's node there."""
    here: bool
    action: Doing
    action_id: str
    """Of what is done at its end; "": nothing is, or that end is not told yet."""
    transport: str | None
    revision: str
    """Of the map that it was made of."""

    def place(self, sequence: int) -> tuple[str, int, bool] | None:
        """Of a sequence id of the order: the fleet's node, its sequence, whether the robot is between nodes
        there; None: it is not of the base."""
        fleet = max(sequence + self.shift, self.first)
        if fleet == self.first:
            return self.begins, fleet, self.here and sequence == 0
        node = next((n for n in self.order.base() if n.sequence_id == sequence), None)
        return node and (node.node_id, fleet, False)

    @property
    def end(self) -> int:
        """The fleet's sequence of the last node of its base."""
        point = self.order.decision_point()
        return self.first if point is None else max(point.sequence_id + self.shift, self.first)

    @property
    def ends_with_action(self) -> bool:
        """Whether the last node of its base is where its action is."""
        point = self.order.decision_point()
        return bool(point and any(one.action_id == self.action_id for one in point.actions))


@dataclass(frozen=True, slots=True)
class Names:
    """What a new order is called, and who is told."""

    order_id: str
    header: Header
    revision: str
    sheet: Factsheet | None = None
    """What the robot can; None: it has not said."""
    speed: float = 5.0
    """m/s at most."""
    charging: bool = False
    """It is at a charger, and has to be let off first."""


def begin(go: Go, start: Start, ground: Ground, names: Names) -> Errand:
    """A new order for what the fleet decided, from where the robot stands."""
    points = go.points[start.index : go.released + HORIZON]
    released = go.released - start.index
    nodes = [_node(point, ground) for point in points]
    edges = [_edge(point.edge or "", a, b, ground) for a, b, point in _pairs(nodes, points[1:])]
    first = points[0].sequence
    if start.here:
        here = _here(start.here)
        lead = "" if not start.behind else (points[1].edge or "")
        nodes, edges = (
            ([here, *nodes[1:]], edges) if start.behind else ([here, *nodes], [_lead(nodes[0]), *edges])
        )
        edges[0] = replace(edges[0], start_node_id=HERE, edge_id=lead or edges[0].edge_id)
        released += not start.behind
    shift = first - (2 if start.here and not start.behind else 0)
    order = _numbered(nodes, edges, released, names)
    errand = Errand(
        number=go.order,
        order=order,
        shift=shift,
        first=first,
        begins=points[0].node,
        here=bool(start.here),
        action=go.action,
        action_id="",
        transport=go.transport,
        revision=names.revision,
    )
    return _slow(_let_off(_with_action(errand, go, ground, names.sheet), names), names.speed)


def extend(errand: Errand, go: Go, ground: Ground, names: Names) -> tuple[Errand, Order] | None:
    """The errand further, and the message that says so; None: its base does not grow."""
    index = next((i for i, point in enumerate(go.points) if point.sequence == errand.end), None)
    if index is None or index >= go.released - 1:
        return None
    points = go.points[index : go.released + HORIZON]
    nodes = [_node(point, ground) for point in points]
    edges = [_edge(point.edge or "", a, b, ground) for a, b, point in _pairs(nodes, points[1:])]
    released = go.released - index
    nodes = [replace(node, released=i < released) for i, node in enumerate(nodes)]
    edges = [replace(edge, released=i + 1 < released) for i, edge in enumerate(edges)]
    update = stitch(errand.order, names.header, nodes[1:], edges, resend_actions=False)
    further = replace(errand, order=update, action=go.action, action_id="", transport=go.transport)
    further = _slow(_with_action(further, go, ground, names.sheet), names.speed)
    return replace(further, order=merge(errand.order, further.order)), further.order


def _pairs(nodes: Sequence[Node], points: Sequence[Point]) -> list[tuple[Node, Node, Point]]:
    return list(zip(nodes, nodes[1:], points, strict=False))


def _node(point: Point, ground: Ground) -> Node:
    node = ground.map.by_id[point.node]
    position = NodePosition(x=node.x, y=node.y, map_id=node.map)
    return Node(node_id=point.node, sequence_id=0, released=False, node_position=position)


def _here(pose: Pose) -> Node:
    """Where it stands now; the deviation is what it may have moved meanwhile."""
    near = AllowedDeviation.circle(_HERE_M)
    position = NodePosition(x=pose.x, y=pose.y, map_id=pose.floor, allowed_deviation_xy=near)
    return Node(node_id=HERE, sequence_id=0, released=False, node_position=position)


def _edge(name: str, start: Node, end: Node, ground: Ground) -> Edge:
    speed = ground.map.edges[ground.edge[name] - ground.nodes].speed
    return Edge(
        edge_id=name,
        sequence_id=0,
        released=False,
        max_speed=speed,
        start_node_id=start.node_id,
        end_node_id=end.node_id,
    )


def _lead(to: Node) -> Edge:
    """From where it stands to the first node of its way: slowly."""
    return Edge(
        edge_id=f"{HERE}-{to.node_id}",
        sequence_id=0,
        released=False,
        max_speed=_LEAD_SPEED,
        start_node_id=HERE,
        end_node_id=to.node_id,
    )


def _numbered(nodes: Sequence[Node], edges: Sequence[Edge], released: int, names: Names) -> Order:
    return Order(
        header=names.header,
        order_id=names.order_id,
        order_update_id=0,
        nodes=tuple(replace(n, sequence_id=2 * i, released=i < released) for i, n in enumerate(nodes)),
        edges=tuple(
            replace(e, sequence_id=2 * i + 1, released=i + 1 < released) for i, e in enumerate(edges)
        ),
    )


def _with_action(errand: Errand, go: Go, ground: Ground, sheet: Factsheet | None) -> Errand:
    """What is done at the end, if the end is told by now, and the robot can."""
    order, last = errand.order, errand.order.nodes[-1]
    is_end = last.sequence_id + errand.shift == go.points[-1].sequence
    if not is_end or not can_do(sheet, go.action, ground.map.by_id[go.points[-1].node]):
        return errand
    name = f"{order.order_id}-{last.sequence_id}-{go.action}"
    given = told_at(go.action, ground.map.by_id[go.points[-1].node], go.transport, go.load, sheet)
    action = Action(
        action_type=go.action,
        action_id=name,
        blocking_type=BlockingType.HARD,
        action_parameters=parameters_of(given) or None,
    )
    ended = replace(last, actions=(*last.actions, action))
    return replace(errand, order=replace(order, nodes=(*order.nodes[:-1], ended)), action_id=name)


def _let_off(errand: Errand, names: Names) -> Errand:
    """At a charger, charging ends before the robot drives."""
    order, first = errand.order, errand.order.nodes[0]
    has_it = names.sheet is None or names.sheet.action("stopCharging", ActionScope.NODE) is not None
    stays = len(order.nodes) == 1 or not has_it
    if not names.charging or stays:
        return errand
    off = Action(action_type="stopCharging", action_id=f"{order.order_id}-off")
    nodes = (replace(first, actions=(off, *first.actions)), *order.nodes[1:])
    return replace(errand, order=replace(order, nodes=nodes))


def _slow(errand: Errand, speed: float) -> Errand:
    """No faster than the robot is."""
    order = errand.order
    edges = tuple(replace(one, max_speed=min(one.max_speed or speed, speed)) for one in order.edges)
    return replace(errand, order=replace(order, edges=edges))
