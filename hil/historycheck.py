"""The history check: rollups against rows, records of what was dropped against what is left, by SQL alone.

It shares no code with the product. Every minute's rollup must be what its rows give, so that no extreme is
hidden; all that was dropped must be on record, of committed blocks, and in rollups until those were dropped.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from controller.store.where import Where
from hil.database import connected

_MINUTE = 60_000_000
_ROLLED_UP = "SELECT value FROM meta WHERE key = 'rolled-up'"
_ROWS = f"SELECT series, at_us, value FROM observation WHERE id <= ({_ROLLED_UP})"
_ROLLUPS = "SELECT series, minute, readings, absent, low, high FROM rollup WHERE dropped = 0"
_DOUBTFUL = "SELECT series, minute FROM rollup_doubtful"
_KEPT = "SELECT series, sum(readings + absent) FROM rollup WHERE dropped = 1 GROUP BY series"
_ON_RECORD = "SELECT series, sum(records) FROM dropped WHERE what = ? GROUP BY series"
_UNCOMMITTED = """SELECT count(*) FROM dropped WHERE stream IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM ledger WHERE ledger.stream = dropped.stream AND kind = 'committed'
  AND ledger.first <= dropped.last AND ledger.last >= dropped.first)"""

Minute = tuple[int, int]
"""Series and minute."""
Sums = tuple[int, int, float | None, float | None]
"""Values, absences, lowest, highest."""


def problems(database: Where) -> list[str]:
    """What does not hold, in sentences."""
    with closing(connected(database)) as db:
        db.execute("BEGIN")  # all of it from one moment
        return [*_wrong_minutes(db), *_unaccounted(db)]


def waiting(database: Where) -> int:
    """Readings and minutes that are still to be rolled up."""
    count = f"""SELECT (SELECT count(*) FROM observation WHERE id > ({_ROLLED_UP}))
      + (SELECT count(*) FROM rollup_doubtful)"""
    with closing(connected(database)) as db:
        return db.execute(count).fetchone()[0]


def _wrong_minutes(db: sqlite3.Connection) -> Iterator[str]:
    values: dict[Minute, list[float | None]] = {}
    for series, at_us, value in db.execute(_ROWS):
        values.setdefault((series, at_us // _MINUTE), []).append(value)
    rows = {minute: _sums(found) for minute, found in values.items()}
    rollups: dict[Minute, Sums] = {(row[0], row[1]): row[2:] for row in db.execute(_ROLLUPS)}
    doubtful = set(db.execute(_DOUBTFUL).fetchall())
    for minute in sorted((rows.keys() | rollups.keys()) - doubtful):
        if rows.get(minute) != rollups.get(minute):
            series, number = minute
            told = f"the rows give {rows.get(minute)}, the rollup says {rollups.get(minute)}"
            yield f"series {series}, minute {number}: {told}"


def _sums(found: list[float | None]) -> Sums:
    values = [value for value in found if value is not None]
    lowest, highest = (min(values), max(values)) if values else (None, None)
    return len(values), len(found) - len(values), lowest, highest


def _unaccounted(db: sqlite3.Connection) -> Iterator[str]:
    dropped, forgotten = (dict(db.execute(_ON_RECORD, (what,))) for what in ("observation", "rollup"))
    kept = dict(db.execute(_KEPT).fetchall())
    for series in sorted(dropped.keys() | forgotten.keys() | kept.keys()):
        held = kept.get(series, 0) + forgotten.get(series, 0)
        if dropped.get(series, 0) != held:
            yield f"series {series}: {dropped.get(series, 0)} readings were dropped, rollups tell of {held}"
    if count := db.execute(_UNCOMMITTED).fetchone()[0]:
        yield f"{count} records of dropped blocks are of blocks that were never committed"
