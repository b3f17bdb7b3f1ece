"""What a rig reads in the controller's own tables, by its own schema."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from hil.rig.ledger import NUMBER, VALUE, Ledger

SCHEMA = Path(__file__).parents[3] / "controller/store/migrations/002-records.sql"
_ALERT = "INSERT INTO alert VALUES (NULL, 1, 0, 0, 1, 0, 0, NULL, 'ward-a', ?, 'bed-1', ?, 1, ?, '{}')"
_READING = "INSERT INTO observation VALUES (NULL, 1, ?, ?, 1, ?, ?, NULL, ?, ?, ?, 0)"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "wardlink.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA.read_text(encoding="utf-8"))
        db.execute("INSERT INTO stream VALUES (1, x'01', 1, 'ward-a', 1, 0)")
        db.execute("INSERT INTO series VALUES (1, 'node-1', 'bed-1', ?)", (NUMBER,))
        db.execute("INSERT INTO series VALUES (2, 'node-1', 'bed-1', ?)", (VALUE,))
        db.commit()
    return path


def alerts(database: Path, actives: Sequence[int], code: str = "temp-high", device: str = "node-1") -> None:
    with closing(sqlite3.connect(database)) as db:
        db.executemany(_ALERT, [(device, code, active) for active in actives])
        db.commit()


def readings(database: Path, rows: Sequence[tuple[float, float | None]]) -> None:
    """Each with the node's number, in tenths, and what the sensor gave."""
    with closing(sqlite3.connect(database)) as db:
        for place, (number, value) in enumerate(rows):
            for series, one in ((1, number), (2, value)):
                at = 100_000 * place
                db.execute(_READING, (place, series, at, at, series, one, None if one is not None else 10))
        db.commit()


@pytest.mark.parametrize(
    ("actives", "many"),
    [([], 0), ([1], 1), ([1, 0], 1), ([1, 1, 1, 0], 1), ([1, 0, 1], 2), ([0, 1, 0, 1, 1, 0], 2)],
)
def test_an_alert_that_is_told_again_while_it_goes_on_began_once(
    database: Path, actives: list[int], many: int
) -> None:
    alerts(database, actives)
    assert Ledger(database).beginnings("temp-high") == many


def test_other_alerts_other_devices_and_what_was_before_are_not_counted(database: Path) -> None:
    alerts(database, [1, 0])
    after = Ledger(database).mark().alert
    alerts(database, [1], code="device-lost")
    alerts(database, [1], device="strap-1")
    assert Ledger(database).beginnings("temp-high", after) == 0
    assert Ledger(database, "strap-1").beginnings("temp-high", after) == 1


def test_a_value_has_the_nodes_number_also_after_that_begins_again(database: Path) -> None:
    readings(database, [(249.8, 37.0), (249.9, None), (0.0, 37.2)])
    found = Ledger(database).numbered()
    assert [(number, one.value) for number, one in found] == [(2498, 37.0), (2499, None), (2500, 37.2)]
    assert [one.metric for _, one in found] == [VALUE] * 3


def test_a_database_that_is_not_there_yet_has_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "not-there.sqlite")
    assert (ledger.beginnings("temp-high"), ledger.numbered()) == (0, [])
