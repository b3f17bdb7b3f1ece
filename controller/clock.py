"""The controller's only reader of time."""

import time
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Protocol
from uuid import UUID

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """Time as the controller counts it."""

    def now_us(self) -> int:
        """The controller's time scale: microseconds that never jump, close to UTC since 1970."""
        ...

    def utc_us(self) -> int:
        """UTC as the host believes it now: microseconds since 1970. It may jump."""
        ...


class SystemClock:
    """The host's clocks.

    `now_us` is the time since the host's boot, sleep included, which the kernel steers with NTP but never
    sets, and `offset_us`: a host whose clock is set later moves no measurement. At first the offset is that
    of UTC when this was made; `controller.store.scale` carries on that of the start before.
    """

    def __init__(self) -> None:
        self.offset_us = self.utc_us() - self.since_boot_us()

    def now_us(self) -> int:
        """See Clock."""
        return self.since_boot_us() + self.offset_us

    def utc_us(self) -> int:
        """See Clock."""
        return time.time_ns() // 1000

    def since_boot_us(self) -> int:
        """Microseconds since this boot of the host."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000

    def host_boot(self) -> bytes:
        """16 bytes that name this boot of the host."""
        return UUID(_BOOT_ID.read_text(encoding="ascii").strip()).bytes


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_text(utc_us: int) -> str:
    """Microseconds since 1970 as RFC 3339 has them: "2026-11-25T21:05:36.000000Z"."""
    at = _EPOCH + timedelta(microseconds=utc_us)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def minute_of_year(utc_us: int) -> tuple[int, int]:
    """Whole minutes since the UTC year began, and the milliseconds of the minute (SAE J2735, MinuteOfTheYear
    and DSecond)."""
    at = _EPOCH + timedelta(microseconds=utc_us)
    minutes, rest = divmod(at - datetime(at.year, 1, 1, tzinfo=UTC), timedelta(minutes=1))
    return minutes, rest // timedelta(milliseconds=1)


def utc_of(text: str) -> int:
    """Microseconds since 1970 of a time in ISO 8601; without a zone it is UTC. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - _EPOCH) // timedelta(microseconds=1)


def utc_s_of(text: str) -> float | None:
    """The same, read: seconds since 1970; None: it is no moment with its zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else at.timestamp()


Zone = tzinfo


def local_text(utc_us: int, form: str, zone: Zone | None = None) -> str:
    """The calendar and clock of `zone` (None: this machine's), in the form of strftime(3)."""
    return (_EPOCH + timedelta(microseconds=utc_us)).astimezone(zone).strftime(form)


def local_days(from_ms: int, to_ms: int, zone: Zone | None = None) -> list[str]:
    """The days ("2026-11-26") of `zone` that have a part between two times of UTC, ms."""
    begin, end = ((_EPOCH + timedelta(milliseconds=ms)).astimezone(zone).date() for ms in (from_ms, to_ms))
    return [(begin + timedelta(days=number)).isoformat() for number in range((end - begin).days + 1)]


def utc_ms_at(day: str, time: str, zone: Zone | None = None) -> int:
    """UTC, ms, when the clocks of `zone` show `time` ("08:00") on `day`; the first, if they do so twice."""
    at = datetime.fromisoformat(f"{day}T{time}")
    at = at.astimezone() if zone is None else at.replace(tzinfo=zone)
    return (at - _EPOCH) // timedelta(milliseconds=1)


def utc_day(utc_us: int) -> date:
    """The day of UTC."""
    return (_EPOCH + timedelta(microseconds=utc_us)).date()
