"""What is old, in hours that the controller has run, and how it is told of what is dropped for that."""

import sqlite3

HOURS_A_DAY, DAY_US = 24, 86_400_000_000

OLD = """SELECT at_ms, next_observation, next_waveform FROM hour_run
WHERE hour <= (SELECT max(hour) FROM hour_run) - ? ORDER BY hour DESC LIMIT 1"""
"""What was to come next, so many hours ago; nothing: the controller has not run so long."""
DROPPED = "dropped (what, series, stream, day, first, last, from_us, to_us, records, why, dropped_ms)"
COUNTED = f"""SELECT '{{table}}', series, stream, at_us / {DAY_US} AS day, min(number), max(number),
min(at_us), max(at_us), count(*) AS records, ?, ? FROM {{rows}} GROUP BY series, stream, day"""
"""Of some rows of `table` what `dropped` says; why and when is given."""
RECORD = """ON CONFLICT (what, series, ifnull(stream, 0), day, why) DO UPDATE SET
first = min(dropped.first, excluded.first), last = max(dropped.last, excluded.last),
from_us = min(dropped.from_us, excluded.from_us), to_us = max(dropped.to_us, excluded.to_us),
records = dropped.records + excluded.records, dropped_ms = excluded.dropped_ms"""


def arrived_before(db: sqlite3.Connection, hours: int, column: str) -> int:
    """The id of the first record that arrived less than `hours` ago; 0: it has not run so long."""
    old = db.execute(OLD, (hours,)).fetchone()
    return 0 if old is None else old[column]
