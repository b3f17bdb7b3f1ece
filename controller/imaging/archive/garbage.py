"""Files that no row names any more, and why none of them is taken away while somebody brings it again.

A batch holds the hash of what it writes until its rows are there. A deletion puts the hash into the table
`gone` in the transaction that takes the rows away; `collect` deletes the file, now or after a restart.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from sqlite3 import Connection
from typing import Final, NamedTuple

from controller.imaging.archive.files import Files
from controller.objects.owner import Owning
from controller.store import Store

log = logging.getLogger(__name__)

_GONE: Final = """SELECT sha256, EXISTS (SELECT 1 FROM file WHERE file.sha256 = gone.sha256) AS named
FROM gone WHERE sha256 > ? ORDER BY sha256 LIMIT 100"""
_DONE: Final = "DELETE FROM gone WHERE sha256 = ?"
_NAMED: Final = """EXISTS (SELECT 1 FROM instance WHERE file = :sha256)
  OR EXISTS (SELECT 1 FROM quarantine WHERE file = :sha256)"""
_UNNAMED: Final = """INSERT OR IGNORE INTO gone
SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM file WHERE sha256 = ?1)"""
_MOVED: Final = "INSERT OR IGNORE INTO moved SELECT sha256 FROM file WHERE sha256 = ? AND tier = 1"


class Freed(NamedTuple):
    """Bytes of what goes."""

    all: int
    fast: int
    """Of them at the fast place, where they count (room.py)."""


def drop_file(db: Connection, sha256: bytes) -> Freed:
    """In the transaction that took a row away: the file goes unless another names it."""
    query = f"DELETE FROM file WHERE sha256 = :sha256 AND NOT ({_NAMED}) RETURNING size, tier"
    gone = db.execute(query, {"sha256": sha256}).fetchone()
    if gone is None:
        return Freed(0, 0)
    db.execute("INSERT OR IGNORE INTO gone VALUES (?)", (sha256,))
    return Freed(gone["size"], 0 if gone["tier"] else gone["size"])


class Garbage:
    """Of one archive. Nothing is deleted while `owning` does not know that the files are this index's."""

    def __init__(self, store: Store, files: Files, owning: Owning) -> None:
        self._store = store
        self._files = files
        self._owning = owning
        self._held: Counter[bytes] = Counter()
        self._lock = asyncio.Lock()

    async def hold(self, sha256: bytes) -> None:
        """Until `release`, its file stays."""
        async with self._lock:  # it may be on its way out just now
            self._held[sha256] += 1

    def release(self, hashes: Iterable[bytes]) -> None:
        """What `hold` held."""
        self._held.subtract(hashes)
        self._held = +self._held

    async def unless_held(self, sha256: bytes, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work`, while nobody begins to hold the file, unless somebody does."""
        async with self._lock:
            if not self._held[sha256]:
                await work()

    async def unreferenced(self, hashes: Iterable[bytes]) -> None:
        """Take away those of `hashes` that no row names; of those at the slow place, the copy at the fast one
        goes with the next round (moving.py). Raises StoreError.
        """
        rows = [(sha256,) for sha256 in hashes]

        def work(db: Connection) -> None:
            before = db.total_changes
            db.executemany(_UNNAMED, rows)
            if number := db.total_changes - before:
                log.info("%d files that no row names are taken away", number)
            db.executemany(_MOVED, rows)

        await self._store.write(work)
        await self.collect()

    async def sweep(self, among: Iterator[list[bytes]] | None = None) -> None:
        """Take away files, all or those, whose rows were not made any more. Raises StoreError, OSError."""
        if self._owning.why:
            return
        found = self._files.all() if among is None else among
        while (hashes := await asyncio.to_thread(next, found, None)) is not None:
            await self.unreferenced(hashes)

    async def collect(self) -> None:
        """Delete the files in `gone`. What cannot be deleted now stays there for the next time.

        Raises StoreError.
        """
        last: bytes | None = None if self._owning.why else b""
        while last is not None:
            last = await self._collect(last)

    async def _collect(self, after: bytes) -> bytes | None:
        """Some of them; the last that was looked at, or None. Raises StoreError."""
        async with self._lock:
            rows = await self._store.read(_GONE, (after,))
            free = [row for row in rows if not self._held[row["sha256"]]]
            done = [(row["sha256"],) for row in free if row["named"] or await self._is_gone(row["sha256"])]
            if done:
                await self._store.write(lambda db: db.executemany(_DONE, done))
        return rows[-1]["sha256"] if rows else None

    async def _is_gone(self, sha256: bytes) -> bool:
        try:
            await self._files.delete(sha256)
        except OSError as error:
            log.error("a file that is not needed any more cannot be deleted now: %s", error)
            return False
        return True
