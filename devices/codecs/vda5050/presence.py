"""Whether a vehicle is there, and where it is just now: topics connection and visualization.

Source: VDA 5050 2.1.0, 6.12 and 6.14; 3.0.0, 6.5, 6.7, 7.7 and 7.9.
"""

from dataclasses import dataclass, field
from typing import Annotated

from devices.codecs.vda5050.header import Header
from devices.codecs.vda5050.state import AgvPosition, IntermediatePath, PlannedPath, Velocity
from devices.codecs.vda5050.version import V3
from devices.codecs.vda5050.wire import JsonObject, Uint32, Wire
from devices.codecs.vda5050.words import ConnectionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Topic connection: retained, QoS 1; CONNECTIONBROKEN is the last will, whose header is an old one."""

    header: Annotated[Header, Wire(flat=True)]
    connection_state: ConnectionState
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Visualization:
    """Topic visualization: often, and for showing only."""

    header: Annotated[Header, Wire(flat=True)]
    reference_state_header_id: Annotated[Uint32 | None, Wire(only=V3, needed=V3)] = None
    planned_path: Annotated[PlannedPath | None, Wire(only=V3)] = None
    intermediate_path: Annotated[IntermediatePath | None, Wire(only=V3)] = None
    agv_position: Annotated[AgvPosition | None, Wire(v3="mobileRobotPosition")] = None
    velocity: Velocity | None = None
    extra: JsonObject = field(default_factory=dict[str, object])
