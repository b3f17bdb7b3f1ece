"""When a device with a clock of its own measured something, in the host's time, and how sure that is.

    clock = DeviceClock(host)
    clock.tells(device_now, now)             # it was read: its error is known
    clock.sets(now)                          # what to set it to; from now on it is right
    moment = clock.measured(device_time, now)
    Reading("weight", moment.at, value, quality=moment.quality)

Devices tell local time without a zone, as a person reads it from them. A measurement that is older than
`FRESH_S` is STORED, and its reading's instant is when it was measured, not when it came. One that cannot be
placed (no host time, a device's clock that is not set, runs ahead or is ten years behind) keeps its arrival
and is QUESTIONABLE.

A clock that was wrong and is set leaves measurements of both its times. Each belongs to the time that the
clock showed when it was made: by the old one if that puts it before the setting, by the new one if after it.
One that fits both, or neither, cannot be placed.
"""

from dataclasses import dataclass
from datetime import datetime

from devices.codecs import Host
from devices.codecs.gatt import DeviceTime
from devices.model.observation import Instant, Quality, later

FRESH_S = 120.0
"""How far a device's clock, told in minutes by many, may be off before a measurement counts as stored."""

OLDEST_S = 10 * 365 * 86400.0
"""What seems older than this was stamped by a clock that nobody has set: no device keeps it for so long."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was measured, and what is to be said against that."""

    at: Instant
    quality: Quality = Quality.GOOD


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a clock showed once, from which what it shows at another time follows."""

    time: datetime
    at: Instant

    def age_s(self, told: datetime, now: Instant) -> float:
        """How long ago, at `now`, this clock showed `told`."""
        return (self.time - told).total_seconds() + (now - self.at) / 1_000_000_000


class DeviceClock:
    """The clock of one device, on one connection."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._shown: _Shown | None = None
        self._before: _Shown | None = None
        """How the clock ran before it was set, if it was wrong then."""

    def tells(self, device_now: datetime, now: Instant) -> None:
        """The device's clock shows `device_now` (no zone) at `now`."""
        self._shown = _Shown(device_now, now)

    def local_now(self, now: Instant) -> datetime | None:
        """What the host's clock shows, without its zone: what the device's is to be set to."""
        local = self._host.local_time(now)
        return local.replace(tzinfo=None) if local else None

    def error_s(self, device_now: datetime, now: Instant) -> int | None:
        """By how many seconds `device_now` is ahead of the host's clock; None: the host does not know."""
        local = self.local_now(now)
        return None if local is None else round((device_now - local).total_seconds())

    def sets(self, now: Instant) -> datetime | None:
        """What the clock is to be set to, and shows from now on; None: the host does not know the time."""
        local = self.local_now(now)
        if local is None:
            return None
        old = self._shown
        wrong = old is not None and abs(old.age_s(local, now)) > FRESH_S
        self._before = old if wrong else self._before
        self._shown = _Shown(local, now)
        return local

    def measured(self, time: DeviceTime | None, now: Instant, *, is_set: bool = True) -> Moment:
        """The moment that the device calls `time`, told at `now`; without a time it is `now`."""
        if time is None:
            return Moment(now)
        told = as_datetime(time)
        ages = self._ages_s(told, now) if told and is_set else []
        if len(ages) != 1 or ages[0] > OLDEST_S:
            return Moment(now, Quality.QUESTIONABLE)
        if ages[0] > FRESH_S:
            return Moment(later(now, -ages[0]), Quality.STORED)
        return Moment(now)

    def _ages_s(self, told: datetime, now: Instant) -> list[float]:
        """How old what was stamped `told` is, by each of the clock's times that can have stamped it."""
        current = self._current(now)
        if current is None:
            return []
        age_s = current.age_s(told, now)
        if self._before is None:
            return [age_s] if age_s >= -FRESH_S else []
        since_set_s = (now - current.at) / 1_000_000_000
        old_age_s = self._before.age_s(told, now)
        by_the_new = [age_s] if -FRESH_S <= age_s <= since_set_s + FRESH_S else []
        by_the_old = [old_age_s] if old_age_s >= since_set_s - FRESH_S else []
        return by_the_new + by_the_old

    def _current(self, now: Instant) -> _Shown | None:
        """The device's own clock as it told, else as the host's: most are set, and right."""
        local = self.local_now(now)
        return self._shown or (_Shown(local, now) if local else None)


def as_datetime(time: DeviceTime) -> datetime | None:
    """`time` as a datetime without a zone; None if a part is unknown (0) or impossible."""
    try:
        return datetime(time.year, time.month, time.day, time.hour, time.minute, time.second)  # noqa: DTZ001 - devices tell no zone
    except ValueError:
        return None


def device_time(moment: datetime) -> DeviceTime:
    """`moment` as the Date Time field tells it."""
    return DeviceTime(moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
