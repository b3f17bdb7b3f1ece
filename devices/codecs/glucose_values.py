"""Glucose Service 1.0.1 (0x1808): the values of its characteristics, and a concentration as meters show it.

The concentration is in kg/L or mol/L: so the field in GSS, and every meter that was heard; where GSS tells of
the flag (3.118.1) it says mg/dL and mmol/L.
Source: Bluetooth SIG, GATT Specification Supplement (GSS) 2025-12-23, 3.117 and 3.118; checked against the
tests of NordicSemiconductor/Android-BLE-Common-Library.
"""

import struct
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import IntFlag

from devices.codecs.device_clock import as_datetime, device_time
from devices.codecs.gatt import DeviceTime, Fields
from devices.codecs.ieee11073 import Number, encode_sfloat
from devices.model.observation import NoValue

TYPES = {
    1: "capillary-whole-blood",
    2: "capillary-plasma",
    3: "venous-whole-blood",
    4: "venous-plasma",
    5: "arterial-whole-blood",
    6: "arterial-plasma",
    7: "undetermined-whole-blood",
    8: "undetermined-plasma",
    9: "interstitial-fluid",
    10: "control-solution",
}
LOCATIONS = {1: "finger", 2: "alternate-site", 3: "earlobe", 4: "control-solution", 15: "not-available"}
CAPILLARY = (1, 2)
INTERSTITIAL_FLUID, CONTROL_SOLUTION = 9, 10
ON_CONTROL_SOLUTION = (4, CONTROL_SOLUTION)
"""The locations. i-SENS's CareSens meters tell control solution's type in the place of the location.
Source: i-SENS's sample programs for Android, of which public repositories have copies."""

_OFFSET, _CONCENTRATION, _MOLAR, _STATUS, _CONTEXT = 1, 2, 4, 8, 16
_OVERRUN, _UNDERRUN = 0x7FFF, -0x8000


class Annunciation(IntFlag):
    """Sensor Status Annunciation, 16 bits. STATUS events have these names, in lower case with hyphens."""

    DEVICE_BATTERY_LOW = 1 << 0
    SENSOR_MALFUNCTION = 1 << 1
    SAMPLE_SIZE_INSUFFICIENT = 1 << 2
    STRIP_INSERTION_ERROR = 1 << 3
    STRIP_TYPE_INCORRECT = 1 << 4
    RESULT_TOO_HIGH = 1 << 5
    RESULT_TOO_LOW = 1 << 6
    TEMPERATURE_TOO_HIGH = 1 << 7
    TEMPERATURE_TOO_LOW = 1 << 8
    READ_INTERRUPTED = 1 << 9
    DEVICE_FAULT = 1 << 10
    TIME_FAULT = 1 << 11


def names(bits: IntFlag) -> list[str]:
    """The names of the bits that are set, in lower case with hyphens; reserved ones have none."""
    return [(bit.name or "").lower().replace("_", "-") for bit in type(bits) if bit & bits]


def shown(number: Number, *, molar: bool = False) -> Number:
    """A concentration in kg/L in mg/dL; in mol/L, if `molar`, in mmol/L: the same digits as the meter's own.

    One that is not above 0 is no measurement: meters were seen to send FF FF, -0.1 kg/L, for "none".
    """
    if isinstance(number, NoValue):
        return number
    if number <= 0:
        return NoValue.INVALID
    return plain(number.scaleb(3 if molar else 5))


def plain(number: Decimal) -> Decimal:
    """`number` without an exponent."""
    exponent = number.as_tuple().exponent
    return number.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else number


@dataclass(frozen=True, slots=True)
class Measurement:
    """Glucose Measurement (0x2A18). `concentration` is in mol/L if `molar`, else in kg/L."""

    sequence: int
    base_time: DeviceTime
    offset_min: int | None = None
    """Minutes from the base time to the time that the device shows its user."""
    concentration: Number | None = None
    molar: bool = False
    sample_type: int = 0
    location: int = 0
    status: Annunciation | None = None
    context_follows: bool = False

    @classmethod
    def decode(cls, data: bytes) -> "Measurement":
        """Read a value. Raises BadBytes."""
        fields = Fields(data)
        flags, sequence, base_time = fields.uint(1), fields.uint(2), DeviceTime.decode(fields)
        offset = int.from_bytes(fields.take(2), "little", signed=True) if flags & _OFFSET else None
        measured = bool(flags & _CONCENTRATION)
        concentration = fields.sfloat() if measured else None
        location, sample_type = divmod(fields.uint(1) if measured else 0, 16)
        status = Annunciation(fields.uint(2)) if flags & _STATUS else None
        molar, follows = bool(flags & _MOLAR), bool(flags & _CONTEXT)
        return cls(sequence, base_time, offset, concentration, molar, sample_type, location, status, follows)

    def encode(self) -> bytes:
        """The characteristic's value."""
        measured = self.concentration is not None
        flags = _OFFSET * (self.offset_min is not None) | _CONCENTRATION * measured | _MOLAR * self.molar
        flags |= _STATUS * (self.status is not None) | _CONTEXT * self.context_follows
        value = struct.pack("<BH", flags, self.sequence) + self.base_time.encode()
        if self.offset_min is not None:
            value += struct.pack("<h", self.offset_min)
        if self.concentration is not None:
            value += encode_sfloat(self.concentration) + bytes((self.location << 4 | self.sample_type,))
        return value if self.status is None else value + struct.pack("<H", self.status)

    @property
    def time(self) -> DeviceTime:
        """The time that the device showed its user; the base time if the offset is none that can be added."""
        base = as_datetime(self.base_time)
        if base is None or not self.offset_min or not self.has_offset:
            return self.base_time
        try:
            return device_time(base + timedelta(minutes=self.offset_min))
        except OverflowError:
            return self.base_time

    @property
    def has_offset(self) -> bool:
        """False for the greatest and the least offset, 22 days: no meter shows its user a time so far off."""
        return self.offset_min not in (_OVERRUN, _UNDERRUN)

    @property
    def is_control(self) -> bool:
        """Whether this is a test of the meter, not of a patient."""
        return self.sample_type == CONTROL_SOLUTION or self.location in ON_CONTROL_SOLUTION


_FEATURES = (
    "low-battery-detection",
    "sensor-malfunction-detection",
    "sample-size",
    "strip-insertion-error-detection",
    "strip-type-error-detection",
    "result-high-low-detection",
    "temperature-high-low-detection",
    "read-interrupt-detection",
    "device-fault",
    "time-fault",
    "multiple-bonds",
)


def decode_features(data: bytes) -> str:
    """Glucose Feature (0x2A51): the names of what the meter supports, with commas. Raises BadBytes."""
    bits = Fields(data).uint(2)
    return ",".join(name for bit, name in enumerate(_FEATURES) if bits & 1 << bit)


def encode_features(supported: str) -> bytes:
    """The value for the names of `decode_features`."""
    return sum(1 << _FEATURES.index(name) for name in supported.split(",") if name).to_bytes(2, "little")
