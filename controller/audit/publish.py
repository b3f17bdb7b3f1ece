"""Publishes the head of the trail every minute: to a file, which another disk may hold, and to gateways.

Before that it looks whether the trail still has the entry of the last head: a trail that was cut or written
anew while the controller was away is told at once, and never covered by a new head.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path

from controller.audit.heads import Head, Reader, Signer, add_line, last_line, signing_keys
from controller.clock import Clock
from controller.errors import BadHead
from controller.identity.authority import Authority
from controller.store import Store

EVERY_S = 60
FILE = "heads.jws"

log = logging.getLogger(__name__)

_LAST = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1"
_HASH = "SELECT hash FROM audit WHERE number = ?"


class Publisher:
    """Publishes the heads of one store into `folder`, and by `send(line)`."""

    def __init__(
        self, store: Store, clock: Clock, authority: Authority, folder: Path, send: Callable[[str], object]
    ) -> None:
        self._store = store
        self._clock = clock
        self._authority = authority
        self.file = folder / FILE
        self._send = send

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.publish()
            await asyncio.sleep(EVERY_S)

    async def publish(self) -> bool:
        """Publish the head; the file gets it only when it is new. Whether the trail still fits the last one.

        Raises StoreError.
        """
        row = (await self._store.read(_LAST) or [None])[0]
        if row is None:
            return True
        head = Head(row["number"], row["hash"], self._clock.utc_us())
        line = Signer(self._authority.key).sign(head)
        try:
            last = await self._last()
            if not await self._still_has(last):
                log.error("the audit trail is not what it was: run `wardlink audit verify`")
                return False
            if last is None or last.number != head.number:
                await asyncio.to_thread(add_line, self.file, line)
        except OSError as error:
            log.error("%s: the head of the audit trail cannot be written: %s", self.file, error)
        self._send(line)
        return True

    async def _last(self) -> Head | None:
        """The last head of the file; None when another key signed it, or there is none."""
        line = await asyncio.to_thread(last_line, self.file)
        try:
            return None if line is None else Reader(signing_keys(self._authority)).read(line)
        except BadHead as error:
            log.warning("%s: the last head cannot be compared: %s", self.file, error)
            return None

    async def _still_has(self, last: Head | None) -> bool:
        if last is None:
            return True
        rows: list[sqlite3.Row] = await self._store.read(_HASH, (last.number,))
        return bool(rows) and rows[0]["hash"] == last.hash
