"""Health Thermometer Service 1.0 (0x1809): Temperature Measurement and Intermediate Temperature.

The place of measurement chooses the metric. A temperature in °F is given in °C, rounded to 0.01 °C. The
device's own time goes out as a DEVICE_CLOCK event before the reading of the same instant: the service has no
flag for "from memory", so only that time can tell an old measurement that was sent after reconnecting. An
intermediate temperature is of the moment in which it comes.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

from devices.codecs import Host, Said
from devices.codecs.device_clock import DeviceClock, Moment
from devices.codecs.gatt import DeviceTime, Fields, ValueCodec, reading, uuid16
from devices.codecs.ieee11073 import Number, encode_float
from devices.model.observation import Instant, NoValue, Quality

SERVICE = uuid16(0x1809)
MEASUREMENT = uuid16(0x2A1C)
INTERMEDIATE = uuid16(0x2A1E)

_FAHRENHEIT, _TIME, _PLACE = 1, 2, 4


class Place(IntEnum):
    """Where the temperature is taken: the Temperature Type field (GSS 3.225)."""

    ARMPIT = 1
    BODY = 2
    EAR = 3
    """Usually the ear lobe."""
    FINGER = 4
    GASTRO_INTESTINAL = 5
    MOUTH = 6
    RECTUM = 7
    TOE = 8
    TYMPANUM = 9


_METRICS: dict[int, str] = {
    Place.ARMPIT: "temp_axil",
    Place.BODY: "temp_body",
    Place.EAR: "temp",
    Place.FINGER: "temp_skin",
    Place.GASTRO_INTESTINAL: "temp_core",
    Place.MOUTH: "temp_oral",
    Place.RECTUM: "temp_rect",
    Place.TOE: "temp_skin",
    Place.TYMPANUM: "temp_tymp",
}
METRICS = tuple(sorted(set(_METRICS.values())))
"""Every metric that the codec can give."""


def metric_of(place: int | None, unplaced: str = "temp_body") -> str:
    """The metric of a temperature at `place`; `unplaced` if that is none, or not a known one."""
    return _METRICS.get(place or 0, unplaced)


@dataclass(frozen=True, slots=True)
class Temperature:
    """Temperature Measurement (0x2A1C, GSS 3.223) and Intermediate Temperature (0x2A1E): one layout.

    `number` is in °F if `fahrenheit`, else in °C. `place` is a Place, or a reserved number as it came.
    """

    number: Number
    fahrenheit: bool = False
    time: DeviceTime | None = None
    place: int | None = None

    @classmethod
    def decode(cls, data: bytes) -> "Temperature":
        """Read a value. Raises BadBytes."""
        fields = Fields(data)
        flags = fields.uint(1)
        number = fields.float32()
        time = DeviceTime.decode(fields) if flags & _TIME else None
        place = fields.uint(1) if flags & _PLACE else None
        return cls(number, bool(flags & _FAHRENHEIT), time, place)

    def encode(self) -> bytes:
        """The characteristic's value."""
        has_time, has_place = self.time is not None, self.place is not None
        flags = _FAHRENHEIT * self.fahrenheit | _TIME * has_time | _PLACE * has_place
        time = self.time.encode() if self.time else b""
        place = b"" if self.place is None else bytes((self.place,))
        return bytes((flags,)) + encode_float(self.number) + time + place

    @property
    def celsius(self) -> Number:
        """°C: exact, or from °F rounded half to even to 0.01."""
        if isinstance(self.number, NoValue) or not self.fahrenheit:
            return self.number
        hundredths = round((Fraction(self.number) - 32) * 500 / 9)
        return Decimal(hundredths).scaleb(-2)


class ThermometerCodec(ValueCodec):
    """Gives the temperature metric of the place; `unplaced` where the value does not name a known one.

    Readings of an `intermediate` characteristic, taken before the sensor has settled, are QUESTIONABLE.
    `clock` places a measurement that has a time; without it such a one is QUESTIONABLE.
    """

    def __init__(
        self,
        unplaced: str = "temp_body",
        *,
        intermediate: bool = False,
        clock: DeviceClock | None = None,
    ) -> None:
        super().__init__()
        self._unplaced = unplaced
        self._intermediate = intermediate
        self._clock = clock or DeviceClock(Host())

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = Temperature.decode(data)
        metric = metric_of(value.place, self._unplaced)
        moment = self._moment(value, now)
        said: list[Said] = [value.time.event(moment.at)] if value.time else []
        return [*said, reading(metric, moment.at, value.celsius, moment.quality)]

    def _moment(self, value: Temperature, now: Instant) -> Moment:
        if self._intermediate:
            return Moment(now, Quality.QUESTIONABLE)
        return self._clock.measured(value.time, now)
