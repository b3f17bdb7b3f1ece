"""The gateway's only reader of time: monotonic instants, and what the host's UTC is worth.

clock.now()          # Instant: nanoseconds since boot, sleep included
clock.block_clock()  # the same, with UTC beside it and how sure it is
"""

import ctypes
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from devices.model.observation import Instant
from devices.wire.block import BlockClock, Sync

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_EARLIEST_UTC_NS = 1_735_689_600_000_000_000
"""2025-01-01: a clock before it was never set."""
_UNSYNCHRONISED = 0x40
"""STA_UNSYNC of adjtimex(2)."""


class Clock(Protocol):
    """Time as the gateway's parts are given it."""

    def now(self) -> Instant:
        """The monotonic time."""
        ...

    def block_clock(self) -> BlockClock:
        """Monotonic time and UTC of this moment."""
        ...

    def local_time(self, at: Instant) -> datetime | None:
        """The host's local time, with its zone, at an instant of this boot; None: it is not known."""
        ...


class _Timex(ctypes.Structure):
    """The beginning of `struct timex` of adjtimex(2), 64-bit Linux."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


@dataclass(frozen=True, slots=True)
class KernelSync:
    """What the kernel says about UTC: whether something disciplines it, and its greatest error in µs."""

    disciplined: bool
    error_us: int


_libc = ctypes.CDLL(None, use_errno=True)


def kernel_sync() -> KernelSync:
    """Ask adjtimex(2); a kernel that refuses to say counts as not disciplined."""
    timex = _Timex(modes=0)
    answered = _libc.adjtimex(ctypes.byref(timex)) >= 0
    return KernelSync(answered and not timex.status & _UNSYNCHRONISED, timex.maxerror)


def boot_id() -> bytes:
    """16 bytes that name this boot of the host."""
    return UUID(_BOOT_ID.read_text(encoding="ascii").strip()).bytes


def _since_boot_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The host's clocks. Each source can be another one: nanoseconds since boot, since 1970, and the sync."""

    boot: bytes = field(default_factory=boot_id)
    mono_ns: Callable[[], int] = _since_boot_ns
    utc_ns: Callable[[], int] = time.time_ns
    sync: Callable[[], KernelSync] = kernel_sync

    def now(self) -> Instant:
        """Nanoseconds since boot, sleep included (CLOCK_BOOTTIME)."""
        return Instant(self.mono_ns())

    def block_clock(self) -> BlockClock:
        """A host whose UTC lies before 2025 does not know the time: no UTC, Sync.UNSET."""
        mono_us, utc = self.mono_ns() // 1000, self.utc_ns()
        if utc < _EARLIEST_UTC_NS:
            return BlockClock(self.boot, mono_us, None, Sync.UNSET, None)
        kernel = self.sync()
        if kernel.disciplined:
            return BlockClock(self.boot, mono_us, utc // 1000, Sync.NETWORK, kernel.error_us)
        return BlockClock(self.boot, mono_us, utc // 1000, Sync.FREE, None)

    def local_time(self, at: Instant) -> datetime | None:
        """As a clock on the wall beside the host shows it."""
        utc = self.utc_ns() + at - self.mono_ns()
        return None if utc < _EARLIEST_UTC_NS else datetime.fromtimestamp(utc / 1e9, UTC).astimezone()
