"""Quality-On-Demand as CAMARA published it: version 1.1.0, release r3.2, quality-on-demand.yaml.

body = create(config)                          # CreateSession
told = session_info(answer.body)               # SessionInfo

The names are the document's. A gateway has a two-legged token, so it always names its device.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from devices.model.quality_on_demand import utc_text
from gateway.errors import ApiRefused
from gateway.quality.config import QualityConfig

BASE = "/quality-on-demand/v1"
"""Behind the operator's `apiRoot`."""
SCOPES = " ".join(
    f"quality-on-demand:sessions:{right}"
    for right in ("create", "read", "update", "delete", "retrieve-by-device")
)


class QosStatus(StrEnum):
    """`qosStatus`."""

    REQUESTED = "REQUESTED"
    AVAILABLE = "AVAILABLE"
    UNAVAILABLE = "UNAVAILABLE"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class SessionInfo(_Answer):
    """`SessionInfo`. `duration`: of the whole session since it became AVAILABLE, seconds."""

    session_id: Annotated[UUID, Field(alias="sessionId")]
    duration: Annotated[int, Field(ge=1)]
    qos_status: Annotated[QosStatus, Field(alias="qosStatus")]
    status_info: Annotated[str, Field(alias="statusInfo")] = ""
    application_server: Annotated[dict[str, str], Field(alias="applicationServer")]
    sink: str = ""
    """Where the operator tells of the session's state; empty: it does not, and has to be asked."""

    @property
    def id(self) -> str:
        """`sessionId`, as it stands in paths."""
        return str(self.session_id)


_SESSIONS = TypeAdapter(list[SessionInfo])


def device(config: QualityConfig) -> dict[str, Any]:
    """`Device`: all identifiers that are configured; the operator selects one."""
    ipv4 = {
        "publicAddress": config.public_address,
        "privateAddress": config.private_address,
        "publicPort": config.public_port,
    }
    given = {
        "phoneNumber": config.phone_number,
        "ipv4Address": {name: each for name, each in ipv4.items() if each is not None},
        "ipv6Address": config.ipv6_address,
    }
    return {name: each for name, each in given.items() if each}


def application_server(config: QualityConfig) -> dict[str, str]:
    """`ApplicationServer`."""
    address, _ = config.endpoint
    return {f"ipv{address.version}Address": str(address)}


@dataclass(frozen=True, slots=True)
class Sink:
    """Where the operator is to tell of a session: at the controller, for a box behind NAT hears nothing."""

    address: str
    token: str = field(repr=False)
    """By which it is let in: made for this session alone."""
    until_us: int
    """UTC, since 1970."""


def create(config: QualityConfig, sink: Sink | None = None) -> dict[str, Any]:
    """`CreateSession`."""
    _, port = config.endpoint
    ports = {} if port is None else {"applicationServerPorts": {"ports": [port]}}
    return {
        "device": device(config),
        "applicationServer": application_server(config),
        **ports,
        "qosProfile": config.qos_profile,
        "duration": config.duration_s,
        **(_told_at(sink) if sink else {}),
    }


def _told_at(sink: Sink) -> dict[str, Any]:
    credential = {
        "credentialType": "ACCESSTOKEN",
        "accessToken": sink.token,
        "accessTokenExpiresUtc": utc_text(sink.until_us),
        "accessTokenType": "bearer",
    }
    return {"sink": sink.address, "sinkCredential": credential}


def session_info(body: bytes) -> SessionInfo:
    """Raises ApiRefused: it is none."""
    try:
        return SessionInfo.model_validate_json(body)
    except ValidationError as error:
        raise _bad_answer() from error


def sessions_to(config: QualityConfig, body: bytes) -> tuple[SessionInfo, ...]:
    """Those of `RetrieveSessionsOutput` that lead to our server. Raises ApiRefused: it is none."""
    ours = _networks(application_server(config))
    try:
        found = _SESSIONS.validate_json(body)
        return tuple(one for one in found if _networks(one.application_server) == ours)
    except ValueError as error:  # ValidationError is one
        raise _bad_answer() from error


def _networks(server: dict[str, str]) -> set[str]:
    return {str(ip_network(each, strict=False)) for each in server.values()}


def _bad_answer() -> ApiRefused:
    return ApiRefused(502, "BAD_ANSWER")
