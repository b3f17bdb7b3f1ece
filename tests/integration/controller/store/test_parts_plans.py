"""The main questions find their rows by indexes in every part, as PostgreSQL plans them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from controller.history import reading, retention, rollup
from controller.store import latest
from controller.store.postgres.adapting import adapt
from controller.store.postgres.dialect import translate
from controller.store.postgres.parts import FIRST
from tests.support.postgres import SERVERS

pytestmark = pytest.mark.xdist_group("postgresql")
SERIES, ROWS, PARTS = 50, 12_000, 3
_SERIES = f"""INSERT INTO series (device, bed, metric)
SELECT 'd-' || n, 'bed-' || n, 'hr' FROM generate_series(1, {SERIES}) AS n"""
_OBSERVATIONS = f"""INSERT INTO observation
(stream, number, place, boot, mono_us, at_us, series, value, quality)
SELECT 1, 0, 0, 1, 0, n * 1000000, 1 + n %% {SERIES}, 1, 0 FROM generate_series(%s, %s) AS n"""
_WAVES = f"""INSERT INTO waveform
(stream, number, place, boot, mono_us, at_us, series, rate_mhz, scale, "offset", samples, quality)
SELECT 1, 0, 0, 1, 0, n * 1000000, 1 + n %% {SERIES}, 1, 1, 0, '', 0 FROM generate_series(%s, %s) AS n"""
_FROM = "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)"
_NEWEST = (PARTS - 1) * FIRST["observation"] + ROWS // PARTS
_LAST_HOURS = {
    **{
        "bed": "bed-7",
        "metrics": json.dumps(["hr"]),
        "start": 0,
        "length": 60_000_000,
        "first": 11_000_000_000,
    },
    **{"to": 12_000_000_000, "minute_begin": 184, "minute_end": 200, "head_end": 11_040_000_000},
    **{"tail_begin": 12_000_000_000, "dropped_begin": 184, "dropped_end": 200},
}
QUESTIONS: dict[str, tuple[str, Any]] = {
    "the newest of everything": (latest._VALUES, (0,)),
    "the newest of a device": (latest._OF_DEVICE, ("d-3",)),
    "a bed's last hours, by the row": (reading.FROM_ROWS, _LAST_HOURS),
    "a bed's last hours, by the minute": (reading.FROM_ROLLUPS, _LAST_HOURS),
    "a bed's waveforms": (reading._RUNS, ("bed-7", "hr", 11_900_000_000, 12_000_000_000)),
    "what is not rolled up": (rollup._WAITING, ()),
    "what is rolled up next": (rollup._NEW, (_NEWEST - 100, _NEWEST)),
    "the next hour's mark": (retention._MARK, (0,)),
}


@pytest.fixture(scope="module")
def filled() -> Iterator[psycopg.Connection[Any]]:
    """Three parts with rows each, which the planner knows."""
    with psycopg.connect(SERVERS.new("plans"), autocommit=True) as db:
        adapt(db)
        db.execute(_SERIES.encode())
        for table, insert in ("observation", _OBSERVATIONS), ("waveform", _WAVES):
            for part in range(PARTS):
                step = ROWS // PARTS
                db.execute(_FROM, (table, part * FIRST[table] + 1))
                db.execute(insert.encode(), (part * step, (part + 1) * step - 1))
        db.execute("UPDATE meta SET value = %s WHERE key = 'rolled-up'", (_NEWEST - 100,))
        db.execute("ANALYZE")
        yield db


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_part_is_looked_through(filled: psycopg.Connection[Any], question: str) -> None:
    asked, given = QUESTIONS[question]
    with filled.cursor() as cursor:
        cursor.execute(f"EXPLAIN {translate(asked)}".encode(), given)
        plan = "\n".join(row[0] for row in cursor)
    assert re.search(r"Index .*Scan .*on (observation|waveform)_p\d", plan)
    assert not re.search(r"Seq Scan on (observation|waveform)", plan)
