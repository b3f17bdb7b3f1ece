"""The controller's only reader of time."""

import time
from typing import Protocol


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

    `now_us` is UTC at the start of this process carried on by the monotonic clock, which the kernel
    steers with NTP but never sets: a host whose clock is set later moves no measurement.
    """

    def __init__(self) -> None:
        self._offset_us = (time.time_ns() - time.monotonic_ns()) // 1000

    def now_us(self) -> int:
        """See Clock."""
        return time.monotonic_ns() // 1000 + self._offset_us

    def utc_us(self) -> int:
        """See Clock."""
        return time.time_ns() // 1000
