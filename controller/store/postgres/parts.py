"""observation and waveform in parts, by ranges of ids: one is made ahead of need, an old one goes as a whole.

    divide(db)                                      # once, at the start: nothing is copied
    ahead(db, "observation", 1_000_000)             # in a transaction
    leave(db, "observation", "observation_p3")      # in a transaction: its rows are in observation no more

By id and not by time: records come late and their times change, ids only grow (decision 043). Each has at
least an empty part ahead of the newest id, and behind that one without an end: a row always has its part.
"""

import sqlite3
from typing import NamedTuple

from controller.store.postgres.patience import patiently

FIRST = {"observation": 1_000_000, "waveform": 100_000}
"""Ids of the least part that there is, by table."""
ROOM = 10
"""A table from before may become larger by a tenth while it is looked through."""

_NEWEST = "SELECT ifnull(max(id), 0) FROM {table}"
_LIMIT = "ALTER TABLE {table} ADD CONSTRAINT part_limit CHECK (id < {upto}) NOT VALID"
_VALID = "ALTER TABLE {table} VALIDATE CONSTRAINT part_limit"
_NO_LIMIT = "ALTER TABLE {table} DROP CONSTRAINT IF EXISTS part_limit"


class Part(NamedTuple):
    """`lower` to `below`, exclusive; None: without an end."""

    name: str
    lower: int | None
    below: int | None


def divide(db: sqlite3.Connection) -> None:
    """Put into parts what is not yet. Others may go on writing. Raises sqlite3.Error."""
    for table, width in FIRST.items():
        if not db.execute("SELECT is_in_parts(?)", (table,)).fetchone()[0]:
            _divide(db, table, width)


def parts(db: sqlite3.Connection, table: str) -> list[Part]:
    """In order. Raises sqlite3.Error."""
    return [Part(*row) for row in db.execute("SELECT name, lower, below FROM parts(?)", (table,))]


def ahead(db: sqlite3.Connection, table: str, width: int) -> None:
    """One more, of `width` ids, in a transaction. Raises sqlite3.Error."""
    db.execute("SET LOCAL lock_timeout = '500ms'")
    db.execute("SELECT part_ahead(?, ?)", (table, width))


def leave(db: sqlite3.Connection, table: str, part: str) -> None:
    """A part is a table of its own from now on, in a transaction. Raises sqlite3.Error."""
    db.execute("SET LOCAL lock_timeout = '500ms'")
    db.execute(f"ALTER TABLE {table} DETACH PARTITION {part}")


def _divide(db: sqlite3.Connection, table: str, width: int) -> None:
    """All below an id that is far ahead is the first part. Readers and writers are there while that is
    looked through, and wait only for the exchange."""
    newest = db.execute(_NEWEST.format(table=table)).fetchone()[0]
    upto = newest + newest // ROOM + width
    patiently(db, lambda: db.execute(_NO_LIMIT.format(table=table)))
    patiently(db, lambda: db.execute(_LIMIT.format(table=table, upto=upto)))
    try:
        db.execute(_VALID.format(table=table))
        patiently(db, lambda: _exchange(db, table, upto, width))
    except sqlite3.Error:
        db.execute(_NO_LIMIT.format(table=table))  # or what comes far later would be refused
        raise


def _exchange(db: sqlite3.Connection, table: str, upto: int, width: int) -> None:
    with db:
        db.execute("BEGIN IMMEDIATE")
        db.execute("SELECT part_divide(?, ?, ?)", (table, upto, width))
