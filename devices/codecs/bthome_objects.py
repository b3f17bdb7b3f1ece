"""BTHome v2: the objects of a packet, by their number.

An object is its number and its value: little-endian, of the size that its number has, in units of a factor.
Commands (0x3B), text (0x53) and raw bytes (0x54) tell their size. An object of an unknown number ends what
can be read: its size is unknown. Objects stand in the order of their numbers so that older ones come first.
Source: bthome.io, BTHome v2 format; checked against Bluetooth-Devices/bthome-ble. Tasmota reads 0x43 as
signed and 0x5E in thousandths; BTHome has them unsigned and in hundredths.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from devices.errors import BadBytes

PACKET_ID, BATTERY, TEXT, RAW = 0x00, 0x01, 0x53, 0x54
BUTTON, COMMAND, DIMMER = 0x3A, 0x3B, 0x3C
TIMESTAMP, DEVICE_TYPE, FIRMWARE_4, FIRMWARE_3 = 0x50, 0xF0, 0xF1, 0xF2
_ARGUMENTS = 0x1F
"""The bits of a command's size; the others are reserved."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a number of sensor data means. `unit` is UCUM where it has one."""

    name: str
    size: int
    factor: str = "1"
    unit: str = "1"
    signed: bool = False

    def value(self, data: bytes) -> Decimal:
        """The number, exact, with as many digits as the factor has."""
        return int.from_bytes(data, "little", signed=self.signed) * Decimal(self.factor)

    def encode(self, value: Decimal) -> bytes:
        """The value's bytes. Raises OverflowError where it does not fit."""
        return round(value / Decimal(self.factor)).to_bytes(self.size, "little", signed=self.signed)


QUANTITIES = {
    0x01: Quantity("battery", 1, "1", "%"),
    0x02: Quantity("temperature", 2, "0.01", "Cel", signed=True),
    0x03: Quantity("humidity", 2, "0.01", "%"),
    0x04: Quantity("pressure", 3, "0.01", "hPa"),
    0x05: Quantity("illuminance", 3, "0.01", "lx"),
    0x06: Quantity("mass", 2, "0.01", "kg"),
    0x07: Quantity("mass", 2, "0.01", "[lb_av]"),
    0x08: Quantity("dew-point", 2, "0.01", "Cel", signed=True),
    0x09: Quantity("count", 1),
    0x0A: Quantity("energy", 3, "0.001", "kW.h"),
    0x0B: Quantity("power", 3, "0.01", "W"),
    0x0C: Quantity("voltage", 2, "0.001", "V"),
    0x0D: Quantity("pm2.5", 2, "1", "ug/m3"),
    0x0E: Quantity("pm10", 2, "1", "ug/m3"),
    0x12: Quantity("co2", 2, "1", "[ppm]"),
    0x13: Quantity("tvoc", 2, "1", "ug/m3"),
    0x14: Quantity("moisture", 2, "0.01", "%"),
    0x2E: Quantity("humidity", 1, "1", "%"),
    0x2F: Quantity("moisture", 1, "1", "%"),
    0x3D: Quantity("count", 2),
    0x3E: Quantity("count", 4),
    0x3F: Quantity("rotation", 2, "0.1", "deg", signed=True),
    0x40: Quantity("distance", 2, "1", "mm"),
    0x41: Quantity("distance", 2, "0.1", "m"),
    0x42: Quantity("duration", 3, "0.001", "s"),
    0x43: Quantity("current", 2, "0.001", "A"),
    0x44: Quantity("speed", 2, "0.01", "m/s"),
    0x45: Quantity("temperature", 2, "0.1", "Cel", signed=True),
    0x46: Quantity("uv-index", 1, "0.1"),
    0x47: Quantity("volume", 2, "0.1", "L"),
    0x48: Quantity("volume", 2, "1", "mL"),
    0x49: Quantity("volume-flow-rate", 2, "0.001", "m3/h"),
    0x4A: Quantity("voltage", 2, "0.1", "V"),
    0x4B: Quantity("gas-volume", 3, "0.001", "m3"),
    0x4C: Quantity("gas-volume", 4, "0.001", "m3"),
    0x4D: Quantity("energy", 4, "0.001", "kW.h"),
    0x4E: Quantity("volume", 4, "0.001", "L"),
    0x4F: Quantity("water", 4, "0.001", "L"),
    0x51: Quantity("acceleration", 2, "0.001", "m/s2"),
    0x52: Quantity("gyroscope", 2, "0.001", "deg/s"),
    0x55: Quantity("volume-storage", 4, "0.001", "L"),
    0x56: Quantity("conductivity", 2, "1", "uS/cm"),
    0x57: Quantity("temperature", 1, "1", "Cel", signed=True),
    0x58: Quantity("temperature", 1, "0.35", "Cel", signed=True),
    0x59: Quantity("count", 1, signed=True),
    0x5A: Quantity("count", 2, signed=True),
    0x5B: Quantity("count", 4, signed=True),
    0x5C: Quantity("power", 4, "0.01", "W", signed=True),
    0x5D: Quantity("current", 2, "0.001", "A", signed=True),
    0x5E: Quantity("direction", 2, "0.01", "deg"),
    0x5F: Quantity("precipitation", 2, "0.1", "mm"),
    0x60: Quantity("channel", 1),
    0x61: Quantity("rotational-speed", 2, "1", "{rpm}"),
    0x62: Quantity("speed", 4, "0.000001", "m/s", signed=True),
    0x63: Quantity("acceleration", 4, "0.000001", "m/s2", signed=True),
    0x64: Quantity("light-level", 1),
    0x65: Quantity("settings-revision", 1),
}

STATES = {
    0x0F: ("on", 1),
    0x10: ("power-on", 1),
    0x11: ("open", 1),
    0x15: ("battery-low", 1),
    0x16: ("battery-charging", 1),
    0x17: ("carbon-monoxide-detected", 1),
    0x18: ("cold", 1),
    0x19: ("disconnected", 0),
    0x1A: ("door-open", 1),
    0x1B: ("garage-door-open", 1),
    0x1C: ("gas-detected", 1),
    0x1D: ("heat", 1),
    0x1E: ("light-detected", 1),
    0x1F: ("unlocked", 1),
    0x20: ("wet", 1),
    0x21: ("motion-detected", 1),
    0x22: ("moving", 1),
    0x23: ("occupied", 1),
    0x24: ("plugged-in", 1),
    0x25: ("present", 1),
    0x26: ("problem", 1),
    0x27: ("running", 1),
    0x28: ("unsafe", 0),
    0x29: ("smoke-detected", 1),
    0x2A: ("sound-detected", 1),
    0x2B: ("tamper", 1),
    0x2C: ("vibration-detected", 1),
    0x2D: ("window-open", 1),
}
"""The condition of each binary sensor, and the value for which it is true."""

_OTHER_SIZES = {
    PACKET_ID: 1,
    BUTTON: 1,
    DIMMER: 2,
    TIMESTAMP: 4,
    DEVICE_TYPE: 2,
    FIRMWARE_4: 4,
    FIRMWARE_3: 3,
}


@dataclass(frozen=True, slots=True)
class Object:
    """One object of a packet."""

    number: int
    data: bytes

    def encode(self) -> bytes:
        """As it stands in a packet."""
        if self.number == COMMAND:
            return bytes((self.number, len(self.data) - 1)) + self.data
        told = bytes((len(self.data),)) if self.number in (TEXT, RAW) else b""
        return bytes((self.number,)) + told + self.data


def objects(payload: bytes) -> Iterator[Object]:
    """The objects of an unencrypted packet, in order. Raises BadBytes at the first that cannot be read."""
    at = 0
    while at < len(payload):
        number, at = payload[at], at + 1
        size, at = _size(number, payload, at)
        if at + size > len(payload):
            raise BadBytes("length", f"expected {size} bytes of object {number:02X}")
        yield Object(number, payload[at : at + size])
        at += size


def _size(number: int, payload: bytes, at: int) -> tuple[int, int]:
    """The size of the value, and where it begins."""
    if number in (COMMAND, TEXT, RAW):
        if at == len(payload):
            raise BadBytes("length", f"expected the size of object {number:02X}")
        told = payload[at]
        return (told & _ARGUMENTS) + 1 if number == COMMAND else told, at + 1
    if number in QUANTITIES:
        return QUANTITIES[number].size, at
    if number in STATES:
        return 1, at
    if number not in _OTHER_SIZES:
        raise BadBytes("range", f"expected an object of BTHome v2, got {number:02X}")
    return _OTHER_SIZES[number], at
