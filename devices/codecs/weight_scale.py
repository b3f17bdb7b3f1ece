"""Weight Scale Service 1.0 (0x181D): Weight Measurement and Weight Scale Feature.

A weight of 65535 is a failed measurement. A field of 0 is no value: nobody stands on the scale (or it is
below zero, which Detecto's scales tell in a reserved flag), or the scale does not know the person's height.
The resolutions in Weight Scale Feature say how finely the scale measures. They do not change what a field's
unit is worth, as StanfordSpezi/SpeziBluetooth has it: openScale, obniz and the specification agree on that.
Xiaomi's scales advertise this layout as service data, with bits of their own: they are not spoken here.
Source: Bluetooth SIG, WSS 1.0, section 3; GSS, Weight Measurement; Detecto 7550, owner's manual, pp. 62-63.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from devices.codecs import Host, Said
from devices.codecs.blood_pressure import user_event
from devices.codecs.device_clock import DeviceClock, Moment
from devices.codecs.gatt import DeviceTime, Fields, ValueCodec, reading, uuid16
from devices.codecs.ieee11073 import Number
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, later
from devices.model.units import converted

SERVICE = uuid16(0x181D)
MEASUREMENT = uuid16(0x2A9D)
FEATURE = uuid16(0x2A9E)
METRICS = ("weight", "bmi", "height")

_IMPERIAL, _TIME, _USER, _BMI_AND_HEIGHT = 1, 2, 4, 8
FAILED = 0xFFFF
"""The number of a measurement that failed."""


def counted(raw: int, step: str) -> Number:
    """The value of a field that counts in steps of `step`; none for 0 and for FAILED."""
    if raw in (0, FAILED):
        return NoValue.FAILED if raw else NoValue.NOT_AVAILABLE
    return raw * Decimal(step)


def mass(raw: int, imperial: bool) -> Number:
    """kg of a mass: it counts in 0.01 lb if `imperial`, else in 0.005 kg."""
    told = counted(raw, "0.01" if imperial else "0.005")
    return told if isinstance(told, NoValue) or not imperial else converted(told, "[lb_av]", "kg")


def length(raw: int, imperial: bool) -> Number:
    """cm of a height: it counts in 0.1 in if `imperial`, else in mm."""
    told = counted(raw, "0.1")
    return told if isinstance(told, NoValue) or not imperial else converted(told, "[in_i]", "cm")


@dataclass(frozen=True, slots=True)
class Weight:
    """Weight Measurement (0x2A9D), in the counts that `mass` and `length` read; `bmi` counts in 0.1 kg/m²."""

    weight: int
    imperial: bool = False
    time: DeviceTime | None = None
    user: int | None = None
    bmi: int | None = None
    height: int | None = None
    """It is there if `bmi` is."""

    @classmethod
    def decode(cls, data: bytes) -> "Weight":
        """Read a value. Raises BadBytes."""
        fields = Fields(data)
        flags = fields.uint(1)
        weight = fields.uint(2)
        time = DeviceTime.decode(fields) if flags & _TIME else None
        user = fields.uint(1) if flags & _USER else None
        bmi = fields.uint(2) if flags & _BMI_AND_HEIGHT else None
        height = fields.uint(2) if flags & _BMI_AND_HEIGHT else None
        return cls(weight, bool(flags & _IMPERIAL), time, user, bmi, height)

    def encode(self) -> bytes:
        """The characteristic's value."""
        has_time, has_user, has_bmi = self.time is not None, self.user is not None, self.bmi is not None
        flags = _IMPERIAL * self.imperial | _TIME * has_time | _USER * has_user | _BMI_AND_HEIGHT * has_bmi
        time = self.time.encode() if self.time else b""
        user = b"" if self.user is None else bytes((self.user,))
        pair = b"" if self.bmi is None else self.bmi.to_bytes(2, "little")
        pair += b"" if self.height is None else self.height.to_bytes(2, "little")
        return bytes((flags,)) + self.weight.to_bytes(2, "little") + time + user + pair

    @property
    def numbers(self) -> Iterator[tuple[str, Number]]:
        """Each metric with its value in the metric's unit."""
        yield "weight", mass(self.weight, self.imperial)
        if self.bmi is not None:
            yield "bmi", counted(self.bmi, "0.1")
        if self.height is not None:
            yield "height", length(self.height, self.imperial)


class LastWeighing:
    """When a connection's last weight was measured: the body composition that follows it may have no time."""

    FOLLOWS_S = 5.0

    def __init__(self) -> None:
        self._last: tuple[Instant, Moment] | None = None

    def was(self, moment: Moment, now: Instant) -> None:
        """A weight of `moment` arrived at `now`."""
        self._last = now, moment

    def followed(self, now: Instant) -> Moment | None:
        """The moment of the weight that came just before `now`, if one did."""
        if self._last is None or now > later(self._last[0], self.FOLLOWS_S):
            return None
        return self._last[1]


class WeightCodec(ValueCodec):
    """Gives METRICS, DEVICE_CLOCK, and the device's `user-id` as UNMAPPED.

    `clock` places a measurement that has a time; without it such a one is QUESTIONABLE.
    """

    def __init__(self, clock: DeviceClock | None = None, last: LastWeighing | None = None) -> None:
        super().__init__()
        self._clock = clock or DeviceClock(Host())
        self._last = last or LastWeighing()

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = Weight.decode(data)
        moment = self._clock.measured(value.time, now)
        self._last.was(moment, now)
        said: list[Said] = [value.time.event(moment.at)] if value.time else []
        said += [reading(metric, moment.at, number, moment.quality) for metric, number in value.numbers]
        return [*said, *user_event(value.user, moment.at)]


_FEATURES = ("time", "multiple-users", "bmi")
MASS_RESOLUTIONS = ("", "0.5 kg", "0.2 kg", "0.1 kg", "0.05 kg", "0.02 kg", "0.01 kg", "0.005 kg")
HEIGHT_RESOLUTIONS = ("", "1 cm", "0.5 cm", "0.1 cm")


def feature_detail(bits: int, names: tuple[str, ...], at: int) -> dict[str, str | int]:
    """IDENTITY's entries for a feature's `bits`: names from bit 0, then from bit `at` the two resolutions."""
    detail: dict[str, str | int] = {
        "features": ",".join(name for bit, name in enumerate(names) if bits & 1 << bit)
    }
    fields = (
        ("mass-resolution", MASS_RESOLUTIONS, bits >> at & 15),
        ("height-resolution", HEIGHT_RESOLUTIONS, bits >> at + 4 & 7),
    )
    for name, texts, number in fields:
        if 0 < number < len(texts):
            detail[name] = texts[number]
    return detail


class FeatureCodec(ValueCodec):
    """Weight Scale Feature (0x2A9E): IDENTITY with `features`, `mass-resolution`, `height-resolution`."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        return [DeviceEvent(EventKind.IDENTITY, now, feature_detail(Fields(data).uint(4), _FEATURES, 3))]
