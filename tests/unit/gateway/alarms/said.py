"""What devices say to the alarms of a test, in seconds."""

from decimal import Decimal

from devices.model.identity import DeviceId, LocationId
from devices.model.observation import Instant, NoValue, Quality, Reading

S = 1_000_000_000
OX = DeviceId("ox-1"), LocationId("bed-1")
ECG = DeviceId("ecg-1"), LocationId("bed-1")
OTHER = DeviceId("ox-2"), LocationId("bed-2")


def at(seconds: float) -> Instant:
    return Instant(round(seconds * S))


def value(
    metric: str,
    seconds: float,
    number: float | None,
    quality: Quality = Quality.GOOD,
    reason: NoValue | None = None,
) -> Reading:
    """A value, or none for a reason (the sensor is off, where none is given)."""
    if number is None:
        return Reading(metric, at(seconds), None, reason or NoValue.SENSOR_OFF, quality)
    return Reading(metric, at(seconds), Decimal(str(number)), None, quality)
