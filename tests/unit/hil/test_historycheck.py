"""The history check finds what it is there for: tried on a store that is then spoilt."""

import sqlite3
from pathlib import Path

import pytest

from controller.history import retention, rollup
from hil import historycheck
from tests.support import history
from tests.support.history import BASE_US


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """Two minutes of readings, rolled up; the first of them is dropped."""
    store = await history.opened(tmp_path)
    rows: list[history.Row] = [(1, BASE_US + n * 1_000_000, float(n)) for n in range(120)]
    await store.write(lambda db: history.arrive(db, 1, rows[:60]))
    await rollup.add_new(store)
    await store.write(history.grow_old)
    await store.write(lambda db: history.arrive(db, 2, rows[60:]))
    await rollup.add_new(store)
    assert await retention.drop_observations(store, 1, 0) == 60
    await rollup.mend(store)
    await store.close()
    return tmp_path / "wardlink.sqlite"


def test_a_right_history_has_no_problem(database: Path) -> None:
    assert historycheck.problems(database) == []
    assert historycheck.waiting(database) == 0


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ("UPDATE rollup SET high = high - 1 WHERE NOT dropped", "the rows give (60, 0, 60.0, 119.0)"),
        ("UPDATE rollup SET readings = 59 WHERE NOT dropped", "the rollup says (59, 0, 60.0, 119.0)"),
        ("DELETE FROM rollup WHERE NOT dropped", "the rollup says None"),
        ("DELETE FROM rollup WHERE dropped", "60 readings were dropped, rollups tell of 0"),
        ("DELETE FROM dropped", "0 readings were dropped, rollups tell of 60"),
        ("DELETE FROM ledger", "blocks that were never committed"),
        ("DELETE FROM observation WHERE value = 119", "the rows give (59, 0, 60.0, 118.0)"),
    ],
)
def test_whatever_is_wrong_is_found(database: Path, spoilt: str, told: str) -> None:
    with sqlite3.connect(database) as db:
        db.execute(spoilt)
    assert told in "\n".join(historycheck.problems(database))
