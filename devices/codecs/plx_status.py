"""What a pulse oximeter says against its values: Measurement Status and Device and Sensor Status.

Source: PLXS 1.0.1, tables 3.4 and 3.5; GSS 3.171 to 3.173.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from functools import reduce

from devices.codecs.gatt import Fields
from devices.codecs.ieee11073 import Number, encode_sfloat
from devices.model.observation import NoValue, Quality


class Measurement(IntFlag):
    """Measurement Status, 16 bits."""

    ONGOING = 1 << 5
    EARLY_ESTIMATE = 1 << 6
    VALIDATED = 1 << 7
    FULLY_QUALIFIED = 1 << 8
    FROM_STORAGE = 1 << 9
    DEMONSTRATION = 1 << 10
    TESTING = 1 << 11
    CALIBRATION_ONGOING = 1 << 12
    UNAVAILABLE = 1 << 13
    QUESTIONABLE = 1 << 14
    INVALID = 1 << 15


class Sensor(IntFlag):
    """Device and Sensor Status, 24 bits. STATUS events have these names, in lower case with hyphens."""

    EXTENDED_DISPLAY_UPDATE = 1 << 0
    EQUIPMENT_MALFUNCTION = 1 << 1
    SIGNAL_IRREGULARITY = 1 << 2
    INADEQUATE_SIGNAL = 1 << 3
    POOR_SIGNAL = 1 << 4
    LOW_PERFUSION = 1 << 5
    ERRATIC_SIGNAL = 1 << 6
    NONPULSATILE_SIGNAL = 1 << 7
    QUESTIONABLE_PULSE = 1 << 8
    SIGNAL_ANALYSIS = 1 << 9
    SENSOR_INTERFERENCE = 1 << 10
    SENSOR_OFF_USER = 1 << 11
    UNKNOWN_SENSOR = 1 << 12
    SENSOR_DISPLACED = 1 << 13
    SENSOR_MALFUNCTION = 1 << 14
    SENSOR_DISCONNECTED = 1 << 15


_MEASUREMENT_QUALITY: dict[int, Quality] = {
    Measurement.EARLY_ESTIMATE: Quality.QUESTIONABLE,
    Measurement.FROM_STORAGE: Quality.STORED,
    Measurement.DEMONSTRATION: Quality.TEST_DATA,
    Measurement.TESTING: Quality.TEST_DATA,
    Measurement.CALIBRATION_ONGOING: Quality.QUESTIONABLE,
    Measurement.QUESTIONABLE: Quality.QUESTIONABLE,
}
_SENSOR_QUALITY: dict[int, Quality] = {
    Sensor.EQUIPMENT_MALFUNCTION: Quality.SENSOR_ALARM,
    Sensor.SIGNAL_IRREGULARITY: Quality.QUESTIONABLE,
    Sensor.INADEQUATE_SIGNAL: Quality.QUESTIONABLE,
    Sensor.POOR_SIGNAL: Quality.QUESTIONABLE,
    Sensor.LOW_PERFUSION: Quality.LOW_PERFUSION,
    Sensor.ERRATIC_SIGNAL: Quality.ARTIFACT,
    Sensor.NONPULSATILE_SIGNAL: Quality.QUESTIONABLE,
    Sensor.QUESTIONABLE_PULSE: Quality.QUESTIONABLE,
    Sensor.SENSOR_INTERFERENCE: Quality.ARTIFACT,
    Sensor.UNKNOWN_SENSOR: Quality.QUESTIONABLE,
    Sensor.SENSOR_DISPLACED: Quality.QUESTIONABLE,
    Sensor.SENSOR_MALFUNCTION: Quality.SENSOR_ALARM,
}


@dataclass(frozen=True, slots=True)
class Status:
    """The optional fields that end every measurement: both states and the pulse amplitude index (%)."""

    measurement: Measurement | None = None
    sensor: Sensor | None = None
    amplitude_index: Number | None = None

    @classmethod
    def decode(cls, present: int, fields: Fields) -> "Status":
        """Take the fields that bits 0, 1 and 2 of `present` announce. Raises BadBytes."""
        measurement = Measurement(fields.uint(2)) if present & 1 else None
        sensor = Sensor(fields.uint(3)) if present & 2 else None
        return cls(measurement, sensor, fields.sfloat() if present & 4 else None)

    @property
    def present(self) -> int:
        """Bits 0, 1 and 2: which fields there are."""
        fields = (self.measurement, self.sensor, self.amplitude_index)
        return sum(1 << bit for bit, field in enumerate(fields) if field is not None)

    def encode(self) -> bytes:
        """The fields that there are."""
        measurement = b"" if self.measurement is None else self.measurement.to_bytes(2, "little")
        sensor = b"" if self.sensor is None else self.sensor.to_bytes(3, "little")
        index = b"" if self.amplitude_index is None else encode_sfloat(self.amplitude_index)
        return measurement + sensor + index

    @property
    def quality(self) -> Quality:
        """What is said against the values."""
        of_measurement = _gathered(_MEASUREMENT_QUALITY, self.measurement or 0)
        return of_measurement | _gathered(_SENSOR_QUALITY, self.sensor or 0)

    @property
    def no_value(self) -> NoValue | None:
        """Why no value counts, if the device says that none does."""
        if (self.sensor or 0) & (Sensor.SENSOR_OFF_USER | Sensor.SENSOR_DISCONNECTED):
            return NoValue.SENSOR_OFF
        if (self.measurement or 0) & (Measurement.UNAVAILABLE | Measurement.INVALID):
            return NoValue.NOT_AVAILABLE
        return None

    @property
    def conditions(self) -> list[str]:
        """The names of the sensor's conditions that are true; reserved bits have none."""
        return [_hyphened(bit) for bit in Sensor if bit & self.sensor] if self.sensor else []


NO_STATUS = Status()
"""None of the fields."""


def _gathered(table: Mapping[int, Quality], bits: int) -> Quality:
    if not bits:
        return Quality.GOOD
    found = (quality for bit, quality in table.items() if bit & bits)
    return reduce(Quality.__or__, found, Quality.GOOD)


def _hyphened(bit: Sensor) -> str:
    return (bit.name or "").lower().replace("_", "-")
