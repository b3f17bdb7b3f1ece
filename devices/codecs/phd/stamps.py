"""When a personal health device measured something: the three kinds of time of 20601 (A.11.5 and 7.3.9).

Absolute time is local and in BCD; base-offset time is seconds since 1900 UTC and an offset; relative time is
ticks of 125 µs since the device began to count, which only the device's own count now can place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.codecs import Host
from devices.codecs.device_clock import FRESH_S, DeviceClock, Moment, as_datetime, device_time
from devices.codecs.gatt import DeviceTime
from devices.codecs.phd.mder import Reader
from devices.codecs.phd.nomenclature import Attribute
from devices.model.observation import Instant, Quality, later

_BASE = datetime(1900, 1, 1)  # noqa: DTZ001 - the offset is added below: what results is local
_TICK_S = 0.000125
UNKNOWN_TICKS = 0xFFFFFFFF
"""A relative time that says that the device counts none."""
_ANY_STAMP = (
    Attribute.STAMP_ABSOLUTE,
    Attribute.STAMP_BASE_OFFSET,
    Attribute.STAMP_RELATIVE,
    Attribute.STAMP_HIGH_RESOLUTION,
)


def absolute_time(data: bytes) -> DeviceTime:
    """AbsoluteTime: BCD century, year, month, day, hour, minute, second, hundredths. Raises BadBytes."""
    century, year, month, day, hour, minute, second, _ = (_bcd(octet) for octet in Reader(data).take(8))
    return DeviceTime(century * 100 + year, month, day, hour, minute, second)


def encode_absolute_time(time: DeviceTime) -> bytes:
    """AbsoluteTime."""
    century, year = divmod(time.year, 100)
    parts = (century, year, time.month, time.day, time.hour, time.minute, time.second, 0)
    return bytes(part // 10 << 4 | part % 10 for part in parts)


def base_offset_time(data: bytes) -> DeviceTime:
    """BaseOffsetTime: seconds since 1900 UTC, 1/65536 s, minutes that local time is ahead.

    Raises BadBytes.
    """
    reader = Reader(data)
    seconds, _, minutes = reader.u32(), reader.u16(), reader.u16()
    ahead = minutes - 0x10000 if minutes >= 0x8000 else minutes
    return device_time(_BASE + timedelta(seconds=seconds, minutes=ahead))


def _bcd(octet: int) -> int:
    """Its two digits as a number; impossible digits give an impossible one, for nobody to believe."""
    high, low = octet >> 4, octet & 0xF
    return high * 10 + low if max(high, low) < 10 else 99


def time_told(told: Mapping[int, bytes], absolute: int, base_offset: int) -> DeviceTime | None:
    """The time under one of the two attribute ids. Raises BadBytes."""
    if absolute in told:
        return absolute_time(told[absolute])
    return base_offset_time(told[base_offset]) if base_offset in told else None


@dataclass(frozen=True, slots=True)
class Stamp:
    """The times that a measurement carries."""

    time: DeviceTime | None = None
    ticks: int | None = None
    """Relative time."""
    any: bool = False
    """Whether it carries a time, of whatever kind."""

    @classmethod
    def decode(cls, told: Mapping[int, bytes]) -> "Stamp":
        """Those among the attributes `told`. Raises BadBytes."""
        time = time_told(told, Attribute.STAMP_ABSOLUTE, Attribute.STAMP_BASE_OFFSET)
        ticks = Reader(told[Attribute.STAMP_RELATIVE]).u32() if Attribute.STAMP_RELATIVE in told else None
        return cls(time, ticks, any(attribute in told for attribute in _ANY_STAMP))


class Clocks:
    """The device's clocks, as it has told them on this connection."""

    def __init__(self) -> None:
        self._clock = DeviceClock(Host())
        self._ticks: tuple[int, Instant] | None = None

    def tell(self, told: Mapping[int, bytes], now: Instant) -> DeviceTime | None:
        """The device's attributes, as they are at `now`; gives its time of day. Raises BadBytes."""
        time = time_told(told, Attribute.TIME_ABSOLUTE, Attribute.TIME_BASE_OFFSET)
        shown = as_datetime(time) if time else None
        if shown:
            self._clock.tells(shown, now)
        if Attribute.TIME_RELATIVE in told:
            self.tell_ticks(Reader(told[Attribute.TIME_RELATIVE]).u32(), now)
        return time

    def tell_ticks(self, ticks: int, now: Instant) -> None:
        """The device's relative time is `ticks` at `now`; 0 and UNKNOWN_TICKS are told by those without."""
        if ticks not in (0, UNKNOWN_TICKS):
            self._ticks = ticks, now

    def placed(self, stamp: Stamp, now: Instant) -> Moment:
        """The moment of `stamp`, told at `now`: questionable where nothing can place it."""
        if stamp.time:
            return self._clock.measured(stamp.time, now)
        if stamp.ticks is not None and self._ticks:
            ticks, at = self._ticks
            age_s = (now - at) / 1e9 + (ticks - stamp.ticks) % (1 << 32) * _TICK_S
            return Moment(later(now, -age_s), Quality.STORED) if age_s > FRESH_S else Moment(now)
        return Moment(now, Quality.QUESTIONABLE if stamp.any else Quality.GOOD)
