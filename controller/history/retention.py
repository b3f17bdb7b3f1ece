"""Retention: records that have been here long enough are dropped, and what was dropped is on record.

Age is counted from arrival, in hours that the controller has run: a record that arrives months late is kept
as long as any other, and a host whose clock is wrong drops nothing. Readings go only once they are rolled up.
Alerts and events are never dropped, but for what robots say of themselves: 17 million a day of 200 robots.
Freed pages are used again by what comes next: the file does not shrink. On PostgreSQL most go by whole parts
of their table (parts.py), which gives the room back at once.
"""

import sqlite3

from controller.history import parts
from controller.history.aged import COUNTED, DROPPED, HOURS_A_DAY, OLD, RECORD, arrived_before
from controller.history.rollup import MERGE, MINUTE, OURS, SUMS
from controller.sections import HistorySection
from controller.store import Store

OBSERVATIONS_AT_ONCE, WAVEFORMS_AT_ONCE, ROLLUPS_AT_ONCE, ROBOTS_AT_ONCE = 500, 200, 500, 1000
"""Rows that one transaction drops."""

_MARK = """INSERT INTO hour_run (at_ms, next_observation, next_waveform)
SELECT ?, (SELECT ifnull(max(id), 0) + 1 FROM observation), (SELECT ifnull(max(id), 0) + 1 FROM waveform)"""
_FORGET = "DELETE FROM hour_run WHERE hour < (SELECT max(hour) FROM hour_run) - ?"

# NOT INDEXED: in order of ids, which are the few that go; grouping by an index would read the whole table.
_ROWS = "{table} NOT INDEXED WHERE id < ?"
_TELL_ROWS = f"INSERT INTO {DROPPED} {COUNTED.format(table='{table}', rows=_ROWS)} {RECORD}"
_KEEP_SUMS = f"""INSERT INTO rollup SELECT series, {MINUTE} AS minute, 1, {SUMS} FROM observation NOT INDEXED
WHERE id < ? AND {OURS} GROUP BY series, minute {MERGE}"""
_DOUBT = f"""INSERT OR IGNORE INTO rollup_doubtful
SELECT DISTINCT series, {MINUTE} FROM observation NOT INDEXED WHERE id < ?"""
_OLD_ROLLUPS = "dropped = 1 AND series = ? AND minute < ?"
_DROPPED = """SELECT what, device, metric, datetime(min(from_us) / 1000000, 'unixepoch') AS "from",
  datetime(max(to_us) / 1000000, 'unixepoch') AS "to", sum(records), why
FROM dropped JOIN series ON series.id = series GROUP BY what, series, device, metric, day, why
ORDER BY day, what, series"""
_TELL_ROLLUPS = f"""INSERT INTO dropped (what, series, day, from_us, to_us, records, why, dropped_ms)
SELECT 'rollup', series, minute / 1440 AS day, min(minute) * 60000000, max(minute) * 60000000 + 59999999,
  sum(readings + absent), ?, ? FROM rollup WHERE {_OLD_ROLLUPS} GROUP BY series, day {RECORD}"""

# Of each robot stays what it said last of each kind: a start begins with that. The newest row never goes.
_OLD_ROBOTS = f"""SELECT id FROM device_event AS old WHERE kind IN ('vehicle', 'vehicle-at') AND at_us < ?
AND id < (SELECT max(id) FROM device_event) AND EXISTS (SELECT 1 FROM device_event AS newer
  WHERE newer.device = old.device AND newer.kind = old.kind AND newer.at_us > old.at_us
  AND newer.detail ->> 'topic' IS old.detail ->> 'topic') ORDER BY at_us LIMIT {ROBOTS_AT_ONCE}"""
_ROBOTS_DROPPED = "UPDATE meta SET value = max(value, ?) WHERE key = 'robots-dropped'"


async def mark_hour(store: Store, now_ms: int, keep: HistorySection) -> None:
    """The controller has run for another hour. Raises StoreError."""
    days = keep.reading_days, keep.waveform_days, keep.rollup_days, keep.robot_days
    longest = HOURS_A_DAY * max(days)

    def work(db: sqlite3.Connection) -> None:
        db.execute(_MARK, (now_ms,))
        db.execute(_FORGET, (longest,))

    await store.write(work)


async def drop_observations(store: Store, days: int, now_ms: int) -> int:
    """Drop some that arrived `days` ago and are rolled up. Returns how many; 0: none is left.

    The newest is never dropped: ids must go on growing. Raises StoreError.
    """
    why = f"older than {days} days (history.reading_days)"
    if (gone := await parts.drop(store, parts.Kind("observation", days, why), now_ms)) is not None:
        return gone
    rolled_up = "SELECT value FROM meta WHERE key = 'rolled-up'"

    def work(db: sqlite3.Connection) -> int:
        limit = min(
            arrived_before(db, HOURS_A_DAY * days, "next_observation"), db.execute(rolled_up).fetchone()[0]
        )
        if (until := _until(db, "observation", limit, OBSERVATIONS_AT_ONCE)) is None:
            return 0
        db.execute(_KEEP_SUMS, (until,))
        db.execute(_DOUBT, (until,))
        return _drop(db, "observation", until, why, now_ms)

    return await store.write(work)


async def drop_waveforms(store: Store, days: int, now_ms: int) -> int:
    """The same for waveforms, which nothing sums up. Raises StoreError."""
    why = f"older than {days} days (history.waveform_days)"
    if (gone := await parts.drop(store, parts.Kind("waveform", days, why), now_ms)) is not None:
        return gone

    def work(db: sqlite3.Connection) -> int:
        newest = db.execute("SELECT ifnull(max(id), 0) FROM waveform").fetchone()[0]
        limit = min(arrived_before(db, HOURS_A_DAY * days, "next_waveform"), newest)
        until = _until(db, "waveform", limit, WAVEFORMS_AT_ONCE)
        return 0 if until is None else _drop(db, "waveform", until, why, now_ms)

    return await store.write(work)


async def drop_rollups(store: Store, days: int, now_ms: int) -> int:
    """Drop rollups, of rows dropped before, that are of times `days` ago. Returns how many; 0: none is left.

    Raises StoreError.
    """
    old = await store.read(OLD, (HOURS_A_DAY * days,))
    if not old:
        return 0
    before, why = old[0]["at_ms"] // 60_000, f"older than {days} days (history.rollup_days)"
    find = f"SELECT minute FROM rollup WHERE {_OLD_ROLLUPS} ORDER BY minute LIMIT {ROLLUPS_AT_ONCE}"
    for row in await store.read("SELECT id FROM series"):
        if found := await store.read(find, (row["id"], before)):
            spot = row["id"], found[-1]["minute"] + 1
            return await store.write(lambda db, spot=spot: _drop_rollups(db, spot, why, now_ms))
    return 0


async def drop_robots(store: Store, days: int, _now_ms: int) -> int:
    """Drop some of what robots said of themselves `days` ago. Returns how many; 0: none is left.

    Raises StoreError.
    """

    def work(db: sqlite3.Connection) -> int:
        before_ms = arrived_before(db, HOURS_A_DAY * days, "at_ms")
        query = f"DELETE FROM device_event WHERE id IN ({_OLD_ROBOTS})"
        dropped = db.execute(query, (before_ms * 1000,)).rowcount
        if dropped:
            db.execute(_ROBOTS_DROPPED, (before_ms,))
        return dropped

    return await store.write(work)


async def dropped_table(store: Store) -> list[sqlite3.Row]:
    """What was dropped, oldest first: kind, device, metric, from, to, records, why. Raises StoreError."""
    return await store.read(_DROPPED)


def _until(db: sqlite3.Connection, table: str, limit: int, at_once: int) -> int | None:
    """Which ids go now: those below; None: none does."""
    first = db.execute(f"SELECT min(id) FROM {table}").fetchone()[0]
    return None if first is None or first >= limit else min(limit, first + at_once)


def _drop(db: sqlite3.Connection, table: str, until: int, why: str, now_ms: int) -> int:
    db.execute(_TELL_ROWS.format(table=table), (why, now_ms, until))
    return db.execute(f"DELETE FROM {table} WHERE id < ?", (until,)).rowcount


def _drop_rollups(db: sqlite3.Connection, spot: tuple[int, int], why: str, now_ms: int) -> int:
    db.execute(_TELL_ROLLUPS, (why, now_ms, *spot))
    return db.execute(f"DELETE FROM rollup WHERE {_OLD_ROLLUPS}", spot).rowcount
