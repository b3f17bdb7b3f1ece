"""Reading beside the controller's own work: long questions, each of one moment, that hold up nobody.

with reading(where) as db: ...                  # here and now
rows = await beside.read(lambda db: ...)       # in a thread; `stop` ends whatever is still being read
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from controller.errors import StoreError
from controller.store.where import Where, moment

T = TypeVar("T")


@contextmanager
def reading(where: Where, *, settled: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection that only reads, all of it as it is at the first question; `settled`: see `moment`.

    Raises StoreError.
    """
    try:
        db = moment(where, settled=settled)
    except sqlite3.Error as error:
        raise StoreError(f"{where}: {error}") from error
    try:
        yield db
    except sqlite3.Error as error:
        raise StoreError(f"{where}: {error}") from error
    finally:
        db.close()


class Beside:
    """Reads one database in threads."""

    def __init__(self, where: Where, *, settled: bool = False) -> None:
        self._where, self._settled = where, settled
        self._open: set[sqlite3.Connection] = set()

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` makes of the database. Raises StoreError."""
        return await asyncio.to_thread(self._read, work)

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with reading(self._where, settled=self._settled) as db:
            self._open.add(db)
            try:
                return work(db)
            finally:
                self._open.discard(db)

    def stop(self) -> None:
        """Interrupt what is being read: it ends with a StoreError."""
        for db in tuple(self._open):
            db.interrupt()
