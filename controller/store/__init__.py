"""The controller's database: SQLite in WAL mode or PostgreSQL, one writer thread, some reader threads.

store = await Store.open(path)                 # or Store.open("postgresql://…", folder=data)
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

from controller.errors import LeaseGone, StoreError, Unknown, Unstorable
from controller.store.migrate import OURS, migrate
from controller.store.moved import refuse, refuse_without
from controller.store.where import NOBODY_WRITES, Where, being_made, connect, holds, reader
from devices.model.histogram import Histogram

__all__ = ["READERS", "Store", "connect"]

T = TypeVar("T")

READERS = 3
"""Queries that run at once, so that a long one holds up no other."""

_DATA_ERRORS = (
    *(sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.InterfaceError),
    OverflowError,
)
"""What a database says of values that it cannot take, whatever the state of the disk."""


class Store:
    """The open database. Its errors come out as StoreError; then nothing was changed, if it is not Unknown.

    `folder`: of what lies beside the rows, in files.
    """

    def __init__(self, where: Where, folder: Path) -> None:
        self.where, self.folder = where, folder
        self._writer_thread = ThreadPoolExecutor(1, "store-writer")
        self._reader_threads = ThreadPoolExecutor(READERS, "store-reader")
        self._writer = connect(where)
        self._idle_readers = [reader(where) for _ in range(READERS)]
        self.writes = Histogram()
        """Seconds that transactions took, with the wait for those before them."""
        self.failed = 0
        """Transactions that the database did not take."""
        self.waiting = 0
        """Transactions that are under way or wait."""

    @classmethod
    async def open(cls, where: Where, package: str = OURS, folder: Path | None = None) -> "Store":
        """Open the database and bring its schema up to date, which is that of the migrations in `package`.

        A file is made if there is none (mode 0600), and lies in `folder`; a server's database is there.
        Raises StoreError; also where the rows are elsewhere, as they move or have moved (`moved`).
        """
        try:
            return await asyncio.to_thread(_opened, where, package, folder)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{where}: the database cannot be opened: {error}") from error

    @property
    def path(self) -> Path:
        """The file. Raises StoreError: it is a server's."""
        if isinstance(self.where, str):
            raise StoreError(f"expected a database in a file, this one is {self.where}")
        return self.where

    async def close(self) -> None:
        """Finish what is under way and close."""
        await asyncio.to_thread(self._writer_thread.shutdown)
        await asyncio.to_thread(self._reader_threads.shutdown)
        for connection in (self._writer, *self._idle_readers):
            connection.close()

    async def write(self, work: Callable[[sqlite3.Connection], T], *, beside_others: bool = False) -> T:
        """Run `work` as one transaction in the writer's thread and return what it returns.

        Nobody else writes meanwhile, but on a server whoever says `beside_others`, too: nothing that one of
        them reads or writes may be another's (decision 045).

        When this returns, the change is on disk; when it raises, there is none. Raises StoreError for
        the database's errors and lets others (a Conflict, …) through. Unknown: the server was lost while it
        committed, `settled` tells later.
        """
        begin = "BEGIN CONCURRENT" if beside_others and isinstance(self.where, str) else "BEGIN IMMEDIATE"
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.waiting += 1
        try:
            done = await self._run(self._writer_thread, lambda: _transaction(self._writer, work, begin))
        except (LeaseGone, Unstorable):  # it would take anything else
            raise
        except StoreError:
            self.failed += 1
            raise
        finally:
            self.waiting -= 1
        self.writes.observe(loop.time() - began)
        return done

    async def settled(self, unknown: Unknown) -> bool:
        """Whether what it was raised for is stored after all. Raises StoreError: that cannot be asked yet."""
        return await self._run(self._writer_thread, lambda: holds(self._writer, unknown.mark))

    async def read(self, query: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        """The rows of one SELECT, of committed data. Raises StoreError."""
        return await self._run(self._reader_threads, lambda: self._select(query, parameters))

    async def read_settled(self, query: str) -> list[sqlite3.Row]:
        """As `read`, in a moment in which nobody writes: whatever is committed later has greater ids than all
        that is seen now. For whoever goes on from the greatest id. Raises StoreError."""
        if isinstance(self.where, str):
            return await self._run(self._reader_threads, lambda: self._select_settled(query))
        return await self.read(query)

    def _select(self, query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[sqlite3.Row]:
        reader = self._idle_readers.pop()  # there are as many as threads
        try:
            return reader.execute(query, parameters).fetchall()
        finally:
            self._idle_readers.append(reader)

    def _select_settled(self, query: str) -> list[sqlite3.Row]:
        reader = self._idle_readers.pop()
        try:
            with reader:
                reader.execute(NOBODY_WRITES)
                return reader.execute(query).fetchall()
        finally:
            self._idle_readers.append(reader)

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        except _DATA_ERRORS as error:
            raise Unstorable(f"{self.where}: {error}") from error
        except sqlite3.Error as error:
            raise StoreError(f"{self.where}: {error}") from error


def _opened(where: Where, package: str, folder: Path | None) -> Store:
    if isinstance(where, str):
        if folder is None:
            raise StoreError(f"{where}: expected the folder of what lies beside a server's database")
    else:
        folder = where.parent
    if package == OURS:
        refuse(where, folder)
    if isinstance(where, Path):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        where.touch(mode=0o600)
    store = Store(where, folder)
    if package == OURS and isinstance(where, str):
        refuse_without(folder, store._writer)
    with being_made(store._writer, where):
        migrate(store._writer, package)
    return store


def _transaction(db: sqlite3.Connection, work: Callable[[sqlite3.Connection], T], begin: str) -> T:
    with db:  # commits, or takes everything back
        db.execute(begin)
        return work(db)
