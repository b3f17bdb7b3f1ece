"""Numbers of blocks in the ledger's table, as ranges: those that touch become one.

    enter(db, "committed", {stream: Ranges(…)})      # inside a transaction

On a server a function does it (postgres/ledger.sql): many ranges go there on one way.
"""

import sqlite3
from collections.abc import Mapping

from devices.wire.ranges import Range, Ranges

_TOUCHING = "FROM ledger WHERE stream = ? AND kind = ? AND first <= ? AND last >= ?"
_FOUND = f"SELECT min(first), max(last), max(iif(first <= ? AND last >= ?, 1, 0)) {_TOUCHING}"
_ENTER = "SELECT enter_range(?, ?, ?, ?)"


def enter(db: sqlite3.Connection, kind: str, held: Mapping[int, Ranges]) -> None:
    """By stream. Raises sqlite3.Error: IntegrityError where a block is committed that was so already, for
    nothing else keeps a record from being there twice."""
    rows = [(stream, kind, *pair) for stream, ranges in held.items() for pair in ranges]
    if not isinstance(db, sqlite3.Connection):
        db.executemany(_ENTER, rows)
        return
    for stream, _, *pair in rows:
        _enter(db, stream, kind, (pair[0], pair[1]))


def _enter(db: sqlite3.Connection, stream: int, kind: str, pair: Range) -> None:
    key = stream, kind, pair[1] + 1, pair[0] - 1
    first, last, again = db.execute(_FOUND, (pair[1], pair[0], *key)).fetchone()
    if again and kind == "committed":
        raise sqlite3.IntegrityError(f"expected new blocks of stream {stream}, {pair} are here already")
    if first is not None:
        db.execute(f"DELETE {_TOUCHING}", key)
        pair = min(pair[0], first), max(pair[1], last)
    db.execute("INSERT INTO ledger VALUES (?, ?, ?, ?)", (stream, kind, *pair))
