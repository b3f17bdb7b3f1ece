"""What all codecs of Bluetooth GATT values share: UUIDs, the fields of a value, the clock of a device.

A GATT codec is handed one whole value (a notification, an indication or a read) at a time. Octets after the
last field that a value's flags announce are left unread: a later version of its service may append fields.
Source of all fields: Bluetooth SIG, GATT Specification Supplement (GSS).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from devices.codecs import Said
from devices.codecs.health import BadByteCounter
from devices.codecs.ieee11073 import Number, decode_float, decode_sfloat
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading

_BASE = "-0000-1000-8000-00805f9b34fb"


def uuid16(short: int) -> str:
    """The 128-bit UUID, lower case, of the 16-bit number `short` (Core Specification 3.B.2.5.1)."""
    return f"0000{short:04x}{_BASE}"


class Fields:
    """Reads a value's fields from its start. Every method raises BadBytes if the value is too short."""

    def __init__(self, data: bytes) -> None:
        self._rest = data

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self._rest)

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if self.left < size:
            raise BadBytes("length", f"expected {size} more bytes, got {self.left}")
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def uint(self, size: int) -> int:
        """The next `size` bytes as a little-endian number."""
        return int.from_bytes(self.take(size), "little")

    def sfloat(self) -> Number:
        """The next 2 bytes as an SFLOAT."""
        return decode_sfloat(self.take(2))

    def float32(self) -> Number:
        """The next 4 bytes as a FLOAT."""
        return decode_float(self.take(4))

    def uints_to_end(self, size: int) -> tuple[int, ...]:
        """All the rest as numbers of `size` bytes; a last one that is cut short is left unread.

        A device whose list fills a packet may cut it there.
        """
        return tuple(self.uint(size) for _ in range(self.left // size))


@dataclass(frozen=True, slots=True)
class DeviceTime:
    """The Date Time field (GSS 3.70): the device's local time as it tells it, unchecked; 0 is "not known"."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int

    @classmethod
    def decode(cls, fields: Fields) -> "DeviceTime":
        """Take the 7 bytes of a Date Time field. Raises BadBytes."""
        return cls(fields.uint(2), *fields.take(5))

    def encode(self) -> bytes:
        """The 7 bytes of the field."""
        return self.year.to_bytes(2, "little") + bytes(
            (self.month, self.day, self.hour, self.minute, self.second)
        )

    def event(self, at: Instant, is_set: bool = True) -> DeviceEvent:
        """The DEVICE_CLOCK event that goes with the readings of instant `at`."""
        date = f"{self.year:04}-{self.month:02}-{self.day:02}"
        time = f"{self.hour:02}:{self.minute:02}:{self.second:02}"
        return DeviceEvent(EventKind.DEVICE_CLOCK, at, {"time": f"{date}T{time}", "set": int(is_set)})


def reading(metric: str, at: Instant, number: Number, quality: Quality = Quality.GOOD) -> Reading:
    """The reading that `number` means."""
    if isinstance(number, NoValue):
        return Reading(metric, at, None, number, quality)
    return Reading(metric, at, number, None, quality)


class ValueCodec(ABC):
    """A codec of one characteristic: subclasses read a value, this counts those that cannot be read."""

    def __init__(self) -> None:
        self._bad = BadByteCounter()

    @abstractmethod
    def _read(self, data: bytes, now: Instant) -> list[Said]:
        """What the value `data` says. Raises BadBytes."""

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take one whole value."""
        try:
            return self._read(data, now)
        except BadBytes as bad:
            self._bad.count(bad.reason)
            return [*self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """Nothing: a GATT server is written to by the link."""
        return b""

    def next_timer(self) -> Instant | None:
        """When counted bad values are to be told."""
        return self._bad.due()

    def handle_timer(self, now: Instant) -> list[Said]:
        """Tell counted bad values."""
        return [*self._bad.told(now)]
