"""The controller's only reader of time."""

import time
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
