"""`[crew]` of the gateway's configuration."""

import re
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from devices.errors import DevicesError
from devices.model.identity import location_id
from gateway.links.network import Endpoint, endpoint

_PORT = 8090
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
"""RFC 1123, section 2.1."""


def _vehicle(text: str) -> str:
    try:
        return location_id(text)
    except DevicesError as error:
        raise ValueError(str(error)) from error


def _address(text: str) -> str:
    where = endpoint(text, _PORT)
    try:
        address = ip_address(where.host)
    except ValueError as error:
        raise ValueError("expected an IP address of this box, 192.168.8.1:8090") from error
    if address.is_unspecified or not address.is_private:
        raise ValueError("expected 127.0.0.1, or this box's address in the vehicle's own network")
    return str(Endpoint(str(address), where.port))


def _host_name(text: str) -> str:
    name = text.lower().rstrip(".")
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise ValueError("expected a host name, crew.lan")
    return name


class CrewConfig(BaseModel):
    """`[crew]`: the page for the crew of `vehicle`, the bed id that the devices on board have.

    It is served at `address`, by TLS unless that is a loopback address, and may be called by `names`, too.
    `cylinder_l`: the water volume of the oxygen cylinder, litres.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    vehicle: Annotated[str, AfterValidator(_vehicle)]
    address: Annotated[str, AfterValidator(_address)] = f"127.0.0.1:{_PORT}"
    names: list[Annotated[str, AfterValidator(_host_name)]] = []
    cylinder_l: Annotated[float, Field(gt=0, le=100, strict=False)] = 2

    @property
    def where(self) -> Endpoint:
        """Address and port."""
        return endpoint(self.address, _PORT)

    @property
    def is_local(self) -> bool:
        """Whether only this box itself can reach the page: no TLS then."""
        return ip_address(self.where.host).is_loopback

    @property
    def hosts(self) -> frozenset[str]:
        """The names and addresses by which the box may be asked."""
        local = ("localhost", "127.0.0.1") if self.is_local else ()
        return frozenset({*self.names, self.where.host, *local})
