"""A Bluetooth LE peripheral, declared in a few lines and driven by a simulator.

    rate = Characteristic("2a37", Property.NOTIFY)
    place = Characteristic("2a38", Property.READ, value=bytes([1]))
    service = Service("180d", [rate, place])
    monitor = Peripheral("HRM-0001", "C0:00:00:00:00:01", [service], advertises=["180d"])

    await world.add(monitor)                 # powers on and advertises until a central connects
    await monitor.notify(rate, payload)      # True when a central has subscribed and it was sent
    await monitor.advertise({"fcd2": data})  # other service data from now on
    place.value = bytes([2])                 # what the next read returns
    monitor.lose(); monitor.back()           # out of range (both ends see a supervision time-out), and back

After every disconnection it advertises again by itself. UUIDs are strings of 4 or 36 characters, addresses
are static random ones (their first two bits are 1: "C0:..." to "FF:...", Core 5.4, Vol 6, Part B, 1.3.2.1).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bumble import gatt
from bumble.att import ATT_Error, AttributeValue, ErrorCode
from bumble.core import UUID
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.hci import Address, HCI_ErrorCode
from bumble.host import Host

from hil.radio.advertising import advertising_fields, split_advertisement
from hil.radio.link import RadioController, RadioLink
from hil.radio.security import just_works, key_store

Property = gatt.Characteristic.Properties
_WRITES = Property.WRITE | Property.WRITE_WITHOUT_RESPONSE
_Permission = gatt.Characteristic.Permissions
_CCCD = gatt.GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR
_NOTIFY, _INDICATE = 1, 2  # bits of the CCCD (Core 5.4, Vol 3, Part G, 3.3.3.3)
_NOTIFICATION_HEADER = 3  # opcode and handle


@dataclass
class Descriptor:
    """A descriptor; a CCCD need not be declared, it comes with NOTIFY and INDICATE."""

    uuid: str
    value: bytes = b""
    writeable: bool = False

    def read(self, _connection: Connection) -> bytes:
        """Answer a read."""
        return self.value

    def write(self, _connection: Connection, value: bytes) -> None:
        """Take a write. Raises ATT_Error when it may not be written, which bumble does not check."""
        if not self.writeable:
            raise ATT_Error(ErrorCode.WRITE_NOT_PERMITTED)
        self.value = value


@dataclass(eq=False)
class Characteristic:
    """A characteristic; `encrypted` refuses reads, writes and subscriptions on an unencrypted link.

    `on_read` computes the value at each read; `on_write` is told each value written. Either may raise
    `bumble.att.ATT_Error(code)`, which the central gets as its answer.
    """

    uuid: str
    properties: gatt.Characteristic.Properties
    value: bytes = b""
    encrypted: bool = False
    descriptors: Sequence[Descriptor] = ()
    on_read: Callable[[], bytes] | None = None
    on_write: Callable[[bytes], None] | None = None

    def read(self, _connection: Connection) -> bytes:
        """Answer a read. Raises ATT_Error when it may not be read, which bumble does not check."""
        if not self.properties & Property.READ:
            raise ATT_Error(ErrorCode.READ_NOT_PERMITTED)
        if self.on_read:
            self.value = self.on_read()
        return self.value

    def write(self, _connection: Connection, value: bytes) -> None:
        """Take a write. Raises ATT_Error when it may not be written, which bumble does not check."""
        if not self.properties & _WRITES:
            raise ATT_Error(ErrorCode.WRITE_NOT_PERMITTED)
        if self.on_write:
            self.on_write(value)
        self.value = value

    @property
    def permissions(self) -> gatt.Characteristic.Permissions:
        """What bumble checks before it reads or writes the value."""
        granted = _Permission(0)
        if self.properties & Property.READ:
            granted |= _Permission.READABLE
        if self.properties & _WRITES:
            granted |= _Permission.WRITEABLE
        return granted | _encryption(self.encrypted)


@dataclass
class Service:
    """A primary service."""

    uuid: str
    characteristics: Sequence[Characteristic] = field(default_factory=tuple)


class Peripheral:
    """A peripheral that takes one central at a time.

    Args:
        name: the complete local name; in the scan response when the advertisement has no room for it.
        address: its static random address.
        services: its GATT services.
        advertises: UUIDs of the services it advertises.
        manufacturer_data, service_data, tx_power_dbm: more to advertise.
        interval_ms: advertising interval.
        mtu: the largest ATT MTU it agrees to, in bytes.
    """

    def __init__(
        self,
        name: str,
        address: str,
        services: Sequence[Service],
        *,
        advertises: Sequence[str] = (),
        manufacturer_data: Mapping[int, bytes] | None = None,
        service_data: Mapping[str, bytes] | None = None,
        tx_power_dbm: int | None = None,
        interval_ms: float = 100,
        mtu: int = 247,
    ) -> None:
        self.name, self.address = name, address
        self._services = services
        self._fields = partial(
            advertising_fields, advertises, manufacturer_data or {}, tx_power_dbm=tx_power_dbm
        )
        self._advertisement, self._scan_response = self._split(service_data or {})
        self._interval_ms, self._mtu = interval_ms, mtu
        self._attributes: dict[Characteristic, gatt.Characteristic[bytes]] = {}
        self._link: RadioLink | None = None
        self.is_frozen = False
        """It keeps its links, and sends nothing."""

    async def start(self, link: RadioLink, bonds: Path | None = None) -> None:
        """Power on and advertise on `link`; `World.add` calls it. `bonds` keeps the bonds in a file."""
        self._link = link
        self._controller = RadioController(self.name, link=link)
        host = Host()
        host.controller = self._controller
        self._device = Device(config=self._configuration(), host=host)
        self._device.gatt_server.max_mtu = self._mtu
        self._device.keystore = key_store(self.address, bonds)
        self._device.pairing_config_factory = just_works
        for service in self._services:
            characteristics = [self._attribute(characteristic) for characteristic in service.characteristics]
            self._device.add_service(gatt.Service(UUID(service.uuid), characteristics))
        await self._device.power_on()
        await self._device.start_advertising(auto_restart=True, scan_response_data=self._scan_response)

    async def advertise(self, service_data: Mapping[str, bytes]) -> None:
        """Advertise `service_data` instead of what it was until now.

        Raises ValueError when it does not fit.
        """
        advertisement, scan_response = self._split(service_data)
        await self._device.start_advertising(
            auto_restart=True, advertising_data=advertisement, scan_response_data=scan_response
        )

    def _split(self, service_data: Mapping[str, bytes]) -> tuple[bytes, bytes]:
        return split_advertisement(self.name, self._fields(service_data=service_data))

    @property
    def central(self) -> Connection | None:
        """The connected central, if any."""
        return next(iter(self._device.connections.values()), None)

    def is_subscribed(self, characteristic: Characteristic) -> bool:
        """True while a central has its CCCD set to notifications or indications."""
        return self._subscription(characteristic) != 0 and not self.is_frozen

    async def notify(self, characteristic: Characteristic, value: bytes) -> bool:
        """Send a notification; False, and nothing sent, when no central has subscribed to notifications.

        Raises ValueError when the value does not fit: a notification holds MTU - 3 bytes.
        """
        central = self.central
        if central is None or self.is_frozen or not self._subscription(characteristic) & _NOTIFY:
            return False
        _check_length(central, value)
        await self._device.notify_subscriber(central, self._attributes[characteristic], value)
        return True

    async def indicate(self, characteristic: Characteristic, value: bytes) -> bool:
        """Send an indication; True once confirmed, False when nobody subscribed or the central was lost."""
        central = self.central
        if central is None or self.is_frozen or not self._subscription(characteristic) & _INDICATE:
            return False
        _check_length(central, value)
        sent = self._device.indicate_subscriber(central, self._attributes[characteristic], value)
        confirmed = asyncio.ensure_future(central.cancel_on_disconnection(sent))
        await asyncio.wait({confirmed})
        return not confirmed.cancelled() and confirmed.exception() is None

    async def disconnect(self) -> None:
        """End the link with the central in good order, if there is one."""
        if central := self.central:
            await central.disconnect()

    def lose(self) -> None:
        """Go out of range: the central sees a supervision time-out and hears nothing more."""
        self._air.lose(self._controller)

    def power_off(self) -> None:
        """Switch off: the central is told so and hears nothing more."""
        self._air.lose(
            self._controller, HCI_ErrorCode.REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_POWER_OFF_ERROR
        )

    def back(self) -> None:
        """Come back into range, or on again: it is heard advertising from now on."""
        self._air.add_controller(self._controller)

    @property
    def _air(self) -> RadioLink:
        if self._link is None:
            raise RuntimeError(f"{self.name} is not on the air: World.add() it first")
        return self._link

    def _configuration(self) -> DeviceConfiguration:
        return DeviceConfiguration(
            name=self.name,
            address=Address(self.address),
            advertising_data=self._advertisement,
            advertising_interval_min=self._interval_ms,
            advertising_interval_max=self._interval_ms,
        )

    def _attribute(self, declared: Characteristic) -> gatt.Characteristic[bytes]:
        """The bumble attribute of `declared`, with its descriptors and its CCCD."""
        descriptors = [_descriptor(d) for d in declared.descriptors]
        value = AttributeValue(declared.read, declared.write)
        made = gatt.Characteristic(
            UUID(declared.uuid), declared.properties, declared.permissions, value, descriptors
        )
        if declared.properties & (Property.NOTIFY | Property.INDICATE):
            # bumble would add an open CCCD; that of an encrypted characteristic is as protected as its value.
            permissions = _Permission.READABLE | _Permission.WRITEABLE | _encryption(declared.encrypted)
            cccd = self._device.gatt_server.make_descriptor_value(made)
            descriptors.append(gatt.Descriptor(_CCCD, permissions, cccd))
        self._attributes[declared] = made
        return made

    def _subscription(self, characteristic: Characteristic) -> int:
        """The CCCD of the connected central, 0 when there is none."""
        subscriptions = self._device.gatt_server.subscribers.get(self.central) if self.central else None
        cccd = (subscriptions or {}).get(self._attributes[characteristic].handle, b"")
        return int.from_bytes(cccd, "little")


def _encryption(required: bool) -> gatt.Characteristic.Permissions:
    if not required:
        return _Permission(0)
    return _Permission.READ_REQUIRES_ENCRYPTION | _Permission.WRITE_REQUIRES_ENCRYPTION


def _descriptor(declared: Descriptor) -> gatt.Descriptor:
    access = _Permission.READABLE | (_Permission.WRITEABLE if declared.writeable else _Permission(0))
    return gatt.Descriptor(UUID(declared.uuid), access, AttributeValue(declared.read, declared.write))


def _check_length(central: Connection, value: bytes) -> None:
    room = central.att_mtu - _NOTIFICATION_HEADER
    if len(value) > room:
        raise ValueError(
            f"a value of {len(value)} bytes: at most {room} fit with an MTU of {central.att_mtu}"
        )
