"""What the operator of a mobile network tells of a gateway's session, as CloudEvents.

It is told here because a box behind NAT hears nothing. Nothing of it is believed: the gateway of the session
is asked, by a command, to look at its operator at once.
"""

from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from controller.api.answers import BadRequest
from controller.api.context import context
from controller.api.orders import DESK
from controller.identity.certificates import By
from controller.invalid import problems
from controller.quality import Listener, listener
from controller.security.buckets import Buckets
from controller.security.gate import Refused
from devices.model.orders import LOOK_AT_QUALITY

BUCKETS: web.AppKey[Buckets] = web.AppKey("quality-buckets", Buckets)
"""Of an application: a key for each address that tells."""
PER_S, AT_ONCE = 2, 20
LARGEST = 4096
"""Bytes of an event."""
MEDIA = "application/cloudevents+json"
"""Structured mode (CloudEvents 1.0, HTTP protocol binding, 3.2)."""
TYPE = "org.camaraproject.quality-on-demand.v1.qos-status-changed"
_WHO = "mobile-network"
_LIFE_US = 600_000_000
"""After so long the gateway has looked by itself."""
_BEARER = "Bearer "


class _Changed(BaseModel):
    """`data` of the event (CAMARA Quality-On-Demand 1.1.0, EventQosStatusChanged)."""

    session: Annotated[UUID, Field(alias="sessionId")]
    status: Annotated[Literal["AVAILABLE", "UNAVAILABLE"], Field(alias="qosStatus")]
    info: Annotated[
        Literal["", "DURATION_EXPIRED", "NETWORK_TERMINATED", "DELETE_REQUESTED"], Field(alias="statusInfo")
    ] = ""


class StatusEvent(BaseModel):
    """The event: what is used of it. Extensions are allowed and passed over."""

    model_config = ConfigDict(extra="ignore")

    id: Annotated[str, Field(min_length=1, max_length=256)]
    source: Annotated[str, Field(min_length=1, max_length=2048)]
    specversion: Literal["1.0"]
    type: Literal["org.camaraproject.quality-on-demand.v1.qos-status-changed"]
    datacontenttype: Literal["application/json"] = "application/json"
    data: _Changed

    @property
    def key(self) -> str:
        """`source` and `id` together are of one event (CloudEvents 1.0, 3.1)."""
        return f"{self.source} {self.id}"


async def notified(request: web.Request) -> web.StreamResponse:
    """POST /api/quality/notifications: once for each event, however often it comes."""
    where = request.remote or ""
    if wait_s := request.config_dict[BUCKETS].take(where):
        headers = {"Retry-After": str(wait_s)}
        raise Refused(429, "too-many", f"expected fewer events, wait {wait_s} s", headers)
    held, event = await _holder(request), await _event(request)
    if str(event.data.session) != held.session:
        raise Refused(403, "other-session", "expected the session that this token was given for: use its own")
    arguments = {"session": held.session}
    by = By(_WHO, where, f"{event.data.status} {event.data.info}".strip())
    desk = request.config_dict[DESK]
    await desk.command(held.gateway, LOOK_AT_QUALITY, arguments, by, _LIFE_US, key=event.key)
    return web.Response(status=204)


async def _holder(request: web.Request) -> Listener:
    """Whose token the request shows (RFC 6750, 2.1). Raises Refused, StoreError."""
    shown, parts = request.headers.get("Authorization", ""), context(request)
    if shown.startswith(_BEARER):
        held = await listener(parts.store, shown.removeprefix(_BEARER), parts.clock.now_us())
        if held is not None:
            return held
    message = (
        "expected the access token of a session that a gateway holds now: use that of its sinkCredential"
    )
    raise Refused(401, "no-session", message, {"WWW-Authenticate": "Bearer"})


async def _event(request: web.Request) -> StatusEvent:
    """Raises BadRequest."""
    if request.content_type != MEDIA:
        raise BadRequest(f"expected Content-Type {MEDIA}, got {request.content_type!r:.60}")
    body = await request.read()
    if len(body) > LARGEST:
        raise BadRequest(f"expected an event of at most {LARGEST} bytes, got {len(body)}")
    try:
        return StatusEvent.model_validate_json(body)
    except ValidationError as error:
        raise BadRequest(f"expected an event of {TYPE}, {problems(error)[0]}") from None
