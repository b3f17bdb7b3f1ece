"""A controller's store with days of measurements in it, written by SQL.

Each bed has five metrics once a second, in order of time as ingest would have written them, and one of them a
waveform (a sample every 8 ms, four records a second) for as many of the last days as a controller keeps one.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from controller.store import connect

METRICS = ("hr", "spo2", "pr_spo2", "rr", "temp")
WAVEFORM = "pleth"
DAY_S = 86_400
WAVEFORM_DAYS = 7
RATE_HZ, RECORDS_A_SECOND = 125, 4

_RUN_US = 1_000_000 // RECORDS_A_SECOND
_SECONDS = "WITH RECURSIVE second (n) AS (SELECT :first UNION ALL SELECT n + 1 FROM second WHERE n < :last)"
_TIMES = "1, n, {place}, 1, n * 1000000, :from_us + n * 1000000, :from_us + n * 1000000"
# Slow waves, noise of ±5, and now and then nothing: what a rollup has to sum up.
_VALUE = "iif(random() % 500 = 0, NULL, 60 + 20 * sin(n / 900.0 + series.id) + random() % 50 / 10.0)"
_READINGS = f"""INSERT INTO observation
(stream, number, place, boot, mono_us, at_us, utc_us, series, value, quality) {_SECONDS}
SELECT {_TIMES.format(place="series.id")}, series.id, {_VALUE}, 0
FROM second CROSS JOIN series WHERE series.metric <> '{WAVEFORM}'"""
_WAVES = f"""INSERT INTO waveform
(stream, number, place, boot, mono_us, at_us, series, rate_mhz, scale, "offset", samples, quality) {_SECONDS}
SELECT 1, n, 1000 + part.value, 1, n * 1000000, :from_us + n * 1000000 + part.value * {_RUN_US}, series.id,
  {RATE_HZ * 1000}, 1.0, 0.0, randomblob({2 * RATE_HZ // RECORDS_A_SECOND}), 0
FROM second CROSS JOIN json_each(:parts) AS part CROSS JOIN series WHERE series.metric = '{WAVEFORM}'"""


class Filled:
    """The database of a controller whose beds are `bed-1` … `bed-N`; its history begins at `from_us`."""

    def __init__(self, database: Path, beds: int, from_us: int, days: int) -> None:
        self.database = database
        self.beds = beds
        self.from_us = from_us
        self.days = 0
        """How many of the `days` it shall have are there."""
        with closing(connect(database)) as db, db:
            self._begin(db, days)

    def _begin(self, db: sqlite3.Connection, days: int) -> None:
        db.execute("BEGIN")
        boot = "boot, gateway, offset_us, measured_us, first_observation, first_waveform"
        db.execute(
            f"INSERT INTO boot ({boot}) VALUES (x'01', 'ward-a', ?, ?, 1, 1)", (self.from_us, self.from_us)
        )
        db.execute("INSERT INTO stream VALUES (1, x'0102030405060708', 1, 'ward-a', ?, 0)", (days * DAY_S,))
        db.execute("INSERT INTO ledger VALUES (1, 'committed', 0, ?)", (days * DAY_S - 1,))
        spots = [(f"monitor-{n}", f"bed-{n}", metric) for n in range(1, self.beds + 1) for metric in METRICS]
        spots.append(("monitor-1", "bed-1", WAVEFORM))
        db.executemany("INSERT INTO series (device, bed, metric) VALUES (?, ?, ?)", spots)

    def fill(self, days: int) -> None:
        """Go on until `days` are there."""
        with closing(connect(self.database)) as db:
            db.execute("PRAGMA synchronous = OFF")
            for day in range(self.days, days):
                self._fill_day(db, day, waves=day >= days - WAVEFORM_DAYS)
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.days = days

    def _fill_day(self, db: sqlite3.Connection, day: int, *, waves: bool) -> None:
        span = {"first": day * DAY_S, "last": (day + 1) * DAY_S - 1, "from_us": self.from_us}
        with db:
            db.execute("BEGIN IMMEDIATE")
            db.execute(_READINGS, span)
            if waves:
                db.execute(_WAVES, span | {"parts": str(list(range(RECORDS_A_SECOND)))})

    @property
    def to_ms(self) -> int:
        """Where the history ends."""
        return self.from_us // 1000 + self.days * DAY_S * 1000

    def rows(self) -> tuple[int, int]:
        """(ids of observations, those of them that are rolled up)."""
        with closing(connect(self.database)) as db:
            query = (
                "SELECT ifnull(max(id), 0), (SELECT value FROM meta WHERE key = 'rolled-up') FROM observation"
            )
            return tuple(db.execute(query).fetchone())
