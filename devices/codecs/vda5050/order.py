"""Where a vehicle is to drive and what it does on the way: an order's nodes and edges.

Nodes have even sequence ids and edges odd ones. What is released is the base, which does not change any
more; what is not is the horizon. The rules beyond the types: `rules.py`, `stitching.py`.
Source: VDA 5050 2.1.0, 6.6 and 6.6.6; 3.0.0, 6.1 and 7.3.
"""

from dataclasses import dataclass, field
from typing import Annotated

from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.errors import BadField, Unsayable
from devices.codecs.vda5050.header import Header
from devices.codecs.vda5050.values import Codec, Number
from devices.codecs.vda5050.version import SINCE_2_1, V2, V3, Version
from devices.codecs.vda5050.wire import PI, Angle, Bounds, Fraction, JsonObject, Positive, Uint32, Wire
from devices.codecs.vda5050.words import CorridorLoss, CorridorRefPoint, OrientationType

_XY, _XY_2_0 = "allowedDeviationXY", "allowedDeviationXy"
_ROTATION = Wire(v3="maximumRotationSpeed", also=("maxRotationSpeed",))


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedDeviation:
    """An ellipse around a node, in m and rad: a vehicle within it is there. Version 2 has circles only."""

    a: Positive
    b: Positive
    theta: Annotated[float, Bounds(least=-PI / 2, most=PI / 2)] = 0.0
    extra: JsonObject = field(default_factory=dict[str, object])

    @classmethod
    def circle(cls, radius: float) -> "AllowedDeviation":
        """So far in every direction (m)."""
        return cls(a=radius, b=radius)

    @classmethod
    def codec_in(cls, version: Version) -> Codec | None:
        """A number in version 2, an object (None: the usual) since."""
        return _Circle() if version.major == 2 else None


@dataclass(frozen=True, slots=True)
class _Circle:
    """The deviation as version 2 has it: its radius."""

    def read(self, item: object) -> AllowedDeviation:
        fault = Bounds(least=0).fault(radius := Number().read(item))
        if fault:
            raise BadField(fault)
        return AllowedDeviation.circle(radius)

    def write(self, value: AllowedDeviation) -> float:
        if value != AllowedDeviation.circle(value.a):
            raise Unsayable(f"version 2 has a circle only, got an ellipse {value.a:g} by {value.b:g} m")
        return Number(Bounds(least=0)).write(value.a)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePosition:
    """Where a node is: m and rad, in the map's coordinates."""

    x: float
    y: float
    theta: Angle | None = None
    allowed_deviation_xy: Annotated[
        AllowedDeviation | None,
        Wire(v2=_XY, v2_0=_XY_2_0, v3=_XY, also=(_XY, _XY_2_0)),
    ] = None
    allowed_deviation_theta: Annotated[float | None, Bounds(least=0, most=PI)] = None
    map_id: str
    map_description: Annotated[str | None, Wire(only=V2)] = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPoint:
    """Of a NURBS curve; m."""

    x: float
    y: float
    weight: Positive | None = None
    extra: JsonObject = field(default_factory=dict[str, object])

    def fault(self, version: Version) -> tuple[str, str] | None:
        """What 3.0 does not allow, if anything."""
        return ("expected more than 0, got 0", "weight") if self.weight == 0 and version in V3 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """A path as a NURBS curve. 3.0 needs neither degree (1) nor knots (equidistant)."""

    degree: Annotated[int | None, Wire(needed=V2), Bounds(least=1)] = None
    knot_vector: Annotated[tuple[Fraction, ...] | None, Wire(needed=V2)] = None
    control_points: tuple[ControlPoint, ...]
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """How far a vehicle may leave an edge's path, in m."""

    left_width: Positive
    right_width: Positive
    corridor_ref_point: Annotated[CorridorRefPoint | None, Wire(v3="corridorReferencePoint")] = None
    release_required: Annotated[bool | None, Wire(only=V3)] = None
    release_loss_behavior: Annotated[CorridorLoss | None, Wire(only=V3)] = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A place to pass."""

    node_id: str
    sequence_id: Uint32
    node_description: Annotated[str | None, Wire(v3="nodeDescriptor")] = None
    released: bool
    node_position: NodePosition | None = None
    actions: tuple[Action, ...] = ()
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The way from one node to the next; m, m/s, rad, rad/s."""

    edge_id: str
    sequence_id: Uint32
    edge_description: Annotated[str | None, Wire(v3="edgeDescriptor")] = None
    released: bool
    start_node_id: str
    end_node_id: str
    max_speed: Annotated[float | None, Wire(v3="maximumSpeed")] = None
    max_height: Annotated[float | None, Wire(v3="maximumMobileRobotHeight")] = None
    min_height: Annotated[float | None, Wire(v3="minimumLoadHandlingDeviceHeight")] = None
    orientation: Angle | None = None
    orientation_type: OrientationType | None = None
    direction: str | None = None
    rotation_allowed: Annotated[bool | None, Wire(only=V2)] = None
    reach_orientation_before_entering: Annotated[bool | None, Wire(only=V3)] = None
    max_rotation_speed: Annotated[
        float | None, Wire(v3="maximumRotationSpeed", also=("maxRotationSpeed",))
    ] = None
    length: float | None = None
    trajectory: Trajectory | None = None
    corridor: Annotated[Corridor | None, Wire(only=SINCE_2_1)] = None
    actions: tuple[Action, ...] = ()
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Topic order."""

    header: Annotated[Header, Wire(flat=True)]
    order_id: str
    order_update_id: Uint32
    zone_set_id: Annotated[str | None, Wire(only=V2)] = None
    order_description: Annotated[str | None, Wire(only=V3)] = None
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    extra: JsonObject = field(default_factory=dict[str, object])

    def base(self) -> tuple[Node, ...]:
        """The released nodes."""
        return tuple(node for node in self.nodes if node.released)

    def decision_point(self) -> Node | None:
        """The last released node, where an update is stitched on."""
        return next((node for node in reversed(self.nodes) if node.released), None)
