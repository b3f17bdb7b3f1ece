"""Body Composition Service 1.0 (0x181B): Body Composition Measurement and Feature.

A body fat of 65535 is a failed measurement, and then nothing else of the value is read. A field of 0 is no
value: Beurer's scales send whole values of 0 for weighings without bare feet.
A measurement that is too long for one packet comes in two, with the same body fat in both and perhaps the
time in the first only. A measurement without a time belongs to the weight that came just before it (0x2A9D),
which is how Beurer's scales send their memory.
Xiaomi's Mi scales advertise the service, but leave out the body fat, which is mandatory, and use reserved
flags: their values are not of this layout. They are known by a body fat above 100 %, which is their year, and
refused.
A Beurer BF500 is said to set the flag of pounds here, and not in its weight (openScale, issue 1034): what it
means by that is not known. It is read as the specification has it, as openScale does.
Source: Bluetooth SIG, BCS 1.0, section 3; GSS, Body Composition Measurement; KristianP26/ble-scale-sync,
tests/scales/beurer-bf720.test.ts; wiecosystem/Bluetooth, issue 9 (Xiaomi).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from devices.codecs import Host, Said
from devices.codecs.blood_pressure import user_event
from devices.codecs.device_clock import DeviceClock, Moment
from devices.codecs.gatt import DeviceTime, Fields, ValueCodec, reading, uuid16
from devices.codecs.ieee11073 import Number
from devices.codecs.weight_scale import FAILED, LastWeighing, counted, feature_detail, length, mass
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, later

SERVICE = uuid16(0x181B)
MEASUREMENT = uuid16(0x2A9C)
FEATURE = uuid16(0x2A9B)

_IMPERIAL, _TIME, _USER, _MULTIPLE = 1, 2, 4, 1 << 12
_WHOLE = 1000
"""100 % in tenths."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A field: its flag, how its count is read, and the metric it is, or the unit that it has as UNMAPPED."""

    flag: int
    number: Callable[[int, bool], Number]
    metric: str = ""
    unit: str = ""


def _step(step: str) -> Callable[[int, bool], Number]:
    return lambda raw, _imperial: counted(raw, step)


FIELDS: Mapping[str, _Kind] = {
    "basal-metabolism": _Kind(1 << 3, _step("1"), unit="kJ"),
    "muscle-percentage": _Kind(1 << 4, _step("0.1"), unit="%"),
    "muscle-mass": _Kind(1 << 5, mass, unit="kg"),
    "fat-free-mass": _Kind(1 << 6, mass, "fat_free_mass"),
    "soft-lean-mass": _Kind(1 << 7, mass, "soft_lean_mass"),
    "body-water-mass": _Kind(1 << 8, mass, "body_water"),
    "impedance": _Kind(1 << 9, _step("0.1"), unit="Ohm"),
    "weight": _Kind(1 << 10, mass, "weight"),
    "height": _Kind(1 << 11, length, "height"),
}
"""The fields after the user, in their order."""

METRICS = ("body_fat", *(kind.metric for kind in FIELDS.values() if kind.metric))


@dataclass(frozen=True, slots=True)
class BodyComposition:
    """Body Composition Measurement (0x2A9C): the counts of its fields as they are sent."""

    body_fat: int
    """In 0.1 %."""
    values: Mapping[str, int] = field(default_factory=dict[str, int])
    """By the names of FIELDS."""
    imperial: bool = False
    time: DeviceTime | None = None
    user: int | None = None
    multiple: bool = False
    """Whether it is one packet of two."""

    @classmethod
    def decode(cls, data: bytes) -> "BodyComposition":
        """Read a value. Raises BadBytes."""
        fields = Fields(data)
        flags, body_fat = fields.uint(2), fields.uint(2)
        if _WHOLE < body_fat < FAILED:
            raise BadBytes("range", f"expected a body fat of at most 100 %, got {body_fat} tenths")
        time = DeviceTime.decode(fields) if flags & _TIME else None
        user = fields.uint(1) if flags & _USER else None
        present = [] if body_fat == FAILED else [name for name, kind in FIELDS.items() if flags & kind.flag]
        values = {name: fields.uint(2) for name in present}
        return cls(body_fat, values, bool(flags & _IMPERIAL), time, user, bool(flags & _MULTIPLE))

    def encode(self) -> bytes:
        """The characteristic's value."""
        flags = _IMPERIAL * self.imperial | _MULTIPLE * self.multiple
        flags |= _TIME * (self.time is not None) | _USER * (self.user is not None)
        flags |= sum(kind.flag for name, kind in FIELDS.items() if name in self.values)
        head = flags.to_bytes(2, "little") + self.body_fat.to_bytes(2, "little")
        head += self.time.encode() if self.time else b""
        head += b"" if self.user is None else bytes((self.user,))
        return head + b"".join(
            self.values[name].to_bytes(2, "little") for name in FIELDS if name in self.values
        )

    @property
    def numbers(self) -> Iterator[tuple[str, Number]]:
        """Each field that is there, by its name, in its unit."""
        for name, raw in self.values.items():
            yield name, FIELDS[name].number(raw, self.imperial)


class BodyCompositionCodec(ValueCodec):
    """Gives METRICS, DEVICE_CLOCK, and as UNMAPPED `user-id` and the fields that the metric table lacks.

    `clock` places a measurement that has a time; without it such a one is QUESTIONABLE.
    """

    PACKETS_S = 5.0
    """How long after the first packet the second may come."""

    def __init__(self, clock: DeviceClock | None = None, last: LastWeighing | None = None) -> None:
        super().__init__()
        self._clock = clock or DeviceClock(Host())
        self._last = last or LastWeighing()
        self._first: tuple[Instant, int, Moment] | None = None
        """The first of two packets: its arrival, its body fat, when it was measured."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = BodyComposition.decode(data)
        first = self._first_of(value, now)
        moment = first or self._moment(value, now)
        self._first = (now, value.body_fat, moment) if value.multiple and not first else None
        said: list[Said] = [] if first else self._begun(value, moment)
        for name, number in value.numbers:
            said += _said(name, number, moment)
        return said

    def _first_of(self, value: BodyComposition, now: Instant) -> Moment | None:
        """When that was measured of which `value` is the second packet; None if it is no second one."""
        if self._first is None or not value.multiple:
            return None
        arrival, body_fat, moment = self._first
        return moment if value.body_fat == body_fat and now <= later(arrival, self.PACKETS_S) else None

    def _moment(self, value: BodyComposition, now: Instant) -> Moment:
        followed = self._last.followed(now)
        return followed if value.time is None and followed else self._clock.measured(value.time, now)

    def _begun(self, value: BodyComposition, moment: Moment) -> list[Said]:
        """What only a measurement's first packet is asked for."""
        said: list[Said] = [value.time.event(moment.at)] if value.time else []
        said.append(reading("body_fat", moment.at, counted(value.body_fat, "0.1"), moment.quality))
        return [*said, *user_event(value.user, moment.at)]


def _said(name: str, number: Number, moment: Moment) -> list[Said]:
    kind = FIELDS[name]
    if kind.metric:
        return [reading(kind.metric, moment.at, number, moment.quality)]
    if isinstance(number, NoValue):
        return []
    detail = {"code": name, "system": "bluetooth", "value": str(number), "unit": kind.unit}
    return [DeviceEvent(EventKind.UNMAPPED, moment.at, detail)]


_FEATURES = ("time", "multiple-users", *FIELDS)


class FeatureCodec(ValueCodec):
    """Body Composition Feature (0x2A9B): IDENTITY with `features`, `mass-resolution`, `height-resolution`."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        return [DeviceEvent(EventKind.IDENTITY, now, feature_detail(Fields(data).uint(4), _FEATURES, 11))]
