"""What a peripheral says of itself: encoded for the air, and decoded into bleak's terms."""

import uuid
from collections.abc import Mapping, Sequence

from bleak.backends.scanner import AdvertisementData
from bleak.uuids import normalize_uuid_str
from bumble.core import UUID, AdvertisingData
from bumble.device import Advertisement

# Advertising data and scan response have as many bytes each (Core 5.4, Vol 6, Part B, 2.3.1 and 2.3.2.2).
_ADVERTISEMENT = 31
_Kind = AdvertisingData.Type
_UUID_LISTS = {  # kind of field -> bytes of one UUID
    _Kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _Kind.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS: 2,
    _Kind.COMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS: 4,
    _Kind.INCOMPLETE_LIST_OF_32_BIT_SERVICE_CLASS_UUIDS: 4,
    _Kind.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
    _Kind.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS: 16,
}
_SERVICE_DATA = {  # kind of field -> bytes of its UUID
    _Kind.SERVICE_DATA_16_BIT_UUID: 2,
    _Kind.SERVICE_DATA_32_BIT_UUID: 4,
    _Kind.SERVICE_DATA_128_BIT_UUID: 16,
}


def advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    """What `advertisement` says, in bleak's terms; what is too short to be what it claims is left out."""
    fields = advertisement.data.ad_structures
    names = [
        _text(d)
        for wanted in (_Kind.COMPLETE_LOCAL_NAME, _Kind.SHORTENED_LOCAL_NAME)
        for kind, d in fields
        if kind == wanted
    ]
    powers = [d for kind, d in fields if kind == _Kind.TX_POWER_LEVEL and len(d) == 1]
    companies = [d for kind, d in fields if kind == _Kind.MANUFACTURER_SPECIFIC_DATA and len(d) >= 2]
    return AdvertisementData(
        local_name=names[0] if names else None,
        manufacturer_data={int.from_bytes(d[:2], "little"): d[2:] for d in companies},
        service_data=dict(pair for kind, d in fields for pair in _service_data(kind, d)),
        service_uuids=[service for kind, d in fields for service in _uuids(kind, d)],
        tx_power=int.from_bytes(powers[0], signed=True) if powers else None,
        rssi=advertisement.rssi,
        platform_data=(advertisement,),
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def _uuid(data: bytes) -> str:
    """A UUID of 2, 4 or 16 bytes, least significant first, as bleak writes it."""
    most_first = data[::-1]
    if len(data) == 16:
        return str(uuid.UUID(bytes=most_first))
    return normalize_uuid_str(most_first.hex().zfill(8))


def _uuids(kind: int, data: bytes) -> list[str]:
    size = _UUID_LISTS.get(_Kind(kind), 0)
    return [_uuid(data[at : at + size]) for at in range(0, len(data) - size + 1, size)] if size else []


def _service_data(kind: int, data: bytes) -> list[tuple[str, bytes]]:
    size = _SERVICE_DATA.get(_Kind(kind), 0)
    return [(_uuid(data[:size]), data[size:])] if 0 < size <= len(data) else []


def advertising_fields(
    advertises: Sequence[str],
    manufacturer_data: Mapping[int, bytes],
    service_data: Mapping[str, bytes],
    tx_power_dbm: int | None,
) -> list[tuple[int, bytes]]:
    """The fields of the advertisement, its name excepted (Core Specification Supplement 11, Part A, 1)."""
    fields: list[tuple[int, bytes]] = [(_Kind.FLAGS, b"\x06")]
    services = [bytes(UUID(service)) for service in advertises]
    if short := b"".join(service for service in services if len(service) == 2):
        fields.append((_Kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, short))
    if long := b"".join(service for service in services if len(service) == 16):
        fields.append((_Kind.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, long))
    for company, data in manufacturer_data.items():
        fields.append((_Kind.MANUFACTURER_SPECIFIC_DATA, company.to_bytes(2, "little") + data))
    for service, data in service_data.items():
        encoded = bytes(UUID(service))
        is_short = len(encoded) == 2
        kind = _Kind.SERVICE_DATA_16_BIT_UUID if is_short else _Kind.SERVICE_DATA_128_BIT_UUID
        fields.append((kind, encoded + data))
    if tx_power_dbm is not None:
        fields.append((_Kind.TX_POWER_LEVEL, tx_power_dbm.to_bytes(1, "little", signed=True)))
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
