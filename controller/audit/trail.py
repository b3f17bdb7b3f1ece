"""Writes what was seen and what was refused: accesses are many, so those that come together share a commit.

await trail.record(entry, …)      # returns when it is on the disk: only then may the answer be shown
trail.note(entry)                 # a refusal: nothing is shown, so nobody waits for it
trail.later(entry)                # the same for what happens once: none like it is counted together
await trail.stop()

There is no timer: whatever waits when a commit ends is the next batch, as in the intake of readings.
"""

import asyncio
import logging
from collections import deque

from controller.audit.chain import append_all
from controller.audit.entry import Entry
from controller.audit.tally import Tally
from controller.clock import Clock
from controller.errors import StoreError
from controller.store import Store

MOST_UNWRITTEN = 10_000
"""Entries that nobody waits for, kept while the database cannot be written; the oldest are kept."""

log = logging.getLogger(__name__)

Stamped = tuple[Entry, int]


class Trail:
    """The trail of one controller, in its event loop."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._tally = Tally()
        self._waiting: list[tuple[list[Stamped], asyncio.Future[None]]] = []
        self._unwritten: deque[Stamped] = deque()
        self._dropped = 0
        self._failing = False
        self._writing: asyncio.Task[None] | None = None

    async def record(self, *entries: Entry) -> None:
        """Returns when all of `entries` are on the disk. Raises StoreError: then none of them is."""
        if not entries:
            return
        now_us = self._clock.utc_us()
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(([(entry, now_us) for entry in entries], written))
        self._begin()
        await written

    def note(self, entry: Entry) -> None:
        """Write a refusal soon; many that are alike within a minute become one, with their count."""
        for due in self._tally.take(entry, self._clock.now_us()):
            self.later(due)

    def later(self, entry: Entry) -> None:
        """Write it soon; while the database cannot be written, with the next that is."""
        if len(self._unwritten) < MOST_UNWRITTEN:
            self._unwritten.append((entry, self._clock.utc_us()))
        else:
            self._dropped += 1
        self._begin()

    async def stop(self) -> None:
        """Write what is left."""
        for due in self._tally.ended():
            self.later(due)
        if self._writing is not None:
            await self._writing
        if self._unwritten:
            log.error("%d entries of the audit trail could not be written", len(self._unwritten))

    def _begin(self) -> None:
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            while await self._write_batch():
                pass
        finally:
            self._writing = None

    async def _write_batch(self) -> bool:
        """Write all that waits in one transaction. Whether there was anything, and it could be written."""
        waiting, self._waiting = self._waiting, []
        unwritten, self._unwritten = self._unwritten, deque[Stamped]()
        if self._dropped:
            lost, self._dropped = {"count": self._dropped}, 0
            unwritten.append((Entry("entries-dropped", "controller", detail=lost), self._clock.utc_us()))
        entries = [*unwritten, *(entry for together, _ in waiting for entry in together)]
        if not entries:
            return False
        try:
            await self._store.write(lambda db: append_all(db, entries))
        except StoreError as error:
            self._unwritten.extendleft(reversed(unwritten))
            if not self._failing:
                log.error("the audit trail cannot be written, nothing that must be in it is shown: %s", error)
            self._failing = True
            _settle([written for _, written in waiting], error)
            return bool(self._waiting)
        if self._failing:
            log.info("the audit trail is written again")
        self._failing = False
        _settle([written for _, written in waiting], None)
        return True


def _settle(waiting: list[asyncio.Future[None]], error: StoreError | None) -> None:
    for written in waiting:
        if written.done():  # whoever waited went away
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)
