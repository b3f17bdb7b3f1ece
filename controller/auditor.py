"""Keeps the proof at hand for those who look at it, and says as of when it is.

proof = await auditor.proof()      # read again when it is older than a moment

Records that lie there twice are counted apart, in the background: that reads everything there is.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from controller.clock import Clock
from controller.errors import StoreError
from controller.proof import JournalProof, count_twice, journals
from controller.store.beside import Beside
from controller.store.where import Where

FRESH_US = 2_000_000
"""A proof may be so old before it is read again, or TIMES as long as reading it took."""
COUNTED_US = 60_000_000
"""The same for the count of records that are there twice."""
TIMES = 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Proof:
    """Every journal as of `as_of_ms`; `duplicated` as of `counted_ms` (None: not counted yet).

    Those with trouble come first, then those that are being written, then the others; each by gateway.
    """

    journals: list[JournalProof]
    as_of_ms: int
    counted_ms: int | None


class Auditor:
    """Reads the database of one controller for its API. `stop` ends what is still being read."""

    def __init__(self, database: Where, clock: Clock) -> None:
        self.beside = Beside(database)
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._proof: Proof | None = None
        self._read_again_us = 0
        self._twice: Mapping[int, int] | None = None
        self._counted_ms: int | None = None
        self._count_again_us = 0
        self._counting: asyncio.Task[None] | None = None

    async def proof(self) -> Proof:
        """The proof, at most some seconds old. Raises StoreError."""
        if self._counting is None and self._clock.now_us() >= self._count_again_us:
            self._counting = asyncio.create_task(self._count())
        async with self._one_at_a_time:
            began_us = self._clock.now_us()
            if self._proof is None or began_us >= self._read_again_us:
                # Both now: a count that ends while the rest is read is of the next proof.
                twice, counted_ms = self._twice, self._counted_ms
                found = await self.beside.read(lambda db: sorted(journals(db, twice), key=_importance))
                self._proof = Proof(found, began_us // 1000, counted_ms)
                self._read_again_us = self._due_us(began_us, FRESH_US)
            return self._proof

    async def stop(self) -> None:
        """Nothing is read any more."""
        self.beside.stop()
        if self._counting is not None:
            await self._counting

    async def _count(self) -> None:
        began_us = self._clock.now_us()
        try:
            self._twice = await self.beside.read(count_twice)
            self._counted_ms = began_us // 1000
        except StoreError as error:
            log.warning("records that are there twice could not be counted: %s", error)
        finally:
            self._count_again_us = self._due_us(began_us, COUNTED_US)
            self._counting = None

    def _due_us(self, began_us: int, fresh_us: int) -> int:
        now_us = self._clock.now_us()
        return now_us + max(fresh_us, TIMES * (now_us - began_us))


def _importance(journal: JournalProof) -> tuple[bool, bool, str]:
    return not journal.is_troubled, not journal.open, journal.gateway
