"""What a peripheral says of itself: encoded for the air, and decoded into bleak's terms."""

from collections.abc import Mapping, Sequence

from bleak.backends.scanner import AdvertisementData
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement

from hil.radio.gatt import uuid_string

# Advertising data and scan response have as many bytes each (Core 5.4, Vol 6, Part B, 2.3.1 and 2.3.2.2).
_ADVERTISEMENT = 31
_UUID_LISTS = (
    AdvertisingData.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.COMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.INCOMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    AdvertisingData.Type.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
)
_SERVICE_DATA = (
    AdvertisingData.Type.SERVICE_DATA_16_BIT_UUID,
    AdvertisingData.Type.SERVICE_DATA_32_BIT_UUID,
    AdvertisingData.Type.SERVICE_DATA_128_BIT_UUID,
)


def advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    """What `advertisement` says, in bleak's terms."""
    data = advertisement.data
    names = data.get_all(AdvertisingData.Type.COMPLETE_LOCAL_NAME)
    names += data.get_all(AdvertisingData.Type.SHORTENED_LOCAL_NAME)
    powers = data.get_all(AdvertisingData.Type.TX_POWER_LEVEL, raw=True)
    return AdvertisementData(
        local_name=names[0] if names else None,
        manufacturer_data=dict(data.get_all(AdvertisingData.Type.MANUFACTURER_SPECIFIC_DATA)),
        service_data={uuid_string(u): d for kind in _SERVICE_DATA for u, d in data.get_all(kind)},
        service_uuids=[uuid_string(u) for kind in _UUID_LISTS for part in data.get_all(kind) for u in part],
        tx_power=int.from_bytes(powers[0], signed=True) if powers else None,
        rssi=advertisement.rssi,
        platform_data=(advertisement,),
    )


def advertising_fields(
    advertises: Sequence[str],
    manufacturer_data: Mapping[int, bytes],
    service_data: Mapping[str, bytes],
    tx_power_dbm: int | None,
) -> list[tuple[int, bytes]]:
    """The fields of the advertisement, its name excepted (Core Specification Supplement 11, Part A, 1)."""
    kinds = AdvertisingData.Type
    fields: list[tuple[int, bytes]] = [(kinds.FLAGS, b"\x06")]
    uuids = [bytes(UUID(uuid)) for uuid in advertises]
    if short := b"".join(uuid for uuid in uuids if len(uuid) == 2):
        fields.append((kinds.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, short))
    if long := b"".join(uuid for uuid in uuids if len(uuid) == 16):
        fields.append((kinds.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, long))
    for company, data in manufacturer_data.items():
        fields.append((kinds.MANUFACTURER_SPECIFIC_DATA, company.to_bytes(2, "little") + data))
    for uuid, data in service_data.items():
        encoded = bytes(UUID(uuid))
        short_uuid = len(encoded) == 2
        kind = kinds.SERVICE_DATA_16_BIT_UUID if short_uuid else kinds.SERVICE_DATA_128_BIT_UUID
        fields.append((kind, encoded + data))
    if tx_power_dbm is not None:
        fields.append((kinds.TX_POWER_LEVEL, tx_power_dbm.to_bytes(1, "little", signed=True)))
    return fields


def split_advertisement(name: str, fields: list[tuple[int, bytes]]) -> tuple[bytes, bytes]:
    """Advertising data and scan response: the name goes where there is room."""
    named = (int(AdvertisingData.Type.COMPLETE_LOCAL_NAME), name.encode())
    together = bytes(AdvertisingData([*fields, named]))
    parts = (together, b"")
    if len(together) > _ADVERTISEMENT:
        parts = bytes(AdvertisingData(fields)), bytes(AdvertisingData([named]))
    for part in parts:
        if len(part) > _ADVERTISEMENT:
            raise ValueError(f"{name}: {len(part)} bytes to advertise, {_ADVERTISEMENT} fit: advertise less")
    return parts
