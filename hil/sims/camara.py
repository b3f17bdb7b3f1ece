"""What a request to a CAMARA Quality-On-Demand API may say: version 1.1.0, r3.2, quality-on-demand.yaml.

Written from the published document, apart from the gateway's own words for it, so that each proves the other.
"""

from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Literal, Self

from pydantic import AnyUrl, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

_Port = Annotated[int, Field(ge=0, le=65535)]
_Count = Annotated[int, Field(ge=1, le=2**31 - 1)]


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("expected a string")
    return value


_IPv4 = Annotated[IPv4Address, BeforeValidator(_text), Field(strict=False)]
_IPv6 = Annotated[IPv6Address, BeforeValidator(_text), Field(strict=False)]


class _Schema(BaseModel):
    """Stricter than the document in one way: a member that it does not know is a mistake of ours."""

    model_config = ConfigDict(strict=True, extra="forbid", alias_generator=to_camel)


class _Some(_Schema):
    """`minProperties: 1`."""

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expected at least one property")
        return self


class DeviceIpv4Addr(_Schema):
    """The public address, and at least one of the others."""

    public_address: _IPv4
    private_address: _IPv4 | None = None
    public_port: _Port | None = None

    @model_validator(mode="after")
    def _is_one_device(self) -> Self:
        if self.private_address is None and self.public_port is None:
            raise ValueError("expected privateAddress or publicPort beside publicAddress")
        return self


class Device(_Some):
    """`networkAccessIdentifier` is in the document for later, and must not be used."""

    phone_number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{4,14}$")] | None = None
    ipv4_address: DeviceIpv4Addr | None = None
    ipv6_address: _IPv6 | None = None


class ApplicationServer(_Some):
    """Addresses or networks; this one takes addresses."""

    ipv4_address: _IPv4 | None = None
    ipv6_address: _IPv6 | None = None


class PortRange(_Schema):
    """Both ends belong to it."""

    start: Annotated[_Port, Field(alias="from")]
    to: _Port


class PortsSpec(_Some):
    """Ports, ranges of them, or both."""

    ranges: Annotated[list[PortRange], Field(min_length=1)] | None = None
    ports: Annotated[list[_Port], Field(min_length=1)] | None = None


class SinkCredential(_Schema):
    """Only an access token may be used in this version."""

    credential_type: Literal["ACCESSTOKEN"]
    access_token: str
    access_token_expires_utc: str
    access_token_type: Literal["bearer"]


class CreateSession(_Schema):
    """Our clients have two-legged tokens, so `device` must be there: 422 MISSING_IDENTIFIER."""

    device: Device | None = None
    application_server: ApplicationServer
    device_ports: PortsSpec | None = None
    application_server_ports: PortsSpec | None = None
    qos_profile: Annotated[str, Field(min_length=3, max_length=256, pattern="^[a-zA-Z0-9_.-]+$")]
    sink: Annotated[AnyUrl, Field(strict=False)] | None = None
    sink_credential: SinkCredential | None = None
    duration: _Count


class ExtendSessionDuration(_Schema):
    """Seconds more."""

    requested_additional_duration: _Count


class RetrieveSessionsInput(_Schema):
    """Of which device."""

    device: Device | None = None
