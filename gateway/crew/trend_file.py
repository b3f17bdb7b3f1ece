"""The file of trends: SQLite, with slots by the monotonic time of each boot, placed by UTC where it is known.

A boot of which nobody knows when it was is not shown in another one: better no trend than a wrong one.
"""

import logging
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devices.wire.block import BlockClock
from gateway.enrolment.files import make_folder

Row = tuple[float, float, float, int]
"""Low, high, sum, count."""
Step = tuple[str, int, float, float, float, int]
"""Metric, number of the step, and a Row."""

SLOT_MS = 10_000
KEPT_MS = 24 * 3_600_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS boot (
  id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE, utc_offset_ms INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS trend (
  boot INTEGER NOT NULL REFERENCES boot (id), slot INTEGER NOT NULL, metric TEXT NOT NULL,
  low REAL NOT NULL, high REAL NOT NULL, total REAL NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (boot, slot, metric)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stay (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL) STRICT;
"""
_BOOT = """INSERT INTO boot (name, utc_offset_ms) VALUES (?, ?) ON CONFLICT (name) DO UPDATE
SET utc_offset_ms = ifnull(excluded.utc_offset_ms, utc_offset_ms) RETURNING id"""
_ADD = """INSERT INTO trend VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
low = min(low, excluded.low), high = max(high, excluded.high), total = total + excluded.total,
count = count + excluded.count"""
_AT = f"slot * {SLOT_MS} + CASE WHEN name = :name THEN 0 ELSE utc_offset_ms - :offset END"
"""SQL: when a slot begins, ms of this boot; NULL where that is not known."""
_READ = f"""SELECT metric, ({_AT} - :from) / :step AS step, min(low), max(high), sum(total), sum(count)
FROM trend JOIN boot ON boot.id = trend.boot WHERE {_AT} >= :from AND {_AT} < :until GROUP BY 1, 2"""
_DROP = f"""DELETE FROM trend WHERE (boot, slot) IN (
SELECT boot, slot FROM trend JOIN boot ON boot.id = trend.boot WHERE ifnull({_AT}, 0) < :until)"""
_STAY = "INSERT INTO stay VALUES (1, ?) ON CONFLICT DO UPDATE SET id = excluded.id"

log = logging.getLogger(__name__)


@dataclass(slots=True)
class TrendFile:
    """At `path`, opened when it is first asked. Every call raises OSError: the disk does not take it."""

    path: Path
    _db: sqlite3.Connection | None = None

    def add(self, sums: Mapping[tuple[int, str], Row], clock: BlockClock, stay: str | None) -> None:
        """Add to slots of this boot, and drop what is older than a day, or another patient's than `stay`.

        None: nobody knows yet.
        """
        try:
            with self._opened() as db:
                if stay is not None:
                    _belong(db, stay)
                [boot] = db.execute(_BOOT, (clock.boot, _offset_ms(clock))).fetchone()
                db.executemany(_ADD, [(boot, *key, *row) for key, row in sums.items()])
                db.execute(_DROP, {**_now(clock), "until": clock.mono_us // 1000 - KEPT_MS})
        except sqlite3.DatabaseError as error:
            self._failed(error)

    def read(self, clock: BlockClock, from_ms: int, step_ms: int, steps: int) -> list[Step]:
        """The steps that have something."""
        span = {"from": from_ms, "step": step_ms, "until": from_ms + steps * step_ms}
        try:
            return self._opened().execute(_READ, {**_now(clock), **span}).fetchall()
        except sqlite3.DatabaseError as error:
            self._failed(error)
            return []

    def close(self) -> None:
        """Opened again when it is asked again."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            make_folder(self.path.parent)
            self.path.touch(mode=0o600)
            self._db = sqlite3.connect(self.path, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            [[found]] = self._db.execute("PRAGMA quick_check(1)")
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            self._db.executescript(_SCHEMA)
        return self._db

    def _failed(self, error: sqlite3.DatabaseError) -> None:
        """A full disk is waited for; a file that is damaged is set aside. Raises OSError."""
        with suppress(sqlite3.Error):
            self.close()
        self._db = None
        if not isinstance(error, sqlite3.OperationalError):
            aside = self.path.with_suffix(".damaged")
            self.path.replace(aside)
            for more in ("-wal", "-shm"):
                self.path.with_name(self.path.name + more).unlink(missing_ok=True)
            log.error("%s is damaged (%s): set aside as %s, trends begin anew", self.path, error, aside)
        raise OSError(f"{self.path.name}: {error}") from error


def _belong(db: sqlite3.Connection, stay: str) -> None:
    found = db.execute("SELECT id FROM stay").fetchone()
    if found and found[0] and found[0] != stay:
        db.execute("DELETE FROM trend")
    if not found or found[0] != stay:
        db.execute(_STAY, (stay,))


def _offset_ms(clock: BlockClock) -> int | None:
    return None if clock.utc_us is None else (clock.utc_us - clock.mono_us) // 1000


def _now(clock: BlockClock) -> dict[str, object]:
    return {"name": clock.boot, "offset": _offset_ms(clock)}
