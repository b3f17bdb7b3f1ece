"""How long it takes to open a bed: its last 24 hours and a minute of waveform over HTTP; its rows alone.

The baseline is what trends asked before there were rollups: the rows of 24 hours of each metric, grouped by
SQLite, in this process, without HTTP and JSON. Every answer's extremes are compared with those of the rows.
"""

import os
import random
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hil.bench.history.filled import DAY_S, METRICS, WAVEFORM, Filled
from hil.board import Board
from hil.errors import NotReady

POINTS = 600
DAY_MS = DAY_S * 1000
_ROWS = """SELECT (at_us - ?) / ? AS step, min(value), max(value), avg(value)
FROM observation JOIN series ON series.id = observation.series
WHERE series.bed = ? AND series.metric = ? AND at_us >= ? AND at_us < ? AND value IS NOT NULL GROUP BY step"""


@dataclass(slots=True)
class Opened:
    """Times in ms, sorted by what was asked."""

    trends: list[float] = field(default_factory=list[float])
    rows: list[float] = field(default_factory=list[float])
    cold: list[float] = field(default_factory=list[float])
    """Trends, with nothing of the database in the host's memory."""
    waves: list[float] = field(default_factory=list[float])


async def open_beds(board: Board, filled: Filled, times: int, seed: int) -> Opened:
    """Open beds one after the other, each a moment of the last quarter day. Raises NotReady."""
    opened, draw = Opened(), random.Random(seed)
    with closing(sqlite3.connect(filled.database)) as db:
        for _ in range(times):
            bed, to_ms = f"bed-{draw.randint(1, filled.beds)}", filled.to_ms - draw.randrange(DAY_MS // 4)
            answer = await _timed(opened.trends, board, _trends(bed, to_ms))
            _is_right(answer, db, opened.rows, (bed, to_ms))
            waves = await _timed(opened.waves, board, _waves(to_ms))
            if not waves[WAVEFORM]["runs"]:
                raise NotReady(f"{bed}: the minute before {to_ms} ms has no waveform")
        for number in range(1, filled.beds + 1):
            forget(filled.database)
            await _timed(opened.cold, board, _trends(f"bed-{number}", filled.to_ms))
    return opened


def _trends(bed: str, to_ms: int) -> str:
    names = "&".join(f"metric={name}" for name in METRICS)
    return f"/api/beds/{bed}/trends?{names}&from_ms={to_ms - DAY_MS}&to_ms={to_ms}&points={POINTS}"


def _waves(to_ms: int) -> str:
    return f"/api/beds/bed-1/waveforms?metric={WAVEFORM}&from_ms={to_ms - 60_000}&to_ms={to_ms}"


async def _timed(into: list[float], board: Board, path: str) -> dict[str, Any]:
    started = time.perf_counter()
    answer = await board.get(path)
    into.append((time.perf_counter() - started) * 1000)
    return answer["metrics"]


def _is_right(
    answer: Mapping[str, Any], db: sqlite3.Connection, into: list[float], about: tuple[str, int]
) -> None:
    """Ask the rows, in steps of the answer's length; compare the extremes of all. Raises NotReady."""
    bed, to_ms = about
    from_us, to_us = (to_ms - DAY_MS) * 1000, to_ms * 1000
    started = time.perf_counter()
    asked = [(from_us, 144_000_000, bed, metric, from_us, to_us) for metric in METRICS]
    found = [db.execute(_ROWS, one).fetchall() for one in asked]
    into.append((time.perf_counter() - started) * 1000)
    for metric, rows in zip(METRICS, found, strict=True):
        lows, highs = _known(answer[metric]["min"]), _known(answer[metric]["max"])
        expected = min(row[1] for row in rows), max(row[2] for row in rows)
        if (min(lows), max(highs)) != expected:
            raise NotReady(f"{bed}, {metric}: trends hide an extreme: {expected} are there")


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def forget(database: Path) -> None:
    """Let the host drop what it holds of the database in its memory."""
    for path in (database, database.with_name(database.name + "-wal")):
        if path.exists():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)
