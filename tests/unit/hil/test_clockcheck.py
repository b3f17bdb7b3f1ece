"""The check of time sees what is lost, doubled, out of order, at a wrong time, or in 1970."""

import json
import sqlite3
from pathlib import Path

import pytest

from hil import clockcheck
from hil.clockcheck import Said, Stored

SECOND = 1_000_000
UTC_US = 1_900_000_000 * SECOND
BOOT = "00" * 16


def said(*seconds: int) -> list[Said]:
    return [Said("ox-1", BOOT, s * SECOND, (100 + s) * SECOND, 70 + s / 1000) for s in seconds]


def stored(*seconds: int, late_us: int = 0, utc_us: int | None = None) -> list[Stored]:
    return [
        Stored("ox-1", BOOT, s * SECOND, UTC_US + (100 + s) * SECOND + late_us, utc_us, 70 + s / 1000)
        for s in seconds
    ]


def test_all_that_was_said_once_and_in_order_is_as_it_should_be() -> None:
    there, here = said(1, 2, 3), stored(1, 2, 3)
    assert clockcheck.lost(there, here) == clockcheck.surplus(there, here) == []
    assert clockcheck.out_of_order(there, here) == clockcheck.never_set(here) == []
    assert [us for _, us in clockcheck.errors_us(there, here, UTC_US)] == [0, 0, 0]


def test_what_is_lost_and_what_is_there_twice_is_counted() -> None:
    assert clockcheck.lost(said(1, 2, 3), stored(1, 3)) == ["1 of 3 values are not stored"]
    assert clockcheck.surplus(said(1), stored(1, 1)) == ["1 values are stored that were not said, or twice"]


def test_an_earlier_value_at_a_later_time_is_out_of_order() -> None:
    [problem] = clockcheck.out_of_order(said(1, 2, 3), stored(2, 1, 3))
    assert problem.startswith("1 values are out of order: of ox-1")


def test_two_values_of_one_instant_keep_their_order_by_row() -> None:
    one, other = Said("ox-1", BOOT, 1, 1, 70.0), Said("ox-1", BOOT, 1, 1, 70.001)
    rows = [Stored("ox-1", BOOT, 1, UTC_US, None, value) for value in (70.0, 70.001)]
    assert clockcheck.out_of_order([one, other], rows) == []
    assert len(clockcheck.out_of_order([one, other], rows[::-1])) == 1


@pytest.mark.parametrize("late_us", [600_000, -600_000])
def test_a_time_that_is_wrong_by_more_than_bound_and_delay_is_told(late_us: int) -> None:
    errors = clockcheck.errors_us(said(1), stored(1, late_us=late_us), UTC_US)
    assert len(clockcheck.at_wrong_times(errors, {BOOT: 0.05})) == 1
    assert clockcheck.at_wrong_times(errors, {BOOT: 0.2}) == []
    assert clockcheck.at_wrong_times(errors, {}) == []


def test_a_time_before_2025_is_told_of_either_clock() -> None:
    assert len(clockcheck.never_set(stored(1, late_us=-UTC_US))) == 1
    assert len(clockcheck.never_set(stored(1, utc_us=5))) == 1


def test_records_and_rows_are_read_as_they_lie(tmp_path: Path) -> None:
    line = {"boot": BOOT, "mono_us": SECOND, "steady_us": 101 * SECOND, "value": 70.001}
    (tmp_path / "ox-1.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert clockcheck.said(tmp_path) == said(1)
    database = tmp_path / "x.sqlite"
    with sqlite3.connect(database) as db:
        db.executescript(
            "CREATE TABLE boot (id, boot); CREATE TABLE series (id, device, metric);"
            "CREATE TABLE observation (id, boot, mono_us, at_us, utc_us, value, series)"
        )
        db.execute("INSERT INTO boot VALUES (1, ?)", (bytes(16),))
        db.execute("INSERT INTO series VALUES (1, 'ox-1', 'spo2')")
        row = 7, 1, SECOND, UTC_US + 101 * SECOND, None, 70.001, 1
        db.execute("INSERT INTO observation VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    assert clockcheck.stored(database, "spo2") == stored(1)
    assert clockcheck.stored(database, "spo2", after=7) == []
    assert clockcheck.last_row(database) == 7
