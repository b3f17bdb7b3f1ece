"""Zones, and what a vehicle asks leave for: version 3 only.

Source: VDA 5050 3.0.0, 6.4, 6.9, 7.5, 7.6 and 7.8.
"""

from dataclasses import dataclass, field
from typing import Annotated

from devices.codecs.vda5050.action import ActionParameter, ActionType
from devices.codecs.vda5050.errors import BadField
from devices.codecs.vda5050.header import Header, utc_us
from devices.codecs.vda5050.order import Trajectory
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.wire import Fraction, JsonObject, Uint32, Wire, camel
from devices.codecs.vda5050.words import (
    BidirectedLimitation,
    BlockingType,
    DirectedLimitation,
    EdgeRequestType,
    Enabled,
    GrantType,
    RequestStatus,
    ZoneLoss,
    ZoneRequestType,
    ZoneType,
)

_NEEDED: dict[ZoneType, tuple[str, ...]] = {
    ZoneType.RELEASE: ("release_loss_behavior",),
    ZoneType.SPEED_LIMIT: ("maximum_speed",),
    ZoneType.ACTION: ("entry_actions", "during_actions", "exit_actions"),
    ZoneType.PRIORITY: ("priority_factor",),
    ZoneType.PENALTY: ("penalty_factor",),
    ZoneType.DIRECTED: ("direction", "directed_limitation"),
    ZoneType.BIDIRECTED: ("direction", "bidirected_limitation"),
}
"""What each type of zone must say beside its shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSetState:
    """A set of zones that the vehicle has."""

    zone_set_id: str
    map_id: str
    zone_set_status: Enabled
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRequest:
    """The vehicle asks to enter a zone, or to plan anew within it."""

    request_id: str
    request_type: ZoneRequestType
    zone_id: str
    zone_set_id: str
    request_status: RequestStatus
    trajectory: Trajectory | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeRequest:
    """The vehicle asks to use an edge's corridor."""

    request_id: str
    request_type: EdgeRequestType
    edge_id: str
    sequence_id: Uint32
    request_status: RequestStatus
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The master's answer to a request; a lease ends at `lease_expiry` (a timestamp)."""

    request_id: str
    grant_type: GrantType
    lease_expiry: str | None = None
    extra: JsonObject = field(default_factory=dict[str, object])

    def fault(self, _: Version) -> tuple[str, str] | None:
        """What is wrong with the lease's end, if anything."""
        try:
            utc_us(self.lease_expiry or "1970-01-01T00:00:00Z")
        except BadField as bad:
            return bad.why, "leaseExpiry"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """Topic responses."""

    header: Annotated[Header, Wire(flat=True)]
    responses: tuple[Response, ...]
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex:
    """A corner of a zone; m."""

    x: float
    y: float
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneAction:
    """An action that a zone asks for; it has no id until a vehicle runs it."""

    action_type: ActionType
    action_descriptor: str | None = None
    blocking_type: BlockingType
    action_parameters: tuple[ActionParameter, ...] | None = None
    retriable: bool | None = None
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A polygon with a meaning; m/s, rad."""

    zone_id: str
    zone_type: ZoneType
    zone_descriptor: str | None = None
    vertices: tuple[Vertex, ...]
    release_loss_behavior: ZoneLoss | None = None
    maximum_speed: float | None = None
    entry_actions: tuple[ZoneAction, ...] | None = None
    during_actions: tuple[ZoneAction, ...] | None = None
    exit_actions: tuple[ZoneAction, ...] | None = None
    priority_factor: Fraction | None = None
    penalty_factor: Fraction | None = None
    direction: float | None = None
    directed_limitation: DirectedLimitation | None = None
    bidirected_limitation: BidirectedLimitation | None = None
    extra: JsonObject = field(default_factory=dict[str, object])

    def fault(self, _: Version) -> tuple[str, str] | None:
        """What is missing for its type, if anything."""
        if len(self.vertices) < 3:
            return f"expected 3 corners or more, got {len(self.vertices)}", "vertices"
        missing = [name for name in _NEEDED.get(self.zone_type, ()) if getattr(self, name) is None]
        return (f"a zone {self.zone_type} needs it, got nothing", camel(missing[0])) if missing else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """The zones of one map (zoneSet)."""

    map_id: str
    zone_set_id: str
    zone_set_descriptor: str | None = None
    zones: tuple[Zone, ...]
    extra: JsonObject = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSet:
    """Topic zoneSet."""

    header: Annotated[Header, Wire(flat=True)]
    zone_set: Zones
    extra: JsonObject = field(default_factory=dict[str, object])
