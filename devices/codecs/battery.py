"""Battery Service (0x180F): Battery Level, a percentage 0–100 (GSS 3.26)."""

from devices.codecs import Said
from devices.codecs.gatt import Fields, ValueCodec, uuid16
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant

SERVICE = uuid16(0x180F)
LEVEL = uuid16(0x2A19)


def decode_battery_level(data: bytes) -> int:
    """Percent, 0–100. Raises BadBytes."""
    percent = Fields(data).uint(1)
    if percent > 100:
        raise BadBytes("range", f"expected a battery level of 0 to 100 %, got {percent}")
    return percent


def encode_battery_level(percent: int) -> bytes:
    """The characteristic's value."""
    return bytes((percent,))


class BatteryCodec(ValueCodec):
    """Gives a BATTERY event for each value."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        return [DeviceEvent(EventKind.BATTERY, now, {"percent": decode_battery_level(data)})]
