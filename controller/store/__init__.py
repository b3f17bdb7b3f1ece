"""The controller's database: SQLite in WAL mode, one writer thread, some reader threads.

store = await Store.open(path)
await store.write(lambda db: db.execute(...))     # one transaction: all of it, durable, or nothing
rows = await store.read("SELECT ...", (…))
await store.close()
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from controller.errors import StoreError, Unstorable
from controller.store.migrate import OURS, migrate
from devices.model.histogram import Histogram

T = TypeVar("T")

READERS = 3
"""Queries that run at once, so that a long one holds up no other."""

_DATA_ERRORS = (
    *(sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError),
    OverflowError,
)
"""What SQLite says of values that it cannot take, whatever the state of the disk."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection whose commits survive a power cut."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 10000"):
        db.execute(f"PRAGMA {pragma}")
    return db


class Store:
    """The open database. Errors of SQLite come out as StoreError; then nothing was changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer_thread = ThreadPoolExecutor(1, "store-writer")
        self._reader_threads = ThreadPoolExecutor(READERS, "store-reader")
        self._writer = connect(path)
        self._idle_readers = [connect(path) for _ in range(READERS)]
        self.writes = Histogram()
        """Seconds that transactions took, with the wait for those before them."""
        self.failed = 0
        """Transactions that SQLite did not take."""
        self.waiting = 0
        """Transactions that are under way or wait."""

    @classmethod
    async def open(cls, path: Path, package: str = OURS) -> "Store":
        """Open or make the database at `path` (mode 0600) and bring its schema up to date, which is that of
        the migrations in `package`.

        Raises StoreError.
        """
        try:
            store = await asyncio.to_thread(_opened, path, package)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{path}: the database cannot be opened: {error}") from error
        return store

    async def close(self) -> None:
        """Finish what is under way and close."""
        await asyncio.to_thread(self._writer_thread.shutdown)
        await asyncio.to_thread(self._reader_threads.shutdown)
        for connection in (self._writer, *self._idle_readers):
            connection.close()

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` as one transaction in the writer's thread and return what it returns.

        When this returns, the change is on disk; when it raises, there is none. Raises StoreError for
        SQLite's errors and lets others (a Conflict, …) through.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.waiting += 1
        try:
            done = await self._run(self._writer_thread, lambda: _transaction(self._writer, work))
        except StoreError:
            self.failed += 1
            raise
        finally:
            self.waiting -= 1
        self.writes.observe(loop.time() - began)
        return done

    async def read(self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """The rows of one SELECT, of committed data. Raises StoreError."""
        return await self._run(self._reader_threads, lambda: self._select(query, parameters))

    def _select(self, query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[sqlite3.Row]:
        reader = self._idle_readers.pop()  # there are as many as threads
        try:
            return reader.execute(query, parameters).fetchall()
        finally:
            self._idle_readers.append(reader)

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        except _DATA_ERRORS as error:
            raise Unstorable(f"{self.path}: {error}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {error}") from error


def _opened(path: Path, package: str) -> Store:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    store = Store(path)
    migrate(store._writer, package)
    return store


def _transaction(db: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    with db:  # commits, or takes everything back
        db.execute("BEGIN IMMEDIATE")
        return work(db)
