"""Whether the controller can do its work: it stores, it hears its gateways, and there is room on its disk.

reasons = await readiness.reasons()     # by check: "", or what is wrong and what to do

Looked at every LOOK_US at most: strangers may ask, and each look is a transaction that is synced to the disk.
"""

import asyncio
import os
import sqlite3

from controller.clock import Clock
from controller.errors import StoreError
from controller.metrics.sources import Sources
from controller.store import Store
from controller.store.migrate import migrations

LOOK_US = 2_000_000
ROOM_BYTES = 256 * 1024 * 1024
"""Free, at least: four full queues of the intake."""
SLOW_S = 5.0
"""A transaction that takes longer is one that the gateways' receipts wait too long for."""


class Readiness:
    """Of one controller. Without `sources` (no gateways are served) the broker is not asked for."""

    def __init__(self, store: Store, clock: Clock, sources: Sources | None = None) -> None:
        self._store = store
        self._clock = clock
        self.sources = sources
        self._one_at_a_time = asyncio.Lock()
        self._reasons: dict[str, str] = {}
        self._looked_us: int | None = None

    async def reasons(self) -> dict[str, str]:
        """By check ("store", "migrations", "disk", "broker"): empty, or what is wrong and what to do."""
        async with self._one_at_a_time:
            now_us = self._clock.now_us()
            if self._looked_us is None or now_us - self._looked_us > LOOK_US:
                self._reasons, self._looked_us = await self._look(), now_us
            return self._reasons

    async def _look(self) -> dict[str, str]:
        found = {"store": "", "migrations": "", "disk": self._disk()}
        try:
            async with asyncio.timeout(SLOW_S):
                found["migrations"] = await self._store.write(_write)
        except StoreError as error:
            found["store"] = f"nothing can be stored: {error}: see the disk and its rights"
        except TimeoutError:
            found["store"] = f"a transaction takes more than {SLOW_S:g} s: see what else uses the disk"
        if self.sources is not None:
            up = self.sources.links.connected.is_set()
            found["broker"] = "" if up else "no connection to the broker: see its log"
        return found

    def _disk(self) -> str:
        disk = os.statvfs(self._store.folder)
        free = disk.f_bavail * disk.f_frsize
        return "" if free >= ROOM_BYTES else f"expected {ROOM_BYTES} bytes free, there are {free}: make room"


def _write(db: sqlite3.Connection) -> str:
    """A row goes to the disk and stays as it was. Returns which migrations are not applied."""
    db.execute("UPDATE migration SET name = name WHERE number = (SELECT max(number) FROM migration)")
    done = {row[0] for row in db.execute("SELECT number FROM migration")}
    lacking = sorted(migrations().keys() - done)
    return f"migrations {lacking} are not applied: start this controller again" if lacking else ""
