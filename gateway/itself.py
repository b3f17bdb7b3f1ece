"""The gateway's alerts about itself, raised as it learns of them.

own = OwnAlerts(alarms, clock, raise_)
own.order_refused("…")
await own.watch()              # those that come with time
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from devices.model.observation import Alert
from devices.wire.records import Gap
from gateway.alarms.technical import Alarms
from gateway.clock import Clock
from gateway.gather import Who
from gateway.journal.keeper import Keeper
from gateway.session import Session, where

_TICK_S, _ROOM_S = 1.0, 10.0
ITSELF: Who = (None, None)


@dataclass(frozen=True, slots=True)
class OwnAlerts:
    """`raise_` puts what `alarms` gives into the journal, and wherever else it is shown."""

    alarms: Alarms
    clock: Clock
    raise_: Callable[[Who, Iterable[Alert]], None]
    sessions: Sequence[Session]
    """Of the devices, to know where they are."""

    def gaps(self, gaps: list[Gap]) -> None:
        """Blocks were given up."""
        self.raise_(ITSELF, self.alarms.gaps(gaps, self.clock.now()))

    def certificate(self, ends: bool, left_s: float) -> None:
        """Whether the certificate is about to expire unrenewed."""
        self.raise_(ITSELF, self.alarms.certificate(ends, left_s, self.clock.now()))

    def order_refused(self, why: str) -> None:
        """Somebody sent what must not be obeyed."""
        self.raise_(ITSELF, self.alarms.order_refused(why, self.clock.now()))

    def update_failed(self, release: int, why: str) -> None:
        """A release did not get healthy."""
        self.raise_(ITSELF, self.alarms.update(release, why, self.clock.now()))

    def quality_refused(self, why: str) -> None:
        """There is no better connection although it is wanted; "": all is well."""
        self.raise_(ITSELF, self.alarms.quality(why, self.clock.now()))

    async def watch(self) -> None:
        """Alerts that come with time, until cancelled."""
        while True:
            self.raise_(ITSELF, self.alarms.clock(self.clock.block_clock()))
            self.raise_(ITSELF, self.alarms.tick(self.clock.now()))
            for device, alert in self.alarms.stale(self.clock.now()):
                self.raise_(where(self.sessions, device), [alert])
            await asyncio.sleep(_TICK_S)

    async def watch_room(self, keeper: Keeper) -> None:
        """How full journal and disk are, until cancelled: told while there is still room."""
        while True:
            with suppress(OSError):  # a disk that fails is told by what it does not take
                self.raise_(ITSELF, self.alarms.room(*await keeper.room(), self.clock.now()))
            await asyncio.sleep(_ROOM_S)
