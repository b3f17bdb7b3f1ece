"""Pulse Oximeter Service 1.0.1 (0x1822): PLX Continuous, PLX Spot-check and its stored records, PLX Features.

The `Normal` values of a continuous measurement become readings. `Fast` and `Slow` are the same metrics with
another averaging, for which the metric table has no rows: they are decoded but not handed out.
What the device says against a value becomes the reading's quality, or takes the value away; each of its
sensor's conditions is a STATUS event when it begins and when it ends.
Spot-checks that the oximeter has stored are asked for after connecting. Its control point knows neither
numbers nor filters: all come at each connection, and those that were journalled are known by their bytes. Two
without a time, or by a clock that is not set, could be the same bytes and yet two: those are all handed out.
They are never deleted from the oximeter, which other collectors may want to read.
Source: PLXS 1.0.1, section 3; GSS 3.171 to 3.173.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from devices.codecs import Codec, Host, Said
from devices.codecs.current_time import CURRENT_TIME, DATE_TIME, CurrentTimeCodec, DateTimeCodec
from devices.codecs.device_clock import DeviceClock, Moment, as_datetime
from devices.codecs.gatt import DeviceTime, Fields, ValueCodec, reading, uuid16
from devices.codecs.health import Conditions
from devices.codecs.ieee11073 import Number, encode_sfloat
from devices.codecs.plx_status import NO_STATUS, Measurement, Status
from devices.codecs.racp import RACP
from devices.codecs.record_codec import RacpCodec, RecordCodec, among_stored
from devices.codecs.record_fetch import Record, RecordFetch
from devices.model.observation import DeviceEvent, EventKind, Instant, Quality

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


def _said(pair: Saturation, status: Status, moment: Moment) -> list[Said]:
    """The readings of a pair."""
    numbers = {"spo2": pair.spo2, "pr_spo2": pair.pulse_rate, "pi": status.amplitude_index}
    quality = status.quality | moment.quality
    return [
        reading(metric, moment.at, status.no_value or number, quality)
        for metric, number in numbers.items()
        if number is not None
    ]


class ContinuousCodec(ValueCodec):
    """Gives `spo2`, `pr_spo2`, `pi` (from the pulse amplitude index) and STATUS events."""

    def __init__(self) -> None:
        super().__init__()
        self._conditions = Conditions()

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = Continuous.decode(data)
        said = _said(value.normal, value.status, Moment(now))
        return [*self._conditions.become(value.status.conditions, now), *said]


class SpotCheckCodec(RecordCodec):
    """As ContinuousCodec, and a DEVICE_CLOCK event first if the value has the device's time.

    A value that is old by its time is STORED, and its readings' instant is when it was measured. One without
    a time keeps its arrival: it is STORED if the device says so. If it does not, and the value comes while
    stored ones are sent, nobody knows: it is QUESTIONABLE and STORED, as is then one whose time is not known.
    A condition holds for the one measurement only: it begins before the readings and ends after them.
    """

    def __init__(self, fetch: RecordFetch, clock: DeviceClock) -> None:
        super().__init__(fetch)
        self._clock = clock
        self._conditions = Conditions()

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = self._decoded(SpotCheck.decode, data)
        if not self._fetch.is_new(Record(None, _body(value), _order(value)), now):
            return []
        moment = self._moment(value, now)
        clock: list[Said] = [value.time.event(moment.at, value.clock_is_set)] if value.time else []
        begin = self._conditions.become(value.status.conditions, moment.at)
        said = _said(value.value, value.status, moment)
        return [*clock, *begin, *said, *self._conditions.become([], moment.at)]

    def _moment(self, value: SpotCheck, now: Instant) -> Moment:
        moment = self._clock.measured(value.time, now, is_set=value.clock_is_set)
        if value.time is None and self._fetch.is_sending and not value.status.quality & Quality.STORED:
            moment = Moment(now, Quality.QUESTIONABLE)
        return among_stored(moment, self._fetch)


def _body(value: SpotCheck) -> bytes:
    """Its bytes: the same when it is new and when it later comes "from storage"."""
    status = value.status
    if status.measurement is not None:
        status = replace(status, measurement=status.measurement & ~Measurement.FROM_STORAGE)
    return replace(value, status=status).encode()


def _order(value: SpotCheck) -> tuple[int, ...] | None:
    """What tells the value from others that measured the same, if anything does."""
    time = as_datetime(value.time) if value.time and value.clock_is_set else None
    return tuple(time.timetuple()[:6]) if time else None


def linked(host: Host) -> Mapping[str, Codec]:
    """The codecs of one connection that know of each other, by characteristic; it may lack any of them."""
    fetch, clock = RecordFetch(host, "plx"), DeviceClock(host)
    return {
        DATE_TIME: DateTimeCodec(clock),
        CURRENT_TIME: CurrentTimeCodec(clock),
        SPOT_CHECK: SpotCheckCodec(fetch, clock),
        RACP: RacpCodec(fetch),
    }


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
