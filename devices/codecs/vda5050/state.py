"""What a vehicle tells of itself: its order's progress, position, battery, errors and safety.

Source: VDA 5050 2.1.0, 6.10; 3.0.0, 6.6 and 7.8.
"""

from dataclasses import dataclass, field
from typing import Annotated

from devices.codecs.vda5050.action import ActionType
from devices.codecs.vda5050.header import Header
from devices.codecs.vda5050.order import NodePosition, Trajectory
from devices.codecs.vda5050.version import SINCE_2_1, V2, V2_0_ONLY, V3
from devices.codecs.vda5050.wire import Angle, Fraction, JsonObject, Percent, Positive, Uint32, Wire
from devices.codecs.vda5050.words import (
    ActionStatus,
    Enabled,
    ErrorLevel,
    EStop,
    InfoLevel,
    OperatingMode,
)
from devices.codecs.vda5050.zones import EdgeRequest, ZoneRequest, ZoneSetState


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    """A node still to pass."""

    node_id: str
    sequence_id: Uint32
    node_description: Annotated[str | None, Wire(v3="nodeDescriptor")] = None
    released: bool
    node_position: NodePosition | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeState:
    """An edge still to drive."""

    edge_id: str
    sequence_id: Uint32
    edge_description: Annotated[str | None, Wire(v3="edgeDescriptor")] = None
    released: bool
    trajectory: Trajectory | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionState:
    """How far one action is."""

    action_id: str
    action_type: ActionType | None = None
    action_description: Annotated[str | None, Wire(v3="actionDescriptor")] = None
    action_status: ActionStatus
    result_description: Annotated[str | None, Wire(v3="actionResult")] = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class AgvPosition:
    """Where the vehicle is: m, rad; the score 0 (lost) to 1; the deviation in m."""

    x: float
    y: float
    theta: Angle
    map_id: str
    map_description: Annotated[str | None, Wire(only=V2)] = None
    position_initialized: Annotated[bool, Wire(v3="localized")]
    localization_score: Fraction | None = None
    deviation_range: Positive | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Velocity:
    """In the vehicle's own coordinates: m/s and rad/s."""

    vx: float | None = None
    vy: float | None = None
    omega: float | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundingBoxReference:
    """The middle of a load's footprint in the vehicle's coordinates: m, rad."""

    x: float
    y: float
    z: float
    theta: float | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadDimensions:
    """In m."""

    length: Positive
    width: Positive
    height: Positive | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the vehicle carries; kg."""

    load_id: str | None = None
    load_type: str | None = None
    load_position: str | None = None
    bounding_box_reference: BoundingBoxReference | None = None
    load_dimensions: LoadDimensions | None = None
    weight: Positive | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryState:
    """Percent, V, A; `reach` in m. 3.0 calls it powerSupply."""

    battery_charge: Annotated[Percent, Wire(v3="stateOfCharge")]
    battery_voltage: float | None = None
    battery_current: Annotated[float | None, Wire(only=V3)] = None
    battery_health: Annotated[Percent | None, Wire(whole=V2_0_ONLY)] = None
    charging: bool
    reach: Annotated[Positive | None, Wire(v3="range", whole=V2_0_ONLY)] = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What an error or an information is about: nodeId, orderId, actionId, …"""

    reference_key: str
    reference_value: str
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """Text in the language of an ISO 639-1 code."""

    translation_key: str
    translation_value: str
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """What is wrong with the vehicle or its order. The standard's types: `problems.py`."""

    error_type: str
    error_references: tuple[Reference, ...] | None = None
    error_description: str | None = None
    error_description_translations: Annotated[tuple[Translation, ...] | None, Wire(only=V3)] = None
    error_hint: Annotated[str | None, Wire(only=SINCE_2_1)] = None
    error_hint_translations: Annotated[tuple[Translation, ...] | None, Wire(only=V3)] = None
    error_level: ErrorLevel
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """For showing and debugging only."""

    info_type: str
    info_references: tuple[Reference, ...] | None = None
    info_description: Annotated[str | None, Wire(v3="infoDescriptor")] = None
    info_level: InfoLevel
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyState:
    """The emergency stop, and whether something is in the protective field."""

    e_stop: Annotated[EStop, Wire(v3="activeEmergencyStop")]
    field_violation: bool
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """A map that the vehicle has."""

    map_id: str
    map_version: str
    map_description: Annotated[str | None, Wire(v3="mapDescriptor")] = None
    map_status: Enabled
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPath:
    """Where the vehicle means to drive within its order."""

    trajectory: Trajectory
    traversed_nodes: tuple[str, ...] | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """Where the vehicle will be at `eta` (a timestamp)."""

    x: float
    y: float
    theta: Angle | None = None
    eta: str
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class IntermediatePath:
    """The next waypoints, as far as the vehicle sees."""

    polyline: tuple[Waypoint, ...]
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Topic state. In version 2 `action_states` has those of instant actions, too."""

    header: Annotated[Header, Wire(flat=True)]
    maps: Annotated[tuple[Map, ...] | None, Wire(only=SINCE_2_1)] = None
    zone_sets: Annotated[tuple[ZoneSetState, ...] | None, Wire(only=V3)] = None
    order_id: str
    order_update_id: Uint32
    zone_set_id: Annotated[str | None, Wire(only=V2)] = None
    last_node_id: str
    last_node_sequence_id: Uint32
    driving: bool
    paused: bool | None = None
    new_base_request: bool | None = None
    distance_since_last_node: float | None = None
    operating_mode: OperatingMode
    node_states: tuple[NodeState, ...]
    edge_states: tuple[EdgeState, ...]
    planned_path: Annotated[PlannedPath | None, Wire(only=V3)] = None
    intermediate_path: Annotated[IntermediatePath | None, Wire(only=V3)] = None
    agv_position: Annotated[AgvPosition | None, Wire(v3="mobileRobotPosition")] = None
    velocity: Velocity | None = None
    loads: tuple[Load, ...] | None = None
    zone_requests: Annotated[tuple[ZoneRequest, ...] | None, Wire(only=V3)] = None
    edge_requests: Annotated[tuple[EdgeRequest, ...] | None, Wire(only=V3)] = None
    action_states: tuple[ActionState, ...]
    instant_action_states: Annotated[tuple[ActionState, ...], Wire(only=V3)] = ()
    zone_action_states: Annotated[tuple[ActionState, ...] | None, Wire(only=V3)] = None
    battery_state: Annotated[BatteryState, Wire(v3="powerSupply")]
    errors: tuple[Error, ...]
    information: tuple[Info, ...] | None = None
    safety_state: SafetyState
    extra: JsonObject = field(default_factory=dict[str, object])
