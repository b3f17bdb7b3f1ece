"""The attributes of the device itself, its MDS object (20601, 6.3.2): who it is, and its battery."""

from collections.abc import Mapping

from devices.codecs.phd.mder import Reader, attribute_list, listed, octets, readable, u16, u32
from devices.codecs.phd.nomenclature import Attribute
from devices.model.observation import DeviceEvent, EventKind, Instant

_SPECIFICATIONS = {
    1: "serial",
    2: "part-number",
    3: "hardware",
    4: "software",
    5: "firmware",
    6: "protocol",
}
"""Production-Specification's spec-types; of others (0 unspecified, 7 GMDN) nothing is told."""


def events(told: Mapping[int, bytes], now: Instant) -> list[DeviceEvent]:
    """IDENTITY and BATTERY, as far as the attributes tell them. Raises BadBytes."""
    identity: dict[str, str | int] = {}
    if Attribute.ID_MODEL in told:
        reader = Reader(told[Attribute.ID_MODEL])
        identity |= {"manufacturer": reader.text(), "model": reader.text()}
    if Attribute.SYSTEM_ID in told:
        identity["system-id"] = Reader(told[Attribute.SYSTEM_ID]).octets().hex()
    if Attribute.PRODUCTION_SPECIFICATION in told:
        identity |= _specifications(Reader(told[Attribute.PRODUCTION_SPECIFICATION]))
    identity = {name: text for name, text in identity.items() if text}
    found = [DeviceEvent(EventKind.IDENTITY, now, identity)] if identity else []
    if Attribute.BATTERY_LEVEL in told:
        percent = Reader(told[Attribute.BATTERY_LEVEL]).u16()
        found += [DeviceEvent(EventKind.BATTERY, now, {"percent": percent})] if percent <= 100 else []
    return found


def _specifications(reader: Reader) -> dict[str, str]:
    """Of several components (component-id) that tell the same, the first."""
    found: dict[str, str] = {}
    for kind, text in reader.items(_specification):
        if kind in _SPECIFICATIONS:
            found.setdefault(_SPECIFICATIONS[kind], text)
    return found


def _specification(reader: Reader) -> tuple[int, str]:
    kind, _, text = reader.u16(), reader.u16(), readable(reader.octets())
    return kind, text


def encode_system(system_id: bytes, model: str, serial: str, others: Mapping[int, bytes]) -> bytes:
    """The attribute list of an MDS object."""
    serials = listed([u16(1) + u16(0) + octets(serial.encode())])
    told: dict[int, bytes] = {
        Attribute.SYSTEM_ID: octets(system_id),
        Attribute.ID_MODEL: octets(b"Wardlink simulation") + octets(model.encode()),
        Attribute.PRODUCTION_SPECIFICATION: serials,
        Attribute.TIME_RELATIVE: u32(0),
    }
    return attribute_list({**told, **others}.items())
