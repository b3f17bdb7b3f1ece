"""Quality-On-Demand as CAMARA published it: version 1.1.0, release r3.2, quality-on-demand.yaml.

body = create(config)                          # CreateSession
told = session_info(answer.body)               # SessionInfo

The names are the document's. A gateway has a two-legged token, so it always names its device.
"""

import json
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.errors import QualityRefused
from gateway.quality.config import QualityConfig

BASE = "/quality-on-demand/v1"
"""Behind the operator's `apiRoot`."""
SCOPES = " ".join(
    f"quality-on-demand:sessions:{right}"
    for right in ("create", "read", "update", "delete", "retrieve-by-device")
)
_CODE_LENGTH = 60
_CODE_SIGNS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.abcdefghijklmnopqrstuvwxyz")


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


def create(config: QualityConfig) -> dict[str, Any]:
    """`CreateSession`. No `sink`: a box behind NAT hears nothing, it asks."""
    _, port = config.endpoint
    ports = {} if port is None else {"applicationServerPorts": {"ports": [port]}}
    return {
        "device": device(config),
        "applicationServer": application_server(config),
        **ports,
        "qosProfile": config.qos_profile,
        "duration": config.duration_s,
    }


def session_info(body: bytes) -> SessionInfo:
    """Raises QualityRefused: it is none."""
    try:
        return SessionInfo.model_validate_json(body)
    except ValidationError as error:
        raise _bad_answer() from error


def sessions_to(config: QualityConfig, body: bytes) -> tuple[SessionInfo, ...]:
    """Those of `RetrieveSessionsOutput` that lead to our server. Raises QualityRefused: it is none."""
    ours = _networks(application_server(config))
    try:
        found = _SESSIONS.validate_json(body)
        return tuple(one for one in found if _networks(one.application_server) == ours)
    except ValueError as error:  # ValidationError is one
        raise _bad_answer() from error


def error_code(body: bytes, names: str = "code") -> str:
    """`code` of an `ErrorInfo`; "": it says none. Whatever else stands there is not passed on."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    code = told.get(names) if isinstance(told, dict) else None
    fits = isinstance(code, str) and len(code) <= _CODE_LENGTH and _CODE_SIGNS.issuperset(code)
    return str(code) if fits else ""


def _networks(server: dict[str, str]) -> set[str]:
    return {str(ip_network(each, strict=False)) for each in server.values()}


def _bad_answer() -> QualityRefused:
    return QualityRefused(502, "BAD_ANSWER")
