"""GATT as bleak names it, on a bumble connection: the discovered services, and the calls on them."""

from collections.abc import Callable

from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.uuids import normalize_uuid_str
from bumble.core import UUID
from bumble.device import Peer
from bumble.gatt_client import CharacteristicProxy, ServiceProxy

CCCD = normalize_uuid_str("2902")
_ATT_WRITE_HEADER = 3  # opcode and handle (Core 5.4, Vol 3, Part F, 3.4.5)


def uuid_string(uuid: UUID) -> str:
    """`uuid` as bleak writes it: 128 bits, lower case, with hyphens."""
    return normalize_uuid_str(uuid.to_hex_str("-"))


async def discover(peer: Peer, wanted: set[str] | None, mtu: Callable[[], int]) -> BleakGATTServiceCollection:
    """Discover the services of `peer` (only those whose UUID is `wanted`, if given) with all they hold."""
    found = BleakGATTServiceCollection()
    for service in await peer.discover_services():
        uuid = uuid_string(service.uuid)
        if wanted is None or uuid in wanted:
            bleak_service = BleakGATTService(service, service.handle, uuid)
            found.add_service(bleak_service)
            await _discover_characteristics(found, service, bleak_service, mtu)
    return found


async def _discover_characteristics(
    found: BleakGATTServiceCollection,
    service: ServiceProxy,
    bleak_service: BleakGATTService,
    mtu: Callable[[], int],
) -> None:
    for characteristic in await service.discover_characteristics():
        bleak_characteristic = BleakGATTCharacteristic(
            characteristic,
            characteristic.handle,
            uuid_string(characteristic.uuid),
            list(gatt_char_props_to_strs(int(characteristic.properties))),
            lambda: mtu() - _ATT_WRITE_HEADER,
            bleak_service,
        )
        found.add_characteristic(bleak_characteristic)
        await _discover_descriptors(found, characteristic, bleak_characteristic)


async def _discover_descriptors(
    found: BleakGATTServiceCollection,
    characteristic: CharacteristicProxy[bytes],
    bleak_characteristic: BleakGATTCharacteristic,
) -> None:
    for descriptor in await characteristic.discover_descriptors():
        uuid = uuid_string(descriptor.type)
        found.add_descriptor(BleakGATTDescriptor(descriptor, descriptor.handle, uuid, bleak_characteristic))
