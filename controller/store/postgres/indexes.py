"""Indexes on tables that others write to meanwhile.

    made_beside(db, script)     # whether the script makes indexes and nothing else; then they are there

An index that is made in a transaction keeps writers out until it is done. PostgreSQL 15, "CREATE INDEX",
"Building Indexes Concurrently"; a table in parts gets its index part by part ("Table Partitioning").
"""

import re
import sqlite3

from controller.store.postgres.dialect import translate
from controller.store.postgres.parts import parts
from controller.store.postgres.patience import patiently
from controller.store.postgres.tokens import statements

_INDEX = re.compile(
    r"CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+(?P<name>\w+)\s+ON\s+(?P<table>\w+)\s*(?P<rest>.*?);?\s*$",
    re.DOTALL | re.IGNORECASE,
)
_IS_WHOLE = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(?)"
_WAIT, _AS_EVER = "SET lock_timeout = 0", "SET lock_timeout = '10s'"


def made_beside(db: sqlite3.Connection, script: str) -> bool:
    """Make them, if that is all there is to do; what an earlier try left, anew. Raises sqlite3.Error."""
    found = [_INDEX.match(translate(one)) for one in statements(script)]
    if None in found:
        return False
    for one in found:
        assert one is not None
        _make(db, one["unique"] or "", one["name"], one["table"], one["rest"])
    return True


def _make(db: sqlite3.Connection, unique: str, name: str, table: str, rest: str) -> None:
    if _is_whole(db, name):
        return
    _shortly(db, f"DROP INDEX IF EXISTS {name}")
    divided = parts(db, table)
    if not divided:
        _beside(db, f"CREATE {unique}INDEX CONCURRENTLY {name} ON {table} {rest}")
        return
    patiently(db, lambda: db.execute("SELECT part_index(?, ?, ?, ?)", (unique, name, table, rest)))
    for part in divided:
        its = f"{part.name}_{name}"
        _shortly(db, f"DROP INDEX IF EXISTS {its}")
        _beside(db, f"CREATE {unique}INDEX CONCURRENTLY {its} ON {part.name} {rest}")
        _shortly(db, f"ALTER INDEX {name} ATTACH PARTITION {its}")


def _beside(db: sqlite3.Connection, order: str) -> None:
    """It waits for all that began before it, and nobody waits for it."""
    db.execute(_WAIT)
    try:
        db.execute(order)
    finally:
        db.execute(_AS_EVER)


def _shortly(db: sqlite3.Connection, order: str) -> None:
    """It wants for itself what others read."""
    patiently(db, lambda: db.execute(order))


def _is_whole(db: sqlite3.Connection, name: str) -> bool:
    row = db.execute(_IS_WHOLE, (name,)).fetchone()
    return row is not None and bool(row[0])
