"""Blood Pressure Service 1.1.1 (0x1810): Blood Pressure Measurement, Intermediate Cuff Pressure and Feature.

A measurement that failed has NaN in its fields; devices differ in whether its status says why (A&D's
UA-651BLE never does). With a status that names a fault it is FAILED, without one NOT_AVAILABLE. A pressure or
a rate of 0 is no value: Beurer's devices, which do not measure the mean, tell it so.
A measurement's conditions hold for it alone: they begin before its readings and end after them.
Beurer's BM85 tells the pulse rate and the status with their high byte first, and the user always, without
setting its flag; its pressures are as the specification says, and a BM96 keeps to all of it. Sources disagree
about the BM48, BM59 and Elite 900: Beurer's application is said to read them as the BM85, but a BM59's user
found nothing wrong before that was known. So each value tells by itself: the smaller byte of a rate is its
high one, and a user without a flag is an octet more than the flags announce.
Source: Bluetooth SIG, BLS 1.1.1, section 3; GSS, Blood Pressure Measurement and Intermediate Cuff Pressure;
for Beurer: derdilla/blood-pressure-monitor-fl, its decoder and tests with values of a BM85, pull requests 660
and 735; Stack Overflow questions 78168365 and 78184770 (BM96).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

from devices.codecs import Host, Said
from devices.codecs.device_clock import DeviceClock
from devices.codecs.gatt import DeviceTime, Fields, ValueCodec, reading, uuid16
from devices.codecs.health import Conditions
from devices.codecs.ieee11073 import Number, decode_sfloat, encode_sfloat
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, later
from devices.model.units import converted

SERVICE = uuid16(0x1810)
MEASUREMENT = uuid16(0x2A35)
INTERMEDIATE = uuid16(0x2A36)
FEATURE = uuid16(0x2A49)
METRICS = ("nibp_sys", "nibp_dia", "nibp_map", "pr_nibp")
"""What a measurement gives."""

_KILOPASCAL, _TIME, _PULSE_RATE, _USER, _STATUS = 1, 2, 4, 8, 16
_UNKNOWN_USER = 255
_STATUS_SIZE = 2

MOVEMENT, LOOSE, IRREGULAR, ABOVE, BELOW, POSITION = 1, 2, 4, 8, 16, 32
"""Values of the Measurement Status: four bits, and one of two values of the pulse rate range."""
_RANGE = ABOVE | BELOW
_CONDITIONS = {
    MOVEMENT: "body-movement",
    LOOSE: "cuff-too-loose",
    IRREGULAR: "irregular-pulse",
    ABOVE: "pulse-rate-above-range",
    BELOW: "pulse-rate-below-range",
    POSITION: "improper-position",
}
_QUALITY = {"body-movement": Quality.ARTIFACT}
"""Others are QUESTIONABLE: the device measured, and says that it may be wrong."""


@dataclass(frozen=True, slots=True)
class BloodPressure:
    """Blood Pressure Measurement (0x2A35) and Intermediate Cuff Pressure (0x2A36): one layout.

    Pressures are in kPa if `kilopascal`, else in mmHg. An intermediate value has the cuff's pressure as
    `systolic`, and NaN in the other two.
    """

    systolic: Number
    diastolic: Number = NoValue.NOT_AVAILABLE
    mean: Number = NoValue.NOT_AVAILABLE
    kilopascal: bool = False
    time: DeviceTime | None = None
    pulse_rate: Number | None = None
    """Beats a minute."""
    user: int | None = None
    """The device's number of whom it measured; 255 is "not known"."""
    status: int | None = None

    @classmethod
    def decode(cls, data: bytes, *, beurer: bool = False) -> "BloodPressure":
        """Read a value; that of a `beurer` may have the exceptions of those devices. Raises BadBytes."""
        fields = Fields(data)
        flags = fields.uint(1)
        pressures = (fields.sfloat(), fields.sfloat(), fields.sfloat())
        time = DeviceTime.decode(fields) if flags & _TIME else None
        rate = fields.take(2) if flags & _PULSE_RATE else b""
        # A rate's high byte, 0 or that of NaN, is its smaller one.
        order = -1 if beurer and rate[:1] <= rate[1:] else 1
        has_user = bool(flags & _USER) or (beurer and fields.left > _STATUS_SIZE * bool(flags & _STATUS))
        user = fields.uint(1) if has_user else None
        status = int.from_bytes(fields.take(_STATUS_SIZE)[::order], "little") if flags & _STATUS else None
        pulse_rate = decode_sfloat(rate[::order]) if rate else None
        return cls(*pressures, bool(flags & _KILOPASCAL), time, pulse_rate, user, status)

    def encode(self) -> bytes:
        """The characteristic's value."""
        optional = (self.time, self.pulse_rate, self.user, self.status)
        flags = _KILOPASCAL * self.kilopascal
        for bit, value in zip((_TIME, _PULSE_RATE, _USER, _STATUS), optional, strict=True):
            flags |= bit * (value is not None)
        pressures = b"".join(encode_sfloat(one) for one in (self.systolic, self.diastolic, self.mean))
        time = self.time.encode() if self.time else b""
        rate = b"" if self.pulse_rate is None else encode_sfloat(self.pulse_rate)
        user = b"" if self.user is None else bytes((self.user,))
        status = b"" if self.status is None else self.status.to_bytes(2, "little")
        return bytes((flags,)) + pressures + time + rate + user + status

    @property
    def conditions(self) -> list[str]:
        """The names of what the status says."""
        status = self.status or 0
        bits = [bit for bit in (MOVEMENT, LOOSE, IRREGULAR, POSITION) if bit & status]
        bits += [value for value in (ABOVE, BELOW) if status & _RANGE == value]
        return [_CONDITIONS[bit] for bit in bits]

    @property
    def numbers(self) -> Iterator[tuple[str, Number]]:
        """Each metric with its value in the metric's unit."""
        values = [_mmhg(one, self.kilopascal) for one in (self.systolic, self.diastolic, self.mean)]
        if self.conditions and all(isinstance(one, NoValue) for one in values):
            values = [NoValue.FAILED] * len(values)
        yield from zip(METRICS[:3], values, strict=True)
        if self.pulse_rate is not None:
            yield "pr_nibp", _told(self.pulse_rate)


def _told(number: Number) -> Number:
    return number if isinstance(number, NoValue) or number else NoValue.NOT_AVAILABLE


def _mmhg(pressure: Number, kilopascal: bool) -> Number:
    told = _told(pressure)
    return told if isinstance(told, NoValue) or not kilopascal else converted(told, "kPa", "mm[Hg]")


def _quality(conditions: Iterable[str]) -> Quality:
    found = (_QUALITY.get(name, Quality.QUESTIONABLE) for name in conditions)
    return reduce(Quality.__or__, found, Quality.GOOD)


class BloodPressureCodec(ValueCodec):
    """Gives METRICS, STATUS events, DEVICE_CLOCK, and the device's `user-id` as UNMAPPED.

    `clock` places a measurement that has a time; without it such a one is QUESTIONABLE.
    """

    def __init__(self, clock: DeviceClock | None = None, *, beurer: bool = False) -> None:
        super().__init__()
        self._clock = clock or DeviceClock(Host())
        self._beurer = beurer
        self._conditions = Conditions()

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = BloodPressure.decode(data, beurer=self._beurer)
        moment = self._clock.measured(value.time, now)
        quality = moment.quality | _quality(value.conditions)
        said: list[Said] = [value.time.event(moment.at)] if value.time else []
        said += self._conditions.become(value.conditions, moment.at)
        said += [reading(metric, moment.at, number, quality) for metric, number in value.numbers]
        said += user_event(value.user, moment.at)
        return [*said, *self._conditions.become([], moment.at)]


def user_event(user: int | None, at: Instant) -> list[DeviceEvent]:
    """The UNMAPPED event of a device's number of whom it measured, if it has and knows one."""
    if user is None or user == _UNKNOWN_USER:
        return []
    return [
        DeviceEvent(EventKind.UNMAPPED, at, {"code": "user-id", "system": "bluetooth", "value": str(user)})
    ]


class CuffPressureCodec(ValueCodec):
    """Gives `cuff_pressure`, and the STATUS `measuring` from the first value until none came for `QUIET_S`.

    What else the value may have (a time, a rate) is of an unfinished measurement: it is not handed out.
    """

    QUIET_S = 3.0

    def __init__(self) -> None:
        super().__init__()
        self._conditions = Conditions()
        self._quiet_at: Instant | None = None

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = BloodPressure.decode(data)
        self._quiet_at = later(now, self.QUIET_S)
        said: list[Said] = [*self._conditions.become(["measuring", *value.conditions], now)]
        # The cuff is empty before and after: 0 is a pressure here.
        pressure = value.systolic
        if not isinstance(pressure, NoValue) and value.kilopascal:
            pressure = converted(pressure, "kPa", "mm[Hg]")
        return [*said, reading("cuff_pressure", now, pressure, _quality(value.conditions))]

    def next_timer(self) -> Instant | None:
        """When bad values are to be told, or the measurement counts as over."""
        dues = [due for due in (super().next_timer(), self._quiet_at) if due is not None]
        return min(dues, default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Tell either."""
        said = super().handle_timer(now)
        if self._quiet_at is None or now < self._quiet_at:
            return said
        self._quiet_at = None
        return [*said, *self._conditions.become([], now)]


_FEATURES = (
    "body-movement",
    "cuff-fit",
    "irregular-pulse",
    "pulse-rate-range",
    "position",
    "multiple-bonds",
    "e2e-crc",
    "user-data",
    "user-facing-time",
)


def decode_feature(data: bytes) -> str:
    """Blood Pressure Feature (0x2A49): the names of what it supports, with commas. Raises BadBytes."""
    bits = Fields(data).uint(2)
    return ",".join(name for bit, name in enumerate(_FEATURES) if bits & 1 << bit)


def encode_feature(names: str) -> bytes:
    """The value for the names of `decode_feature`."""
    return sum(1 << _FEATURES.index(name) for name in names.split(",") if name).to_bytes(2, "little")


class FeatureCodec(ValueCodec):
    """Gives IDENTITY with `features`."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        return [DeviceEvent(EventKind.IDENTITY, now, {"features": decode_feature(data)})]
