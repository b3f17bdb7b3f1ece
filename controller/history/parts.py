"""Retention on PostgreSQL: a part of a table that is old as a whole leaves it, on record, and is dropped.

- What `dropped` will say is counted beside the writer: nothing comes into an old part any more. A row whose
  time is moved meanwhile is told of with the time that it had.
- One transaction writes that and takes the part out of its table.
- Of readings the sums of the minutes are kept then, some minutes of a series at a time, from the part that
  has left; with the last of them it is dropped. Trends have these minutes from their rollups all along.

On SQLite nothing of this is done.
"""

import logging
import sqlite3
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from controller.errors import StoreError
from controller.history.aged import COUNTED, DROPPED, HOURS_A_DAY, OLD, RECORD
from controller.history.rollup import MERGE, MINUTE, MINUTE_US, OURS, SUMS
from controller.store import Store
from controller.store.postgres.parts import FIRST, Part, ahead, leave
from controller.store.postgres.patience import others_have_it

T = TypeVar("T")
A_LIFE = 6
"""Parts in the days that records are kept; each is looked into for what is newest. The oldest records wait
for their part to be old as a whole, if that is not longer than one part."""
MINUTES_AT_ONCE, ROWS_AT_ONCE = 1440, 5_000
"""Minutes of one series whose sums are kept together; a transaction does so until it had so many rows."""
LEFT = "observation_leaving"

_PARTS = """SELECT name, lower, below, (SELECT ifnull(max(id), 0) FROM {table}) AS newest FROM parts(?)"""
_AN_HOUR = """SELECT (max({column}) - min({column})) / max(1, count(*) - 1) AS ids
FROM (SELECT {column} FROM hour_run ORDER BY hour DESC LIMIT 25) AS lately"""
_LIMITS = {
    "observation": "SELECT value FROM meta WHERE key = 'rolled-up'",
    "waveform": "SELECT ifnull(max(id), 0) FROM waveform",
}
"""Where what may go ends, however old it is."""
_TOLD = f"INSERT INTO {DROPPED} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) {RECORD}"
_IS_LEFT = f"SELECT 1 WHERE to_regclass('{LEFT}') IS NOT NULL"
_MARKS = "SELECT value FROM meta WHERE key IN ('leaving-minute', 'leaving-series') ORDER BY key"
_MARK = "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_NEXT = f"""SELECT series, {MINUTE} FROM {{left}} WHERE (series, at_us) >= (?, ?)
ORDER BY series, at_us LIMIT 1"""
_SPOT = "series = ? AND at_us >= ? AND at_us < ?"
_KEEP = f"""INSERT INTO rollup SELECT series, {MINUTE} AS minute, 1, {SUMS} FROM {{left}}
WHERE {_SPOT} AND {OURS} GROUP BY series, minute {MERGE}"""
_DOUBT = f"INSERT OR IGNORE INTO rollup_doubtful SELECT DISTINCT series, {MINUTE} FROM {{left}} WHERE {_SPOT}"
_MINUTES = "series = ? AND minute >= ? AND minute < ?"
_BEFORE_ALL = -(2**36)

log = logging.getLogger(__name__)


class Kind(NamedTuple):
    """Records of a table, which are kept for `days`; `why` they go."""

    table: str
    days: int
    why: str


async def make_ahead(store: Store, table: str, days: int) -> None:
    """See to it that there is an empty part behind the one that is being filled. Raises StoreError."""
    if not isinstance(store.where, str):
        return
    *_, last, _ = rows = await store.read(_PARTS.format(table=table), (table,))
    if len(rows) > 2 and rows[0]["newest"] < last["lower"]:
        return
    [hour] = await store.read(_AN_HOUR.format(column=f"next_{table}"))
    width = max(FIRST[table], (hour["ids"] or 0) * HOURS_A_DAY * days // A_LIFE)
    await _if_free(store, lambda db: ahead(db, table, width))


async def drop(store: Store, kind: Kind, now_ms: int) -> int | None:
    """How many records went with a part, or part of one; 0: none has to go now; None: one by one, what is
    old in the oldest part. Raises StoreError."""
    if not isinstance(store.where, str):
        return None
    if kind.table == "observation" and (count := await _go_on(store)) is not None:
        return count
    oldest = Part(*tuple((await store.read(_PARTS.format(table=kind.table), (kind.table,)))[0])[:3])
    if oldest.below is None or oldest.below > await _limit(store, kind, HOURS_A_DAY * kind.days):
        hours = HOURS_A_DAY * kind.days * (A_LIFE - 1) // A_LIFE
        soon = oldest.below is not None and oldest.below <= await _limit(store, kind, hours)
        return 0 if soon else None
    told = await store.read(COUNTED.format(table=kind.table, rows=oldest.name), (kind.why, now_ms))
    if await _if_free(store, lambda db: _leave(db, kind.table, oldest.name, told)) is None:
        return 0
    if not told:  # it was empty: the next one
        return await drop(store, kind, now_ms)
    return await _sum_up(store) if kind.table == "observation" else sum(row["records"] for row in told)


async def _limit(store: Store, kind: Kind, hours: int) -> int:
    """The id below which all arrived so many hours ago, and may go."""
    old = await store.read(OLD, (hours,))
    [may] = await store.read(_LIMITS[kind.table])
    return min(old[0][f"next_{kind.table}"], may[0]) if old else 0


def _leave(db: sqlite3.Connection, table: str, part: str, told: list[sqlite3.Row]) -> bool:
    leave(db, table, part)
    if told:
        db.executemany(_TOLD, [tuple(row) for row in told])
    if told and table == "observation":
        db.execute(f"ALTER TABLE {part} RENAME TO {LEFT}")
        db.executemany(_MARK, [("leaving-series", 0), ("leaving-minute", _BEFORE_ALL)])
    else:
        db.execute(f"DROP TABLE {part}")
    return True


async def _go_on(store: Store) -> int | None:
    """With a part that has left; None: there is none any more."""
    if not await store.read(_IS_LEFT):
        return None
    count = await _sum_up(store)
    return count if count or await store.read(_IS_LEFT) else None


async def _sum_up(store: Store) -> int:
    """Keep the sums of some minutes that have left. Returns how many readings they were."""
    return await _if_free(store, _sum_up_some) or 0


def _sum_up_some(db: sqlite3.Connection) -> int:
    rows = 0
    while rows < ROWS_AT_ONCE and (some := _sum_up_next(db)):
        rows += some
    if rows == 0:
        db.execute(f"DROP TABLE {LEFT}")
        db.execute("DELETE FROM meta WHERE key IN ('leaving-minute', 'leaving-series')")
    return rows


def _sum_up_next(db: sqlite3.Connection) -> int:
    minute, series = (row[0] for row in db.execute(_MARKS).fetchall())
    found = db.execute(_NEXT.format(left=LEFT), (series, minute * MINUTE_US)).fetchone()
    if found is None:
        return 0
    series, first = found
    until = first + MINUTES_AT_ONCE
    spot, minutes = (series, first * MINUTE_US, until * MINUTE_US), (series, first, until)
    db.execute(_KEEP.format(left=LEFT), spot)
    if db.execute(f"SELECT 1 FROM observation WHERE {_SPOT} LIMIT 1", spot).fetchone():
        db.execute(_DOUBT.format(left=LEFT), spot)
    else:  # no row of these minutes is left that a rollup could be of
        db.execute(f"DELETE FROM rollup WHERE {_MINUTES} AND dropped = 0", minutes)
        db.execute(f"DELETE FROM rollup_doubtful WHERE {_MINUTES}", minutes)
    db.executemany(_MARK, [("leaving-series", series), ("leaving-minute", until)])
    return db.execute(f"SELECT count(*) FROM {LEFT} WHERE {_SPOT}", spot).fetchone()[0]


async def _if_free(store: Store, work: Callable[[sqlite3.Connection], T]) -> T | None:
    """None: somebody reads the table for long just now; it can wait. Raises StoreError."""
    try:
        return await store.write(work)
    except StoreError as error:
        if not others_have_it(error.__cause__):
            raise
        log.info("a part of a table can be neither made nor dropped while others read it: later")
        return None
