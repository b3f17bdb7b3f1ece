"""When a device with a clock of its own measured something, in the host's time, and how sure that is.

    clock = DeviceClock(host)
    clock.tells(device_now, now)             # it was read, or just set: its error is known
    moment = clock.measured(device_time, now)
    Reading("weight", moment.at, value, quality=moment.quality)

Devices tell local time without a zone, as a person reads it from them. A measurement that is older than
`FRESH_S` is STORED, and its reading's instant is when it was measured, not when it came. One that cannot be
placed (no host time, a device's clock that is not set or runs ahead) keeps its arrival and is QUESTIONABLE.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from devices.codecs import Host
from devices.codecs.gatt import DeviceTime
from devices.model.observation import Instant, Quality, later

FRESH_S = 120.0
"""How far a device's clock, told in minutes by many, may be off before a measurement counts as stored."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was measured, and what is to be said against that."""

    at: Instant
    quality: Quality = Quality.GOOD


class DeviceClock:
    """The clock of one device, on one connection."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._shown: tuple[datetime, Instant] | None = None

    def tells(self, device_now: datetime, now: Instant) -> None:
        """The device's clock shows `device_now` (no zone) at `now`."""
        self._shown = device_now, now

    def local_now(self, now: Instant) -> datetime | None:
        """What the host's clock shows, without its zone: what the device's is to be set to."""
        local = self._host.local_time(now)
        return local.replace(tzinfo=None) if local else None

    def measured(self, time: DeviceTime, now: Instant, *, is_set: bool = True) -> Moment:
        """The moment that the device calls `time`, told at `now`."""
        told, shown = as_datetime(time), self._now(now)
        if told is None or shown is None or not is_set:
            return Moment(now, Quality.QUESTIONABLE)
        age_s = (shown - told).total_seconds()
        if age_s < -FRESH_S:
            return Moment(now, Quality.QUESTIONABLE)
        if age_s > FRESH_S:
            return Moment(later(now, -age_s), Quality.STORED)
        return Moment(now)

    def _now(self, now: Instant) -> datetime | None:
        """What the device's own clock shows at `now`: as it told, else as the host's does."""
        if self._shown is None:
            return self.local_now(now)
        shown, at = self._shown
        return shown + timedelta(microseconds=(now - at) / 1000)


def as_datetime(time: DeviceTime) -> datetime | None:
    """`time` as a datetime without a zone; None if a part is unknown (0) or impossible."""
    try:
        return datetime(time.year, time.month, time.day, time.hour, time.minute, time.second)  # noqa: DTZ001 - devices tell no zone
    except ValueError:
        return None


def device_time(moment: datetime) -> DeviceTime:
    """`moment` as the Date Time field tells it."""
    return DeviceTime(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
