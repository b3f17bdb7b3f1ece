"""The history benchmark fills a store with what it says, and its tables are what it measured."""

import sqlite3
from pathlib import Path

import pytest

from controller.store import Store
from hil.bench.history import filled
from hil.bench.history.bench import Size, is_quick, pairs_table, table
from hil.bench.history.beside import Run
from hil.bench.history.filled import METRICS, Filled
from hil.bench.history.opening import Opened


def size(days: int, trends_ms: float) -> Size:
    opened = Opened([trends_ms] * 100, [10 * trends_ms], [trends_ms], [1.0])
    return Size(days, days * 1000, 0.5, 200_000.0, opened)


async def test_a_day_has_a_reading_a_second_of_each_metric_in_order_of_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filled, "DAY_S", 600)
    database = tmp_path / "wardlink.sqlite"
    await (await Store.open(database)).close()
    made = Filled(database, beds=2, from_us=1_000_000, days=2)
    made.fill(1)
    made.fill(2)
    assert made.rows() == (2 * 600 * 2 * len(METRICS), 0)
    with sqlite3.connect(database) as db:
        disorder = """SELECT count(*) FROM observation AS one JOIN observation AS following
          ON following.id = one.id + 1 WHERE following.at_us < one.at_us"""
        assert db.execute(disorder).fetchone() == (0,)
        assert db.execute("SELECT count(*), min(length(samples)) FROM waveform").fetchone() == (4800, 62)
        assert db.execute("SELECT min(at_us), max(at_us) FROM observation").fetchone() == (
            1_000_000,
            1_000_000 + 1199 * 1_000_000,
        )


def test_the_table_shows_times_and_growth() -> None:
    lines = "\n".join(table([size(3, 10.0), size(30, 11.0)], beds=4))
    assert "| 3 | 3,000 | 0.5 | 10 / 10 | 10 | 100 / 100 | 10.0 | 1 / 1 |" in lines
    assert "30 days against 3: 10.0 times the rows, 1.10 times the time." in lines


def test_a_size_that_opens_too_slowly_fails() -> None:
    assert is_quick([size(3, 200.0)])
    assert not is_quick([size(3, 10.0), size(30, 201.0)])


def test_pairs_are_shown_with_the_ratio_of_each() -> None:
    pairs = [(Run(20_000, 40.0, [5.0], 0, 0), Run(19_000, 44.0, [6.0], 100, 50))] * 2
    lines = "\n".join(pairs_table(pairs))
    assert "| readings/s, as fast as they are taken | 20,000.0 | 19,000.0 | 0.95, 0.95 |" in lines
    assert "200 readings were rolled up and 100 dropped" in lines
