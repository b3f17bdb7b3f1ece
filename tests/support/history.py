"""A store with one bed whose history is written row by row, as ingest, re-anchoring and age would."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from controller.history import retention
from controller.store import Store

MINUTE_US = 60_000_000
BASE_US = 1_000_000 * MINUTE_US
"""A whole minute."""
METRICS = ("hr", "spo2")

_ROW = """INSERT INTO observation (stream, number, place, boot, mono_us, at_us, series, value, quality)
VALUES (1, ?, ?, ?, 0, ?, ?, ?, 0) RETURNING id"""
_TABLES = ("observation", "waveform", "rollup", "rollup_doubtful", "hour_run", "dropped")

Row = tuple[int, int, float | None]
"""Series (1, 2, …), time in µs, value."""


def begin(db: sqlite3.Connection) -> None:
    """An empty history: bed-1 with a series for each of METRICS; one stream, all its blocks committed."""
    for table in _TABLES:
        db.execute(f"DELETE FROM {table}")
    db.execute("UPDATE meta SET value = 0 WHERE key = 'rolled-up'")
    db.execute("INSERT OR IGNORE INTO stream VALUES (1, x'0000000000000000', 1, 'ward-a', 1000001, 0)")
    db.execute("INSERT OR IGNORE INTO ledger VALUES (1, 'committed', 0, 1000000)")
    make = "INSERT OR IGNORE INTO series (device, bed, metric) VALUES ('monitor-1', 'bed-1', ?)"
    for metric in METRICS:
        db.execute(make, (metric,))


def arrive(db: sqlite3.Connection, block: int, rows: Sequence[Row], boot: int = 1) -> list[int]:
    """A block of these rows is stored. Returns their ids."""
    return [
        db.execute(_ROW, (block, place, boot, at_us, series, value)).fetchone()[0]
        for place, (series, at_us, value) in enumerate(rows)
    ]


def move(db: sqlite3.Connection, boot: int, by_us: int) -> None:
    """The rows of a boot turn out to be of another time."""
    db.execute("UPDATE observation SET at_us = at_us + ? WHERE boot = ?", (by_us, boot))


def grow_old(db: sqlite3.Connection) -> None:
    """All that is stored now has been there for a day."""
    db.execute("DELETE FROM hour_run")
    db.execute(retention._MARK, (BASE_US // 1000,))
    db.execute("INSERT INTO hour_run SELECT hour + 24, at_ms, 0, 0 FROM hour_run")


async def opened(folder: Path) -> Store:
    """The store, begun."""
    store = await Store.open(folder / "wardlink.sqlite")
    await store.write(begin)
    return store
