"""Clocks of Bluetooth devices: Date Time (0x2A08), and Current Time and Local Time Information (0x1805).

A clock is read once after connecting, and what it shows goes out as a DEVICE_CLOCK event with `error_s`, how
many seconds it is ahead of the host. Then it is set to the host's local time, which is what its display is
to show; if the host does not know the time, it is left as it is.
A&D's devices have Date Time in the service of their measurement. Others have the Current Time Service, whose
specification lets a server ignore what is written (CTS 1.1, 3.1). Its zone is read but never written: a
device that took it into account would be set twice.
Source: Bluetooth SIG, CTS 1.1; GSS, Current Time, Date Time, DST Offset and Time Zone.
"""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime

from devices.codecs import Said
from devices.codecs.device_clock import DeviceClock, as_datetime, device_time
from devices.codecs.gatt import DeviceTime, Fields, ValueCodec, uuid16
from devices.model.observation import DeviceEvent, EventKind, Instant

SERVICE = uuid16(0x1805)
DATE_TIME = uuid16(0x2A08)
CURRENT_TIME = uuid16(0x2A2B)
LOCAL_TIME_INFORMATION = uuid16(0x2A0F)

MANUAL_UPDATE, REFERENCE_UPDATE, ZONE_CHANGED, DST_CHANGED = 1, 2, 4, 8
"""Bits of the Adjust Reason."""
_UNKNOWN_ZONE, _UNKNOWN_DST = -128, 255


@dataclass(frozen=True, slots=True)
class CurrentTime:
    """The Current Time characteristic (0x2A2B). `day_of_week` is 1 for Monday to 7, 0 for "not known"."""

    time: DeviceTime
    day_of_week: int = 0
    fractions_256: int = 0
    """256ths of a second."""
    adjust_reason: int = 0

    @classmethod
    def decode(cls, data: bytes) -> "CurrentTime":
        """Read a value; what it lacks after the seconds is 0. Raises BadBytes."""
        fields = Fields(data)
        time = DeviceTime.decode(fields)
        return cls(time, *(*fields.uints_to_end(1), 0, 0, 0)[:3])

    def encode(self) -> bytes:
        """The characteristic's value."""
        return self.time.encode() + bytes((self.day_of_week, self.fractions_256, self.adjust_reason))

    @classmethod
    def of(cls, moment: datetime) -> "CurrentTime":
        """`moment` as a person would set it: the reason that Beurer's scales are known to take."""
        fractions = moment.microsecond * 256 // 1_000_000
        return cls(device_time(moment), moment.isoweekday(), fractions, MANUAL_UPDATE)


class _ClockCodec(ValueCodec):
    """Tells what the clock shows, and sets it once."""

    def __init__(self, clock: DeviceClock) -> None:
        super().__init__()
        self._clock = clock
        self._outgoing = b""
        self._is_set = False

    @abstractmethod
    def _decode(self, data: bytes) -> DeviceTime:
        """The time in the value `data`. Raises BadBytes."""

    @abstractmethod
    def _encode(self, moment: datetime) -> bytes:
        """The value that sets the clock to `moment`."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        time = self._decode(data)
        shown = as_datetime(time)
        event = time.event(now, is_set=shown is not None)
        error_s = self._clock.error_s(shown, now) if shown else None
        if shown:
            self._clock.tells(shown, now)
        if not self._is_set and (moment := self._clock.sets(now)):
            self._outgoing, self._is_set = self._encode(moment), True
        return [
            event if error_s is None else DeviceEvent(event.kind, now, {**event.detail, "error_s": error_s})
        ]

    def data_to_send(self) -> bytes:
        """The value that sets the clock, once it was read."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing


class DateTimeCodec(_ClockCodec):
    """Date Time (0x2A08): gives DEVICE_CLOCK, and sets the clock."""

    def _decode(self, data: bytes) -> DeviceTime:
        return DeviceTime.decode(Fields(data))

    def _encode(self, moment: datetime) -> bytes:
        return device_time(moment).encode()


class CurrentTimeCodec(_ClockCodec):
    """Current Time (0x2A2B): gives DEVICE_CLOCK, and sets the clock."""

    def _decode(self, data: bytes) -> DeviceTime:
        return CurrentTime.decode(data).time

    def _encode(self, moment: datetime) -> bytes:
        return CurrentTime.of(moment).encode()


@dataclass(frozen=True, slots=True)
class LocalTimeInformation:
    """Local Time Information (0x2A0F), both in steps of 15 minutes; None is "not known"."""

    zone: int | None
    """Of the standard time, from UTC."""
    dst: int | None
    """That daylight saving adds now."""

    @classmethod
    def decode(cls, data: bytes) -> "LocalTimeInformation":
        """Read a value. Raises BadBytes."""
        fields = Fields(data)
        zone, dst = int.from_bytes(fields.take(1), signed=True), fields.uint(1)
        return cls(None if zone == _UNKNOWN_ZONE else zone, None if dst == _UNKNOWN_DST else dst)

    def encode(self) -> bytes:
        """The characteristic's value."""
        zone = _UNKNOWN_ZONE if self.zone is None else self.zone
        return zone.to_bytes(1, signed=True) + bytes((_UNKNOWN_DST if self.dst is None else self.dst,))


class LocalTimeInformationCodec(ValueCodec):
    """Gives IDENTITY with `time-zone` and `daylight-saving`, as +hh:mm or `unknown`."""

    def _read(self, data: bytes, now: Instant) -> list[Said]:
        value = LocalTimeInformation.decode(data)
        detail = {"time-zone": _offset(value.zone), "daylight-saving": _offset(value.dst)}
        return [DeviceEvent(EventKind.IDENTITY, now, detail)]


def _offset(quarters: int | None) -> str:
    if quarters is None:
        return "unknown"
    hours, rest = divmod(abs(quarters), 4)
    return f"{'-' if quarters < 0 else '+'}{hours:02}:{rest * 15:02}"
