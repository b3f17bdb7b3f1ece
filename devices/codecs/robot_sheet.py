"""The factsheet of the serial robot base as a vehicle of VDA 5050 2.1."""

from devices.codecs.vda5050.factsheet import (
    AgvAction,
    Factsheet,
    LoadSpecification,
    MaxStringLens,
    PhysicalParameters,
    ProtocolFeatures,
    ProtocolLimits,
    Timing,
    TypeSpecification,
)
from devices.codecs.vda5050.header import Header
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.words import ActionScope, BlockingType

MANUFACTURER, VERSION = "Wardlink", Version.V2_1
FASTEST_M_S, SLOWEST_M_S = 0.5, 0.05
TURNS_RAD_S = 1.0
PICK, DROP, RELEASE = "pick", "drop", "releaseStop"
"""What it can do beside driving. RELEASE ends an emergency stop whose button is out again."""
_INSTANT = ("initPosition", "startPause", "stopPause", "stateRequest", "factsheetRequest", "cancelOrder")
_STRONGEST_KG = 20.0


def sheet(serial_number: str, wheel_base_m: float) -> Factsheet:
    """Of the base with this serial number, whose wheels are so far apart."""
    header = Header(
        header_id=0,
        timestamp="",
        version=VERSION.value,
        manufacturer=MANUFACTURER,
        serial_number=serial_number,
    )
    kind = TypeSpecification(
        series_name="robot base",
        agv_kinematic="DIFF",
        agv_class="CARRIER",
        max_load_mass=_STRONGEST_KG,
        localization_types=("DEAD_RECKONING",),
        navigation_types=("VIRTUAL_LINE_GUIDED",),
    )
    size = PhysicalParameters(
        speed_min=SLOWEST_M_S,
        speed_max=FASTEST_M_S,
        acceleration_max=1.0,
        deceleration_max=1.0,
        height_max=0.4,
        width=wheel_base_m + 0.1,
        length=wheel_base_m + 0.1,
    )
    instant = tuple(_action(name, ActionScope.INSTANT) for name in (*_INSTANT, RELEASE))
    return Factsheet(
        header=header,
        type_specification=kind,
        physical_parameters=size,
        protocol_limits=ProtocolLimits(
            max_string_lens=MaxStringLens(),
            max_array_lens={},
            timing=Timing(min_order_interval=1.0, min_state_interval=0.2, default_state_interval=30.0),
        ),
        protocol_features=ProtocolFeatures(
            optional_parameters=(),
            agv_actions=(*instant, _action(PICK, ActionScope.NODE), _action(DROP, ActionScope.NODE)),
        ),
        agv_geometry={},
        load_specification=LoadSpecification(),
    )


def _action(name: str, scope: ActionScope) -> AgvAction:
    blocking = BlockingType.NONE if scope is ActionScope.INSTANT else BlockingType.HARD
    return AgvAction(action_type=name, action_scopes=(scope,), blocking_types=(blocking,))
