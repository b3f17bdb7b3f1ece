"""Rollups: count, extremes and sum of each series and minute, always those of the rows.

For each minute: rollup with `dropped` 0 = the rows in `observation` up to the id `rolled-up`, unless the
minute is in `rollup_doubtful`; rollup with `dropped` 1 = the rows that retention has dropped. Ids only grow,
so what arrives late is new like all else; a row that moves to another time makes both minutes doubtful, one
that a patient disowns (patient_access/measured.py) its own.
Every step is one short transaction that leaves this true, so it may end anywhere.
"""

import sqlite3

from controller.store import Store

MINUTE_US = 60_000_000
MINUTE = f"(at_us / {MINUTE_US} - (at_us % {MINUTE_US} < 0))"
"""SQL: the minute of `at_us`, rounded down before 1970, too."""
SUMS = "count(value), count(*) - count(value), min(value), max(value), sum(value)"
"""SQL: `readings`, `absent`, `low`, `high`, `total` of some rows."""
BATCH = 20_000
"""Observations that are added at once."""
MENDED_AT_ONCE = 50
"""Minutes that are made again in one transaction."""

OURS = "id NOT IN (SELECT reading FROM disowned)"
"""SQL: rows but those that a patient at home says are somebody else's; they are in no sum."""
_WAITING = """SELECT value AS last, (SELECT ifnull(max(id), 0) FROM observation) AS newest
FROM meta WHERE key = 'rolled-up'"""
# NOT INDEXED: in order of ids; grouping by an index would read the whole table.
_NEW = f"""SELECT series, {MINUTE}, {SUMS} FROM observation NOT INDEXED
WHERE id > ? AND id <= ? AND {OURS} GROUP BY 1, 2"""
MERGE = """ON CONFLICT (series, minute, dropped) DO UPDATE SET
readings = rollup.readings + excluded.readings, absent = rollup.absent + excluded.absent,
low = min(ifnull(rollup.low, excluded.low), ifnull(excluded.low, rollup.low)),
high = max(ifnull(rollup.high, excluded.high), ifnull(excluded.high, rollup.high)),
total = ifnull(rollup.total, 0) + ifnull(excluded.total, 0)"""
_ADD = f"INSERT INTO rollup VALUES (?, ?, 0, ?, ?, ?, ?, ?) {MERGE}"
_ADD_ROWS = f"""INSERT INTO rollup SELECT series, {MINUTE} AS minute, 0, {SUMS} FROM observation
WHERE id > ? AND id <= ? AND {OURS} GROUP BY series, minute {MERGE}"""
_AGAIN = f"""INSERT INTO rollup SELECT series, {MINUTE} AS minute, 0, {SUMS} FROM observation
WHERE series = ?1 AND at_us >= ?2 * {MINUTE_US} AND at_us < (?2 + 1) * {MINUTE_US}
  AND id <= (SELECT value FROM meta WHERE key = 'rolled-up') AND {OURS}
GROUP BY series, minute"""


async def waiting(store: Store) -> int:
    """How many ids of observations are not rolled up yet. Raises StoreError."""
    [row] = await store.read(_WAITING)
    return row["newest"] - row["last"]


async def add_new(store: Store) -> bool:
    """Add the next observations to their minutes. Returns whether more wait. Raises StoreError.

    They are summed up beside the writer, or by a server where they are, which is quicker than a way to us and
    back. A row that moves meanwhile has its minutes doubtful by then.
    """
    if isinstance(store.where, str):
        return await store.write(_add_there)
    [row] = await store.read_settled(_WAITING)
    until = min(row["newest"], row["last"] + BATCH)
    if until > row["last"]:
        sums = [tuple(one) for one in await store.read(_NEW, (row["last"], until))]
        await store.write(lambda db: _add(db, sums, until))
    return until < row["newest"]


def _add(db: sqlite3.Connection, sums: list[tuple[float | None, ...]], until: int) -> None:
    db.executemany(_ADD, sums)
    db.execute("UPDATE meta SET value = ? WHERE key = 'rolled-up'", (until,))


def _add_there(db: sqlite3.Connection) -> bool:
    row = db.execute(_WAITING).fetchone()
    until = min(row["newest"], row["last"] + BATCH)
    if until > row["last"]:
        db.execute(_ADD_ROWS, (row["last"], until))
        db.execute("UPDATE meta SET value = ? WHERE key = 'rolled-up'", (until,))
    return until < row["newest"]


async def mend(store: Store) -> bool:
    """Make some doubtful minutes again from their rows. Returns whether more wait. Raises StoreError."""
    if not await store.read("SELECT 1 FROM rollup_doubtful LIMIT 1"):
        return False
    return await store.write(_mend) == MENDED_AT_ONCE


def _mend(db: sqlite3.Connection) -> int:
    doubtful = "SELECT series, minute FROM rollup_doubtful ORDER BY series, minute LIMIT ?"
    minutes = [tuple(row) for row in db.execute(doubtful, (MENDED_AT_ONCE,))]
    db.executemany("DELETE FROM rollup WHERE series = ? AND minute = ? AND dropped = 0", minutes)
    db.executemany(_AGAIN, minutes)
    db.executemany("DELETE FROM rollup_doubtful WHERE series = ? AND minute = ?", minutes)
    return len(minutes)
