"""What a test does to a store's database by hand, whichever it is on."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from controller.store import Store, connect
from controller.store.beside import Beside

_ITS_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
_TABLES = """SELECT table_name FROM information_schema.tables
WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1"""
_WITHOUT_SCANS = "SET enable_seqscan = off"
"""A server reads a table of a few rows as a whole, whatever index there is."""


def without_trigger(db: sqlite3.Connection, name: str, table: str) -> None:
    """What it refuses is possible from now on."""
    where = "" if isinstance(db, sqlite3.Connection) else f" ON {table}"
    db.execute(f"DROP TRIGGER {name}{where}")


def without_writing(db: sqlite3.Connection) -> None:
    """Transactions of this connection change nothing more, as on a disk that is full or read-only."""
    on_a_file = isinstance(db, sqlite3.Connection)
    db.execute("PRAGMA query_only = ON" if on_a_file else "SET default_transaction_read_only = on")


async def plan(store: Store, query: str, given: Any = ()) -> str:
    """How it is answered: the names of the indices are in it."""
    return await Beside(store.where).read(lambda db: planned(db, query, given))


def planned(db: sqlite3.Connection, query: str, given: Any = ()) -> str:
    """Likewise, with a connection."""
    if isinstance(db, sqlite3.Connection):
        explain = "EXPLAIN QUERY PLAN"
    else:
        explain = "EXPLAIN"
        db.execute(_WITHOUT_SCANS)
    return " ".join(str(row[-1]) for row in db.execute(f"{explain} {query}", given))


def dump(db: sqlite3.Connection) -> str:
    """Every row of every table, a line each, which begins with the table's name."""
    on_a_file = isinstance(db, sqlite3.Connection)
    tables = [row[0] for row in db.execute(_ITS_TABLES if on_a_file else _TABLES).fetchall()]
    return "\n".join(
        f'"{table}" {tuple(row)!r}'
        for table in tables
        for row in db.execute(f'SELECT * FROM "{table}"').fetchall()
    )


async def kept(store: Store) -> bytes:
    """All that the database's file holds, also what no table has any more; of a server's what tables have."""

    def work() -> bytes:
        with closing(connect(store.where)) as db:
            if not isinstance(store.where, Path):
                return dump(db).encode()
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return store.where.read_bytes()

    return await asyncio.to_thread(work)
