"""All rows of SQLite's file to a server's database: in one transaction, each of them compared, or none.

    with closing(moment(file)) as rows, ready(url) as server:
        count = move(rows, server, told=print)

Keys and triggers stand aside meanwhile, as rows come table by table: they have held when the rows were
written, and keys are looked through again before the commit. PostgreSQL 15, "ALTER TABLE", "COPY".
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple, TypeVar

from controller.errors import StoreError
from controller.store.migrate import migrate
from controller.store.postgres.connection import Connection, prepared
from controller.store.postgres.connection import connect as to_server
from controller.store.postgres.parts import FIRST, ahead, parts
from controller.store.where import as_sqlite, connect

PARTS = 6
"""Of a large table that has just come: as many as days that are kept are divided into."""

STEP = 5_000_000
"""Rows of one table after which somebody who waits is told: about a minute's."""

T = TypeVar("T")

_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
_COLUMNS = "SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid"
_HERE = "CAST(current_schema() AS regnamespace)"
_OURS = f"relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = {_HERE}"
_THERE = f"SELECT relname FROM pg_class WHERE {_OURS} AND relname <> 'commit_mark' ORDER BY 1"
_KEYS = f"""SELECT CAST(CAST(conrelid AS regclass) AS text) AS whole, conname AS name,
pg_get_constraintdef(oid) AS makes FROM pg_constraint
WHERE contype = 'f' AND conparentid = 0 AND connamespace = {_HERE}"""
_NUMBERED = f"""SELECT relname AS name, attname AS number
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE attidentity <> '' AND {_OURS}"""
_GO_ON = """SELECT setval(pg_get_serial_sequence('"{name}"', '{number}'),
greatest(coalesce(max("{number}"), 1), 1), max("{number}") IS NOT NULL) FROM "{name}" """


class Table(NamedTuple):
    """`order`: what its rows are told apart by."""

    name: str
    columns: str
    order: str


@contextmanager
def ready(url: str) -> Iterator[Connection]:
    """The server's database, in our schema. Raises StoreError, sqlite3.Error."""
    with closing(to_server(url)) as server:
        with prepared(server):
            migrate(as_sqlite(server))
        yield server


def move(source: sqlite3.Connection, target: Connection, told: Callable[[str], None]) -> int:
    """How many rows they are, all of which are in `target` now, whose schema is the same and new.

    Rows that are there already are compared only: an earlier move was committed and not heard of. `told` gets
    a line for each table that has some, and for every `STEP` rows. Raises StoreError: another schema, other
    rows, or what a server does not take; sqlite3.Error.
    """
    tables = list(_tables(source))
    with target:
        target.execute("BEGIN IMMEDIATE")
        target.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        if (there := [row[0] for row in target.execute(_THERE)]) != [table.name for table in tables]:
            odd = sorted(set(there) ^ {table.name for table in tables})
            raise StoreError(f"expected a database of ours, with the file's tables; not in both: {odd}")
        if _is_new(target, tables):
            _fill(source, target, tables, told)
        return sum(_compared(source, target, table, told) for table in tables)


def _tables(source: sqlite3.Connection) -> Iterator[Table]:
    for (name,) in source.execute(_TABLES).fetchall():
        columns = source.execute(_COLUMNS, (name,)).fetchall()
        key = [f'"{one}"' for one, place in sorted(columns, key=lambda row: row["pk"]) if place]
        every = [f'"{one}"' for one, _ in columns]
        yield Table(name, ", ".join(every), ", ".join(key or [f"{one} NULLS FIRST" for one in every]))


def _is_new(target: Connection, tables: list[Table]) -> bool:
    """It has the rows that the migrations make, and no others."""
    with closing(connect(Path(":memory:"))) as new:
        migrate(new)
        for table in tables:
            question = f'SELECT {table.columns} FROM "{table.name}" ORDER BY {table.order}'
            made = [tuple(row) for row in new.execute(question)]
            there = target.execute(f"{question} LIMIT {len(made) + 1}").fetchall()
            if made != [tuple(row) for row in there]:
                return False
    return True


def _fill(
    source: sqlite3.Connection, target: Connection, tables: list[Table], told: Callable[[str], None]
) -> None:
    keys = target.execute(_KEYS).fetchall()
    for whole, name, _ in keys:
        target.execute(f"ALTER TABLE {whole} DROP CONSTRAINT {name}")
    for table in tables:
        target.execute(f'ALTER TABLE "{table.name}" DISABLE TRIGGER ALL')
    target.execute("TRUNCATE {}".format(", ".join(f'"{table.name}"' for table in tables)))
    _make_parts(source, target)
    for table in tables:
        _copy(source, target, table, told)
    for name, number in target.execute(_NUMBERED).fetchall():
        target.execute(_GO_ON.format(name=name, number=number))
    for table in tables:
        target.execute(f'ALTER TABLE "{table.name}" ENABLE TRIGGER ALL')
    for whole, name, makes in keys:
        target.execute(f"ALTER TABLE {whole} ADD CONSTRAINT {name} {makes}")
    target.execute("ANALYZE")  # or the first questions are planned for empty tables


def _make_parts(source: sqlite3.Connection, target: Connection) -> None:
    """So many that old ones can go, and an empty one behind."""
    db = as_sqlite(target)
    for table, least in FIRST.items():
        low, high = source.execute(f"SELECT ifnull(min(id), 0), ifnull(max(id), 0) FROM {table}").fetchone()
        width = max(least, (high - low) // PARTS)
        while (lower := parts(db, table)[-1].lower or 0) <= high:
            ahead(db, table, max(width, low - lower))
    target.execute("SET LOCAL lock_timeout = '10s'")  # `ahead` waits for nobody


def _copy(source: sqlite3.Connection, target: Connection, table: Table, told: Callable[[str], None]) -> None:
    rows = source.execute(f'SELECT {table.columns} FROM "{table.name}"')
    sent = _counted(map(tuple, rows), lambda count: told(f"{table.name}: {count} rows sent"))
    try:
        target.copy(f'"{table.name}"', table.columns, sent)
    except sqlite3.Error as error:
        raise StoreError(f"{table.name}: the server does not take what is there: {error}") from error


def _compared(
    source: sqlite3.Connection, target: Connection, table: Table, told: Callable[[str], None]
) -> int:
    """How many rows it has, on both sides the same. Raises StoreError: they are not."""
    question = f'SELECT {table.columns} FROM "{table.name}" ORDER BY {table.order}'
    theirs = target.cursor()
    theirs.row_factory = None
    both = zip_longest(source.execute(question), theirs.execute(question))
    count = 0
    for ours, other in _counted(both, lambda count: told(f"{table.name}: {count} rows compared, going on")):
        if ours is None or other is None or tuple(ours) != other:
            raise StoreError(f"{table.name}: row {count + 1} by {table.order} is not the same in both")
        count += 1
    if count:
        told(f"{table.name}: {count} rows, compared")
    return count


def _counted(rows: Iterable[T], at_each_step: Callable[[int], None]) -> Iterator[T]:
    for count, row in enumerate(rows, start=1):
        yield row
        if count % STEP == 0:
            at_each_step(count)
