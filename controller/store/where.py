"""Where a database is: a `Path` is the file of SQLite's, a `str` the URL of PostgreSQL's.

db = connect("postgresql://wardlink@db.example/wardlink")     # used as SQLite's, whichever it is
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from controller.errors import StoreError

if TYPE_CHECKING:
    from controller.store.postgres.connection import Connection

T = TypeVar("T")
Where = Path | str
SCHEMES = "postgresql://", "postgres://"
NOBODY_WRITES = "BEGIN EXCLUSIVE"
"""To a server, by one that only reads: begins when no transaction that writes is under way, and none does
until it ends."""


def parsed(text: str) -> Where:
    """What `str()` made of one."""
    return text if text.startswith(SCHEMES) else Path(text)


def connect(where: Where) -> sqlite3.Connection:
    """A connection whose commits survive a power cut. Raises StoreError, sqlite3.Error."""
    if isinstance(where, str):
        return as_sqlite(_server(where))
    db = sqlite3.connect(where, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 10000"):
        db.execute(f"PRAGMA {pragma}")
    return db


def reader(where: Where) -> sqlite3.Connection:
    """One for questions, of a database that is there. Raises StoreError, sqlite3.Error."""
    return as_sqlite(_server(where, read_only=True)) if isinstance(where, str) else connect(where)


def moment(where: Where, *, settled: bool = False) -> sqlite3.Connection:
    """One that changes nothing and sees all as it is at the first question.

    `settled`: for whoever goes on from the greatest id that was seen: whatever it does not see will have
    greater ones. Raises StoreError, sqlite3.Error.
    """
    if isinstance(where, str):
        db = reader(where)
        if settled:
            return _settled(where, db)
    else:
        uri = f"{where.absolute().as_uri()}?mode=ro"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA busy_timeout = 10000")
    db.execute("BEGIN")
    return db


def _settled(where: str, db: sqlite3.Connection) -> sqlite3.Connection:
    """Those that write at the same time take ids in one order and commit in another: begun between them."""
    with closing(reader(where)) as other, other:
        other.execute(NOBODY_WRITES)
        db.execute("BEGIN")
        db.execute("SELECT 1")
    return db


def is_there(where: Where) -> bool:
    """Whether there is such a file; of a server's it is told when it is opened."""
    return isinstance(where, str) or where.exists()


@contextmanager
def being_made(db: sqlite3.Connection, where: Where) -> Iterator[None]:
    """Nobody else brings the schema up to date meanwhile."""
    if isinstance(where, str):
        from controller.store.postgres.connection import prepared  # noqa: PLC0415 - SQLite needs no psycopg

        with prepared(cast("Connection", db)):
            yield
    else:
        yield


def patiently(db: sqlite3.Connection, work: Callable[[], T]) -> T:
    """Do what changes tables that another controller may be using: it goes on meanwhile.

    `work` changes nothing where it fails. Raises sqlite3.Error.
    """
    if isinstance(db, sqlite3.Connection):
        return work()
    from controller.store.postgres.patience import patiently as shortly  # noqa: PLC0415 - as above

    return shortly(db, work)


def made_beside(db: sqlite3.Connection, script: str) -> bool:
    """Whether the script of a migration made only indexes, and they are there now: on a server, where others
    go on writing. Raises sqlite3.Error."""
    if isinstance(db, sqlite3.Connection):
        return False
    from controller.store.postgres.indexes import made_beside as made  # noqa: PLC0415 - as above

    return made(db, script)


def in_parts(db: sqlite3.Connection) -> None:
    """A server's largest tables are divided, so that what is old goes as a whole. Raises sqlite3.Error."""
    if not isinstance(db, sqlite3.Connection):
        from controller.store.postgres.parts import divide  # noqa: PLC0415 - as above

        divide(db)


def overwriting(db: sqlite3.Connection) -> None:
    """What is deleted or replaced from now on is not to be found in the file any more.

    PostgreSQL keeps it until VACUUM, and in its log (docs/operations.md).
    """
    if isinstance(db, sqlite3.Connection):
        db.execute("PRAGMA secure_delete = ON")


def many(db: sqlite3.Connection, table: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows, which are some: the fastest way that there is. Raises sqlite3.Error."""
    if isinstance(db, sqlite3.Connection):
        marks = ", ".join("?" * len(rows[0]))
        db.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
    else:
        cast("Connection", db).copy(table, columns, rows)


def lives(db: sqlite3.Connection) -> int:
    """How often this was connected to a server: what was read before the last time may be another's."""
    return 0 if isinstance(db, sqlite3.Connection) else cast("Connection", db).lives


def holds(db: sqlite3.Connection, mark: int) -> bool:
    """Whether the transaction of `db` that Unknown was raised for is stored. Raises sqlite3.Error."""
    return cast("Connection", db).holds(mark)


def as_sqlite(db: "Connection") -> sqlite3.Connection:
    """It has what we use of the other."""
    return cast("sqlite3.Connection", db)


def _server(url: str, *, read_only: bool = False) -> "Connection":
    try:
        from controller.store.postgres.connection import (  # noqa: PLC0415 - SQLite needs no psycopg
            connect as to_server,
        )
    except ImportError as error:
        raise StoreError(f"{url}: expected psycopg, it is not here: install psycopg[binary]") from error
    return to_server(url, read_only=read_only)
