"""Keeps the last verification of the trail at hand for those who look at it, and says as of when it is.

A verification reads everything, so it runs in the background, beside the controller's own work, when somebody
asks for its result and the last one is old.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from controller.audit.heads import Reader, Told
from controller.audit.verify import Verdict, verify
from controller.clock import Clock
from controller.errors import BadHead, StoreError
from controller.store.beside import Beside
from controller.store.where import Where

FRESH_US = 600_000_000
"""A verification is begun again after so long, or after TIMES as long as it took."""
TIMES = 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """Files with published heads, and who reads them: knows the keys that may have signed."""

    files: tuple[Path, ...]
    reader: Callable[[], Reader]
    """Made anew for each verification: meanwhile another key may sign."""

    def heads(self) -> Iterator[Told]:
        """The heads that are in all files now. Ask before the database: then it has all their entries."""
        reader = self.reader()
        return itertools.chain(*(reader.file(path) for path in self.files if path.exists()))


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, and when it began to be looked for."""

    verdict: Verdict
    as_of_us: int


class Checkup:
    """Verifies one controller's trail. `stop` ends what is still being read."""

    def __init__(self, database: Where, clock: Clock, published: Published | None) -> None:
        self._beside = Beside(database)
        self._clock = clock
        self._published = published
        self._last: Checked | None = None
        self._again_us = 0
        self._checking: asyncio.Task[None] | None = None

    def last(self) -> Checked | None:
        """The last verification; None while the first one runs. Begins another when it is due."""
        if self._checking is None and self._clock.now_us() >= self._again_us:
            self._checking = asyncio.create_task(self._check())
        return self._last

    async def stop(self) -> None:
        """Nothing is read any more."""
        self._beside.stop()
        if self._checking is not None:
            await self._checking

    async def _check(self) -> None:
        began_us = self._clock.now_us()
        try:
            heads = self._published.heads() if self._published else ()
            verdict = await self._beside.read(lambda db: verify(db, heads))
            self._last = Checked(verdict, began_us)
            if not verdict.is_whole:
                log.error("the audit trail is not what was written: run `wardlink audit verify`")
        except (StoreError, BadHead) as error:
            log.error("the audit trail could not be verified: %s", error)
        finally:
            now_us = self._clock.now_us()
            self._again_us = now_us + max(FRESH_US, TIMES * (now_us - began_us))
            self._checking = None
