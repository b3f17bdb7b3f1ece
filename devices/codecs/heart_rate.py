"""Heart Rate Service 1.0 (0x180D): Heart Rate Measurement and Body Sensor Location.

A sensor that says it has lost contact gives no value, whatever rate it goes on repeating. A rate of 0 is no
value either: the specification (HRS 1.0, 3.1.1.2) defines no "none", a strap derives its rate from beat
intervals, and with no interval there is no rate to tell; only an ECG monitor can say asystole.
RR intervals have no row in the metric table: they are handed out as an RR event, all of them, in order. Half
an interval at the end is left unread, as Nordic's parser has it: the rate is whole.
Energy expended is decoded but not handed out: it has no metric.
"""

import struct
from dataclasses import dataclass
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.gatt import Fields, ValueCodec, reading, uuid16
from devices.codecs.health import Conditions
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue

SERVICE = uuid16(0x180D)
MEASUREMENT = uuid16(0x2A37)
BODY_SENSOR_LOCATION = uuid16(0x2A38)

_RATE_16_BIT, _CONTACT, _CONTACT_SUPPORTED, _ENERGY, _RR = 1, 2, 4, 8, 16
_LOCATIONS = ("other", "chest", "wrist", "finger", "hand", "ear-lobe", "foot")


@dataclass(frozen=True, slots=True)
class HeartRate:
    """The Heart Rate Measurement characteristic (0x2A37, GSS 3.113).

    `contact` is None where the sensor does not tell it. `energy_kj` counts since the last reset.
    `rr_1024` are the times between beats in 1/1024 s, oldest first.
    """

    rate: int
    """Beats a minute, 0–65535."""
    contact: bool | None = None
    energy_kj: int | None = None
    rr_1024: tuple[int, ...] = ()

    @classmethod
    def decode(cls, data: bytes) -> "HeartRate":
        """Read a value. Raises BadBytes."""
        fields = Fields(data)
        flags = fields.uint(1)
        rate = fields.uint(2 if flags & _RATE_16_BIT else 1)
        contact = bool(flags & _CONTACT) if flags & _CONTACT_SUPPORTED else None
        energy = fields.uint(2) if flags & _ENERGY else None
        return cls(rate, contact, energy, fields.uints_to_end(2) if flags & _RR else ())

    def encode(self) -> bytes:
        """The characteristic's value; the rate in 16 bits only where 8 are too few."""
        wide = self.rate > 0xFF
        flags = _RATE_16_BIT * wide | _RR * bool(self.rr_1024) | _ENERGY * (self.energy_kj is not None)
        if self.contact is not None:
            flags |= _CONTACT_SUPPORTED | _CONTACT * self.contact
        energy = b"" if self.energy_kj is None else struct.pack("<H", self.energy_kj)
        rr = struct.pack(f"<{len(self.rr_1024)}H", *self.rr_1024)
        return struct.pack("<BH" if wide else "<BB", flags, self.rate) + energy + rr


class HeartRateCodec(ValueCodec):
    """Gives `hr`, RR events, and the STATUS `no-contact`."""

    def __init__(self) -> None:
        super().__init__()
        self._conditions = Conditions()

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = HeartRate.decode(data)
        touching = value.contact is not False
        said: list[Said] = [*self._conditions.become([] if touching else ["no-contact"], now)]
        said.append(reading("hr", now, _rate(value)))
        if value.rr_1024 and touching:
            said.append(DeviceEvent(EventKind.RR, now, {"ms": _milliseconds(value.rr_1024)}))
        return said


def _rate(value: HeartRate) -> Decimal | NoValue:
    if value.contact is False:
        return NoValue.NO_CONTACT
    return Decimal(value.rate) if value.rate else NoValue.NOT_AVAILABLE


def _milliseconds(ticks: tuple[int, ...]) -> str:
    """Ticks of 1/1024 s as ms to 0.1, which is finer than a tick: none is lost."""
    return ",".join(str(round(Decimal(tick * 1000) / 1024, 1)) for tick in ticks)


class BodySensorLocationCodec(ValueCodec):
    """Body Sensor Location (0x2A38): gives IDENTITY with `body-location`."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        number = Fields(data).uint(1)
        location = _LOCATIONS[number] if number < len(_LOCATIONS) else f"reserved-{number}"
        return [DeviceEvent(EventKind.IDENTITY, now, {"body-location": location})]


def encode_body_sensor_location(location: str) -> bytes:
    """The value for one of `other chest wrist finger hand ear-lobe foot`. Raises ValueError for others."""
    return bytes((_LOCATIONS.index(location),))
