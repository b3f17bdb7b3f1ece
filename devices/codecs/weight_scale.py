"""Weight Scale Service 1.0 (0x181D): Weight Measurement and Weight Scale Feature.

A weight of 65535 is a failed measurement. A field of 0 is no value: nobody stands on the scale (or it is
below zero, which Detecto's scales tell in a reserved flag), or the scale does not know the person's height.
The resolutions in Weight Scale Feature say how finely the scale measures. They do not change what a field's
step is worth: openScale, obniz, A&D and the specification agree on that. StanfordSpezi/SpeziBluetooth, which
is used with an Omron SC-150, has it otherwise, and one scale is known that counts by 0.05 kg and 1 cm, as its
feature may say (AccessibleScale, GATTWeightMeasurement.swift: 1302 is 65.1 kg, 162 is cm, BMI 24.8). Such a
one is known by a BMI that contradicts its weight and height, if at all: all three are then QUESTIONABLE.
A&D's own service from before this one has the same layout, but counts by 0.1 kg or 0.1 lb.
Xiaomi's scales advertise this layout as service data, with bits of their own: they are not spoken here.
Source: Bluetooth SIG, WSS 1.0, section 3; GSS, Weight Measurement; Detecto 7550, owner's manual, pp. 62-63;
A&D, sample application for Android (patelkarn/BLE_Sample_Android), AndCustomWeightScaleMeasurement.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from devices.codecs import Host, Said
from devices.codecs.blood_pressure import user_event
from devices.codecs.device_clock import DeviceClock, Moment
from devices.codecs.gatt import DeviceTime, Fields, ValueCodec, reading, uuid16
from devices.codecs.ieee11073 import Number
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, later
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


class Steps(NamedTuple):
    """What a count of a mass is worth."""

    kilograms: str
    pounds: str


SPECIFIED = Steps("0.005", "0.01")
AND_OWN = Steps("0.1", "0.1")
"""Of A&D's own service."""


def mass(raw: int, imperial: bool, steps: Steps = SPECIFIED) -> Number:
    """kg of a mass: it counts pounds if `imperial`, else kilograms, in `steps`."""
    told = counted(raw, steps.pounds if imperial else steps.kilograms)
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

    def numbers(self, steps: Steps = SPECIFIED) -> Iterator[tuple[str, Number]]:
        """Each metric with its value in the metric's unit."""
        yield "weight", mass(self.weight, self.imperial, steps)
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


_BMI_ERROR = Decimal("0.1")
"""As a part of it: more than rounding, and than a height that was entered in whole inches."""


def _quality(numbers: Mapping[str, Number]) -> Quality:
    """QUESTIONABLE if the BMI is not that of the weight and height beside it."""
    weight, height, bmi = (numbers.get(metric) for metric in ("weight", "height", "bmi"))
    if not (isinstance(weight, Decimal) and isinstance(height, Decimal) and isinstance(bmi, Decimal)):
        return Quality.GOOD
    metres = height / 100
    wrong = abs(weight / metres**2 - bmi) > bmi * _BMI_ERROR
    return Quality.QUESTIONABLE if wrong else Quality.GOOD


class WeightCodec(ValueCodec):
    """Gives METRICS, DEVICE_CLOCK, and the device's `user-id` as UNMAPPED.

    `clock` places a measurement that has a time; without it such a one is QUESTIONABLE.
    """

    def __init__(
        self,
        clock: DeviceClock | None = None,
        last: LastWeighing | None = None,
        *,
        steps: Steps = SPECIFIED,
    ) -> None:
        super().__init__()
        self._clock = clock or DeviceClock(Host())
        self._last = last or LastWeighing()
        self._steps = steps

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = Weight.decode(data)
        moment = self._clock.measured(value.time, now)
        self._last.was(moment, now)
        numbers = dict(value.numbers(self._steps))
        quality = moment.quality | _quality(numbers)
        said: list[Said] = [value.time.event(moment.at)] if value.time else []
        said += [reading(metric, moment.at, number, quality) for metric, number in numbers.items()]
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
