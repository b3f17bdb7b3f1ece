"""Service discovery of ETSI GS MEC 011 (MEC service management API): what is asked, and what of it is used.

path = services("wardlink-controller")
addresses = endpoints(answer.body, "wardlink-controller")     # mqtts://HOST:PORT, in the platform's order
"""

from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.device_config import MqttAddress
from gateway.errors import ApiRefused

BASE = "/mec_service_mgmt/v1"
"""Behind the platform's `apiRoot`."""
MOST = 8
"""Addresses that are used."""
_ACTIVE = "ACTIVE"


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Address(_Answer):
    host: Annotated[str, Field(pattern=r"^[0-9A-Za-z.:-]{1,253}$")]
    port: Annotated[int, Field(ge=1, le=65535)]


class _Endpoint(_Answer):
    """One of them. `alternative` and `fqdn` say nothing of a port, so they are of no use here."""

    uris: list[str] = []
    addresses: list[_Address] = []


class _Transport(_Answer):
    protocol: str
    endpoint: _Endpoint


class _Service(_Answer):
    name: Annotated[str, Field(alias="serName")]
    state: str
    transport: Annotated[_Transport, Field(alias="transportInfo")]


_SERVICES = TypeAdapter(list[dict[str, Any]])
_URL: TypeAdapter[str] = TypeAdapter(MqttAddress)


def services(name: str) -> str:
    """The query for services of this name."""
    return f"{BASE}/services?{urlencode({'ser_name': name})}"


def endpoints(body: bytes, name: str) -> tuple[str, ...]:
    """Where the active services of this `name` speak MQTT over TLS. Raises ApiRefused: it is no answer.

    A service that cannot be read is passed over: one bad entry does not hide a good one.
    """
    try:
        told = _SERVICES.validate_json(body)
    except ValidationError as error:
        raise ApiRefused(502, "BAD_ANSWER") from error
    ours = [one for one in map(_read, told) if one and (one.name, one.state) == (name, _ACTIVE)]
    return tuple(dict.fromkeys(url for one in ours for url in _urls(one.transport)))[:MOST]


def _read(told: dict[str, Any]) -> _Service | None:
    try:
        return _Service.model_validate(told)
    except ValidationError:
        return None


def _urls(transport: _Transport) -> list[str]:
    given = transport.endpoint.uris
    if transport.protocol.upper().startswith("MQTT"):
        given = [*given, *map(_spelled, transport.endpoint.addresses)]
    return list(filter(None, map(_checked, given)))


def _spelled(one: _Address) -> str:
    return f"mqtts://[{one.host}]:{one.port}" if ":" in one.host else f"mqtts://{one.host}:{one.port}"


def _checked(url: str) -> str:
    """As the configuration would have it; empty: it is no address for MQTT over TLS."""
    try:
        return _URL.validate_python(url)
    except ValidationError:
        return ""
