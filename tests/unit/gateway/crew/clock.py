"""A clock that the test turns."""

from dataclasses import dataclass
from datetime import datetime

from devices.model.observation import Instant
from devices.wire.block import BlockClock, Sync

UTC_US = 1_900_000_000_000_000


@dataclass
class TurnedClock:
    """`utc_us` None: the box does not know the time."""

    mono_us: int = 5_000_000_000
    utc_us: int | None = UTC_US
    boot: bytes = b"1" * 16

    def now(self) -> Instant:
        return Instant(self.mono_us * 1000)

    def block_clock(self) -> BlockClock:
        sync = Sync.UNSET if self.utc_us is None else Sync.FREE
        return BlockClock(self.boot, self.mono_us, self.utc_us, sync, None)

    def local_time(self, at: Instant) -> datetime | None:
        return None

    def turn(self, seconds: float) -> None:
        self.mono_us += int(seconds * 1e6)
        if self.utc_us is not None:
            self.utc_us += int(seconds * 1e6)

    def boots(self, *, off_s: float = 60, utc: bool = True) -> "TurnedClock":
        """The clock of the box's next boot."""
        later_us = None if self.utc_us is None or not utc else self.utc_us + int(off_s * 1e6)
        return TurnedClock(30_000_000, later_us, b"2" * 16)
