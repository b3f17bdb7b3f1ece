"""What a type of vehicle is and can do: topic factsheet.

Typed is what a master needs to plan for it. Its geometry and its configuration are kept as they came, so one
of version 2 cannot be told in version 3's words. Speeds in m/s and rad/s, lengths in m, masses in kg, times
in s.
Source: VDA 5050 2.1.0, 6.15; 3.0.0, 7.10.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from devices.codecs.vda5050.action import ActionType
from devices.codecs.vda5050.header import Header
from devices.codecs.vda5050.state import BoundingBoxReference, LoadDimensions
from devices.codecs.vda5050.version import SINCE_2_1, V2, V3
from devices.codecs.vda5050.wire import JsonObject, Positive, Renamed, Uint32, Wire
from devices.codecs.vda5050.words import ActionScope, BlockingType, Support, ValueDataType, ZoneType

Kinematic = Annotated[
    str, Renamed((("DIFF", "DIFFERENTIAL"), ("OMNI", "OMNIDIRECTIONAL"), ("THREEWHEEL", "THREE_WHEEL")))
]
Navigation = Annotated[str, Renamed((("AUTONOMOUS", "FREELY_NAVIGATING"),))]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeSpecification:
    """What kind of vehicle it is. The lists of words are open."""

    series_name: str
    series_description: str | None = None
    agv_kinematic: Annotated[Kinematic, Wire(v3="mobileRobotKinematics")]
    agv_class: Annotated[str, Wire(v3="mobileRobotClass")]
    max_load_mass: Annotated[Positive, Wire(v3="maximumLoadMass")]
    localization_types: tuple[str, ...]
    navigation_types: tuple[Navigation, ...]
    supported_zones: Annotated[tuple[ZoneType, ...] | None, Wire(only=V3)] = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class PhysicalParameters:
    """How fast and how large it is."""

    speed_min: Annotated[Positive, Wire(v3="minimumSpeed")]
    speed_max: Annotated[Positive, Wire(v3="maximumSpeed")]
    angular_speed_min: Annotated[Positive | None, Wire(only=V3, v3="minimumAngularSpeed")] = None
    angular_speed_max: Annotated[Positive | None, Wire(only=V3, v3="maximumAngularSpeed")] = None
    acceleration_max: Annotated[Positive, Wire(v3="maximumAcceleration")]
    deceleration_max: Annotated[float, Wire(v3="maximumDeceleration")]
    height_min: Annotated[float | None, Wire(v3="minimumHeight", needed=V3)] = None
    height_max: Annotated[float, Wire(v3="maximumHeight")]
    width: float
    length: float
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxStringLens:
    """The longest strings that it takes; None or 0: no limit."""

    msg_len: Annotated[Uint32 | None, Wire(v3="maximumMessageLength")] = None
    topic_serial_len: Annotated[Uint32 | None, Wire(v3="maximumTopicSerialLength")] = None
    topic_elem_len: Annotated[Uint32 | None, Wire(v3="maximumTopicElementLength")] = None
    id_len: Annotated[Uint32 | None, Wire(v3="maximumIdLength")] = None
    id_numerical_only: bool | None = None
    enum_len: Annotated[Uint32 | None, Wire(only=V2)] = None
    load_id_len: Annotated[Uint32 | None, Wire(v3="maximumLoadIdLength")] = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How often messages may and should come."""

    min_order_interval: Annotated[Positive, Wire(v3="minimumOrderInterval")]
    min_state_interval: Annotated[Positive, Wire(v3="minimumStateInterval")]
    default_state_interval: Positive | None = None
    visualization_interval: Positive | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolLimits:
    """`max_array_lens` by the standard's names: order.nodes, node.actions, …; missing or 0: no limit."""

    max_string_lens: Annotated[MaxStringLens, Wire(v3="maximumStringLengths")]
    max_array_lens: Annotated[Mapping[str, Uint32], Wire(v3="maximumArrayLengths")]
    timing: Timing
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionalParameter:
    """An optional member of messages that it understands, or needs; others it does not."""

    parameter: str
    support: Support
    description: str | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDefinition:
    """A parameter of an action that it can do."""

    key: str
    value_data_type: ValueDataType
    description: str | None = None
    is_optional: bool | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class AgvAction:
    """An action that it can do."""

    action_type: ActionType
    action_description: str | None = None
    action_scopes: tuple[ActionScope, ...]
    action_parameters: tuple[ParameterDefinition, ...] | None = None
    result_description: Annotated[str | None, Wire(v3="actionResult")] = None
    blocking_types: Annotated[tuple[BlockingType, ...] | None, Wire(only=SINCE_2_1)] = None
    pause_allowed: Annotated[bool | None, Wire(only=V3, needed=V3)] = None
    cancel_allowed: Annotated[bool | None, Wire(only=V3, needed=V3)] = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolFeatures:
    """What of the standard it can do."""

    optional_parameters: tuple[OptionalParameter, ...]
    agv_actions: Annotated[tuple[AgvAction, ...], Wire(v3="mobileRobotActions")]
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSet:
    """One kind of load, and how it is handled."""

    set_name: str
    load_type: str
    load_positions: tuple[str, ...] | None = None
    bounding_box_reference: BoundingBoxReference | None = None
    load_dimensions: LoadDimensions | None = None
    max_weight: Annotated[Positive | None, Wire(v3="maximumWeight")] = None
    min_loadhandling_height: Annotated[Positive | None, Wire(v3="minimumLoadhandlingHeight")] = None
    max_loadhandling_height: Annotated[Positive | None, Wire(v3="maximumLoadhandlingHeight")] = None
    min_loadhandling_depth: Annotated[float | None, Wire(v3="minimumLoadhandlingDepth")] = None
    max_loadhandling_depth: Annotated[float | None, Wire(v3="maximumLoadhandlingDepth")] = None
    min_loadhandling_tilt: Annotated[float | None, Wire(v3="minimumLoadhandlingTilt")] = None
    max_loadhandling_tilt: Annotated[float | None, Wire(v3="maximumLoadhandlingTilt")] = None
    agv_speed_limit: Annotated[Positive | None, Wire(v3="maximumSpeed")] = None
    agv_acceleration_limit: Annotated[Positive | None, Wire(v3="maximumAcceleration")] = None
    agv_deceleration_limit: Annotated[float | None, Wire(v3="maximumDeceleration")] = None
    pick_time: Positive | None = None
    drop_time: Positive | None = None
    description: str | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSpecification:
    """What it can carry, and where."""

    load_positions: tuple[str, ...] | None = None
    load_sets: tuple[LoadSet, ...] | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Factsheet:
    """Topic factsheet: retained since 3.0, and sent when asked for (factsheetRequest)."""

    header: Annotated[Header, Wire(flat=True)]
    type_specification: TypeSpecification
    physical_parameters: PhysicalParameters
    protocol_limits: ProtocolLimits
    protocol_features: ProtocolFeatures
    agv_geometry: Annotated[JsonObject, Wire(v3="mobileRobotGeometry")]
    load_specification: LoadSpecification
    vehicle_config: Annotated[JsonObject | None, Wire(v3="mobileRobotConfiguration", only=SINCE_2_1)] = None
    extra: JsonObject = field(default_factory=dict[str, object])

    def action(self, action_type: str, scope: ActionScope) -> AgvAction | None:
        """The action of this type, if it can be asked for there."""
        found = (one for one in self.protocol_features.agv_actions if one.action_type == action_type)
        return next((one for one in found if scope in one.action_scopes), None)
