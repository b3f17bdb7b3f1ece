"""Reading beside the controller's own work: long questions, each of one moment, that hold up nobody.

with reading(path) as db: ...                  # here and now
rows = await beside.read(lambda db: ...)       # in a thread; `stop` ends whatever is still being read
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from controller.errors import StoreError

T = TypeVar("T")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads, all of it as it is at the first question. Raises StoreError."""
    try:
        db = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error
    db.row_factory = sqlite3.Row
    try:
        db.execute("PRAGMA busy_timeout = 10000")
        db.execute("BEGIN")
        yield db
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error
    finally:
        db.close()


class Beside:
    """Reads one database in threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._open: set[sqlite3.Connection] = set()

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` makes of the database. Raises StoreError."""
        return await asyncio.to_thread(self._read, work)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with reading(self.path) as db:
            self._open.add(db)
            try:
                return work(db)
            finally:
                self._open.discard(db)

    def stop(self) -> None:
        """Interrupt what is being read: it ends with a StoreError."""
        for db in tuple(self._open):
            db.interrupt()
