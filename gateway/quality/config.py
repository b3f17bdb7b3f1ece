"""`[quality]` of the gateway's configuration."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from gateway.apis.config import ApiAccess, HttpsAddress


def _ip_endpoint(text: str) -> str:
    _parsed_endpoint(text)
    return text


def _parsed_endpoint(text: str) -> tuple[IPv4Address | IPv6Address, int | None]:
    try:
        parts = urlsplit(f"//{text}")
        return ip_address(parts.hostname or ""), parts.port
    except ValueError as error:
        raise ValueError("expected an IP address, 198.51.100.7:8883 or [2001:db8::7]:8883") from error


def _ip_of(version: int) -> AfterValidator:
    def checked(text: str) -> str:
        try:
            found = ip_address(text)
        except ValueError:
            found = None
        if found is None or found.version != version:
            raise ValueError(f"expected an IPv{version} address")
        return str(found)

    return AfterValidator(checked)


IPv4 = Annotated[str, _ip_of(4)]
IPv6 = Annotated[str, _ip_of(6)]
Port = Annotated[int, Field(ge=0, le=65535)]


class QualityConfig(ApiAccess):
    """`[quality]`: a better connection from the mobile network's operator while a patient deteriorates.

    `operator` is the API's root; the operator gave client, secret and `qos_profile`. `server` is the
    controller as the network sees it. The box is known to the network by `phone_number` (E.164),
    `ipv6_address`, or `public_address` with `private_address` or `public_port`. `sink`: where the operator
    tells of a session what it would have to be asked for: the controller's /api/quality/notifications.
    """

    operator: HttpsAddress
    qos_profile: Annotated[str, Field(min_length=3, max_length=256, pattern="^[a-zA-Z0-9_.-]+$")]
    server: Annotated[str, AfterValidator(_ip_endpoint)]
    phone_number: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{4,14}$")] | None = None
    public_address: IPv4 | None = None
    private_address: IPv4 | None = None
    public_port: Port | None = None
    ipv6_address: IPv6 | None = None
    duration_s: Annotated[int, Field(ge=60, le=86_400)] = 600
    sink: HttpsAddress | None = None
    minutes_after: Annotated[float, Field(ge=0, le=1440, strict=False)] = 15

    @property
    def endpoint(self) -> tuple[IPv4Address | IPv6Address, int | None]:
        """Address and port of `server`."""
        return _parsed_endpoint(self.server)

    @model_validator(mode="after")
    def _names_the_device(self) -> Self:
        both = self.private_address is not None or self.public_port is not None
        if (self.public_address is not None) != both:
            raise ValueError("public_address goes with private_address or public_port, and they with it")
        if not (self.phone_number or self.public_address or self.ipv6_address):
            raise ValueError(
                "add phone_number, ipv6_address or public_address: the operator has to know the box"
            )
        return self
