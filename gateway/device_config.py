"""One `[[device]]` of the configuration file: which model it is, and where the gateway finds it."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Self, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, model_validator

from devices.errors import DevicesError
from devices.model.identity import device_id, location_id
from devices.profiles import (
    AnyLink,
    BleBroadcast,
    BleLink,
    SerialLink,
    TcpLink,
    UdpLink,
    VehicleLink,
    profile,
    profiles,
)
from gateway.links.network import endpoint


def _known_profile(name: str) -> str:
    known = profiles()
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no such device profile{hint} There are: {', '.join(known)}")
    return name


def _mqtt_address(text: str) -> str:
    wanted = "expected mqtts://HOST or mqtts://HOST:PORT, the port 0-65535"
    try:
        parts = urlsplit(text)
        port = parts.port or 8883
    except ValueError as error:
        raise ValueError(wanted) from error
    if parts.scheme != "mqtts" or not parts.hostname or parts.path or parts.username:
        raise ValueError(wanted)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"mqtts://{host}:{port}"


def named(check: Any) -> AfterValidator:
    """That `check` takes the text as a name."""

    def checked(text: str) -> str:
        try:
            return check(text)
        except DevicesError as error:
            raise ValueError(str(error)) from error

    return AfterValidator(checked)


MqttAddress = Annotated[str, AfterValidator(_mqtt_address)]


def _mqtt_addresses(given: object) -> tuple[str, ...]:
    several = cast(list[object], given) if isinstance(given, list | tuple) else [given]
    if not all(isinstance(one, str) for one in several):
        raise ValueError("expected mqtts://HOST:PORT, or a list of such")
    addresses = tuple(dict.fromkeys(_mqtt_address(str(one)) for one in several))
    if not addresses:
        raise ValueError("expected at least one address")
    return addresses


MqttAddresses = Annotated[tuple[str, ...], PlainValidator(_mqtt_addresses)]
"""One in the file, or a list of brokers of one controller, each as good as the others."""


class Section(BaseModel):
    """A table of the file: no other keys than it knows, no other types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


class DeviceConfig(Section):
    """One `[[device]]`. A serial profile needs `port`, every other one `address`.

    A node of ours may be at an MQTT broker instead of a port: `broker` is mqtts://HOST or mqtts://HOST:PORT,
    `node` its name in topics, `credentials` the file that `gateway.links.mqtt` reads. A robot with VDA 5050
    is at a broker, too: `address` is how its topics begin, INTERFACE/v2/MANUFACTURER/SERIAL.

    On a network that is the device's HOST or HOST:PORT, or, for a device that connects to the gateway, where
    to listen for it; `peer` is then the only address that may connect.
    """

    id: Annotated[str, named(device_id)]
    profile: Annotated[str, AfterValidator(_known_profile)]
    bed: Annotated[str, named(location_id)] | None = None
    port: str | None = None
    address: str | None = None
    peer: str | None = None
    broker: MqttAddress | None = None
    node: Annotated[str, named(device_id)] | None = None
    credentials: Annotated[Path | None, Field(strict=False)] = None
    wheel_base_mm: Annotated[int | None, Field(ge=50, le=2000)] = None
    """Millimetres between the wheels of a robot base that is to drive; without it, it is only listened to."""

    def placed(self, folder: Path) -> Self:
        """With the path of `credentials` beginning at `folder`."""
        return self.model_copy(update={"credentials": self.credentials and folder / self.credentials})

    @model_validator(mode="after")
    def _has_what_its_link_needs(self) -> Self:
        link = profile(self.profile).link
        _check_wheels(self, link)
        match link:
            case SerialLink(over_mqtt=True) if self.broker and not self.port:
                if not (self.node and self.credentials):
                    raise ValueError(f'{self.id} is at a broker: add node = "NAME" and credentials = "FILE"')
            case VehicleLink():
                _check_vehicle(self)
            case _ if self.broker or self.node or self.credentials:
                raise ValueError(f"{self.id}: a broker is for our own nodes that measure, in place of a port")
            case SerialLink() if not self.port:
                raise ValueError(f'{self.id} is serial: add port = "/dev/serial/by-id/..."')
            case BleLink() | BleBroadcast() if not self.address:
                raise ValueError(f'{self.id} speaks BLE: add address = "AA:BB:CC:DD:EE:FF"')
            case TcpLink(listens=True, port=port) if not self.address:
                raise ValueError(f'{self.id} connects to the gateway: add address = "127.0.0.1:{port}"')
            case TcpLink(port=port) | UdpLink(port=port) if not self.address:
                raise ValueError(f'{self.id} is on the network: add address = "HOST:{port}"')
            case TcpLink() | UdpLink() as link:
                endpoint(self.address or "", link.port)
            case _:
                pass
        return self


def _check_wheels(device: DeviceConfig, link: AnyLink) -> None:
    """Raises ValueError."""
    if device.wheel_base_mm and not (isinstance(link, SerialLink) and link.is_wheeled):
        raise ValueError(f"{device.id}: wheel_base_mm is of a robot base: take it out")


def _check_vehicle(device: DeviceConfig) -> None:
    """Raises ValueError."""
    if not (device.broker and device.credentials and device.address) or device.port or device.node:
        raise ValueError(f'{device.id} is a robot at a broker: give broker, credentials = "FILE" and address')
    from devices.codecs.vda5050.bridge import address_of  # noqa: PLC0415 - 3 MB that only a robot needs

    try:
        address_of(device.address)
    except DevicesError as error:
        raise ValueError(f"{device.id}: address: {error}") from error
