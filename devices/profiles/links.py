"""How devices are reached: what a profile says of the port, the radio or the network, and who reads bytes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devices.codecs import Codec, Host

if TYPE_CHECKING:
    from devices.codecs.vda5050.bridge import Bridge

MakeCodec = Callable[[], Codec]


@dataclass(frozen=True, slots=True)
class BleCharacteristic:
    """A characteristic to read once after connecting, to subscribe to, or both, and the codec of its values.

    `optional`: the model's variants may lack it. `codec` makes a fresh codec for each connection, which
    is handed one whole value (one notification, indication or read) by each `receive_data`; what it has to
    send is written to the characteristic. It is None where `BleLink.linked` gives the codec.
    """

    uuid: str
    codec: MakeCodec | None = None
    read: bool = False
    subscribe: bool = True
    optional: bool = False


@dataclass(frozen=True, slots=True)
class BleLink:
    """How a BLE model is recognised and spoken to. UUIDs are 128-bit, lower case."""

    service: str
    """The service that it advertises."""
    name_prefix: str
    """How its advertised name begins; empty for any."""
    characteristics: tuple[BleCharacteristic, ...]
    bond: bool = False
    """Whether the device must be paired before it tells anything."""
    linked: Callable[[Host], Mapping[str, Codec]] | None = None
    """Makes, for each connection, the codecs (by characteristic) that know of each other or of the host: a
    control point and the records it fetches, a clock that is set. A characteristic that is neither read nor
    subscribed to is only written."""

    def codecs(self, host: Host) -> dict[str, Codec]:
        """The codecs of one connection, by characteristic."""
        own = {one.uuid: one.codec() for one in self.characteristics if one.codec}
        return {**own, **(self.linked(host) if self.linked else {})}


@dataclass(frozen=True, slots=True)
class BleBroadcast:
    """How a sensor that only advertises is recognised: its codec is handed the service data of each."""

    service_data: str
    """The 128-bit UUID, lower case, of the service data."""
    name_prefix: str
    """How its advertised name begins; empty for any."""
    codec: MakeCodec
    silence_s: float = 120.0
    """Seconds without an advertisement after which the device counts as lost."""


@dataclass(frozen=True, slots=True)
class SerialLink:
    """How a serial or USB model's port is set and which codec reads its stream."""

    baudrate: int
    codec: MakeCodec
    bytesize: int = 8
    parity: str = "N"
    stopbits: int = 1
    usb_ids: tuple[tuple[int, int], ...] = ()
    """(vendor, product) of its own adapter, if it has one."""
    silence_s: float = 5.0
    """Seconds without a byte after which the link counts as lost."""
    linked: Callable[[Host], Codec] | None = None
    """Makes the codec of a connection in place of `codec` where it must know of the host: one that remembers
    over connections what the device was acknowledged."""
    is_wheeled: bool = False
    """Whether it is a robot that the gateway drives, where `Host.wheeled` is told."""
    over_mqtt: bool = False
    """Whether the same stream may come through an MQTT broker instead, as our own nodes' can by Wi-Fi."""

    def codec_of(self, host: Host) -> Codec:
        """The codec of one connection."""
        return self.linked(host) if self.linked else self.codec()


@dataclass(frozen=True, slots=True)
class TcpLink:
    """A device that speaks over TCP: it is connected to, or it connects to us (`listens`)."""

    port: int
    codec: MakeCodec
    """A fresh one for each connection."""
    listens: bool = False
    """Whether the gateway is the server."""
    silence_s: float | None = None
    """Seconds without a byte after which the connection is given up; None: it may be silent for ever."""
    for_device: Callable[[], MakeCodec] | None = None
    """Gives, once for a device, the `codec` of its connections: what they share outlives each of them."""

    def codecs(self) -> MakeCodec:
        """The maker of the codecs of one device's connections."""
        return self.for_device() if self.for_device else self.codec


@dataclass(frozen=True, slots=True)
class UdpLink:
    """A device that speaks in datagrams: its codec is handed one whole datagram at a time.

    What the codec has to send goes as one datagram for each `data_to_send`.
    """

    port: int
    """The device's."""
    codec: MakeCodec
    silence_s: float = 10.0
    """Seconds without a datagram after which the device counts as lost, and the talk begins anew."""


@dataclass(frozen=True, slots=True)
class VehicleLink:
    """A robot that speaks VDA 5050 at an MQTT broker. Its codec is handed one message at a time: the last
    level of its topic, a space, and the payload."""

    codec: "Callable[[], Bridge]"


AnyLink = BleLink | BleBroadcast | SerialLink | TcpLink | UdpLink | VehicleLink
