"""Pulse Oximeter Service 1.0.1 (0x1822): PLX Continuous, PLX Spot-check and PLX Features.

The `Normal` values of a continuous measurement become readings. `Fast` and `Slow` are the same metrics with
another averaging, for which the metric table has no rows: they are decoded but not handed out.
What the device says against a value becomes the reading's quality, or takes the value away; each of its
sensor's conditions is a STATUS event when it begins and when it ends.
Source: PLXS 1.0.1, section 3; GSS 3.171 to 3.173.
"""

from dataclasses import dataclass

from devices.codecs import Said
from devices.codecs.gatt import DeviceTime, Fields, ValueCodec, reading, uuid16
from devices.codecs.health import Conditions
from devices.codecs.ieee11073 import Number, encode_sfloat
from devices.codecs.plx_status import NO_STATUS, Status
from devices.model.observation import DeviceEvent, EventKind, Instant

SERVICE = uuid16(0x1822)
SPOT_CHECK = uuid16(0x2A5E)
CONTINUOUS = uuid16(0x2A5F)
FEATURES = uuid16(0x2A60)


@dataclass(frozen=True, slots=True)
class Saturation:
    """A pair of SpO2 (%) and pulse rate (beats a minute)."""

    spo2: Number
    pulse_rate: Number

    @classmethod
    def decode(cls, fields: Fields) -> "Saturation":
        """Take the pair's 4 bytes. Raises BadBytes."""
        return cls(fields.sfloat(), fields.sfloat())

    def encode(self) -> bytes:
        """The pair's 4 bytes."""
        return encode_sfloat(self.spo2) + encode_sfloat(self.pulse_rate)


@dataclass(frozen=True, slots=True)
class Continuous:
    """PLX Continuous Measurement (0x2A5F): one pair as averaged normally, and perhaps faster and slower."""

    normal: Saturation
    fast: Saturation | None = None
    slow: Saturation | None = None
    status: Status = NO_STATUS

    @classmethod
    def decode(cls, data: bytes) -> "Continuous":
        """Read a value. Raises BadBytes."""
        fields = Fields(data)
        flags = fields.uint(1)
        normal = Saturation.decode(fields)
        fast = Saturation.decode(fields) if flags & 1 else None
        slow = Saturation.decode(fields) if flags & 2 else None
        return cls(normal, fast, slow, Status.decode(flags >> 2, fields))

    def encode(self) -> bytes:
        """The characteristic's value."""
        pairs = b"".join(pair.encode() for pair in (self.normal, self.fast, self.slow) if pair)
        flags = (self.fast is not None) | (self.slow is not None) << 1 | self.status.present << 2
        return bytes((flags,)) + pairs + self.status.encode()


@dataclass(frozen=True, slots=True)
class SpotCheck:
    """PLX Spot-check Measurement (0x2A5E): one pair, perhaps of an earlier time by the device's own clock."""

    value: Saturation
    time: DeviceTime | None = None
    status: Status = NO_STATUS
    clock_is_set: bool = True

    @classmethod
    def decode(cls, data: bytes) -> "SpotCheck":
        """Read a value. Raises BadBytes."""
        fields = Fields(data)
        flags = fields.uint(1)
        value = Saturation.decode(fields)
        time = DeviceTime.decode(fields) if flags & 1 else None
        return cls(value, time, Status.decode(flags >> 1 & 7, fields), not flags & 16)

    def encode(self) -> bytes:
        """The characteristic's value."""
        flags = (self.time is not None) | self.status.present << 1 | (not self.clock_is_set) << 4
        time = self.time.encode() if self.time else b""
        return bytes((flags,)) + self.value.encode() + time + self.status.encode()


class _OximeterCodec(ValueCodec):
    """Turns a pair and its status into readings and STATUS events."""

    def __init__(self) -> None:
        super().__init__()
        self._conditions = Conditions()

    def _said(self, pair: Saturation, status: Status, now: Instant) -> list[Said]:
        numbers = {"spo2": pair.spo2, "pr_spo2": pair.pulse_rate, "pi": status.amplitude_index}
        said: list[Said] = [*self._conditions.become(status.conditions, now)]
        for metric, number in numbers.items():
            if number is not None:
                said.append(reading(metric, now, status.no_value or number, status.quality))
        return said


class ContinuousCodec(_OximeterCodec):
    """Gives `spo2`, `pr_spo2`, `pi` (from the pulse amplitude index) and STATUS events."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = Continuous.decode(data)
        return self._said(value.normal, value.status, now)


class SpotCheckCodec(_OximeterCodec):
    """As ContinuousCodec, and a DEVICE_CLOCK event first if the value has the device's time.

    A value that the device says comes from its memory is STORED: its reading's instant is when it was sent.
    A condition holds for the one measurement only: it begins before the readings and ends after them.
    """

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = SpotCheck.decode(data)
        clock: list[Said] = [value.time.event(now, value.clock_is_set)] if value.time else []
        said = self._said(value.value, value.status, now)
        return [*clock, *said, *self._conditions.become([], now)]


_FEATURES = (
    "measurement-status",
    "sensor-status",
    "storage",
    "time",
    "fast",
    "slow",
    "amplitude-index",
    "multiple-bonds",
)


def decode_features(data: bytes) -> str:
    """PLX Features (0x2A60): the names of what the device supports, with commas. Raises BadBytes."""
    bits = Fields(data).uint(2)
    return ",".join(name for bit, name in enumerate(_FEATURES) if bits & 1 << bit)


def encode_features(names: str) -> bytes:
    """The value for the names of `decode_features`, without the two fields of supported status bits."""
    bits = sum(1 << _FEATURES.index(name) for name in names.split(",") if name)
    return bits.to_bytes(2, "little")


class FeaturesCodec(ValueCodec):
    """Gives IDENTITY with `features`."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        return [DeviceEvent(EventKind.IDENTITY, now, {"features": decode_features(data)})]
