"""What becomes of readings is judged by their keys; commits are counted from SQLite's own index."""

import sqlite3
from pathlib import Path

from hil.bench.pipeline.commits import commits
from hil.bench.pipeline.phases import behind, judged

A, B, C = ("dev-1", 100), ("dev-1", 101), ("dev-2", 100)


def test_what_was_accepted_and_is_not_stored_is_lost() -> None:
    assert judged([A, B, C], [A, C], []) == (3, 1, 0)


def test_what_was_never_accepted_is_not_lost() -> None:
    assert judged([A], [A, B], []) == (1, 0, 0)


def test_every_copy_after_the_first_is_one_too_many() -> None:
    assert judged([A, B], [A, A, A, B], []) == (2, 0, 2)


def test_a_copy_that_the_feeder_caused_is_not_held_against_the_gateway() -> None:
    assert judged([A, B], [A, A, B, B], [A]) == (2, 0, 1)


def test_what_the_feeder_sent_again_can_still_be_lost() -> None:
    assert judged([A], [], [A]) == (1, 1, 0)


def test_a_gateway_is_behind_by_what_was_accepted_after_the_last_that_is_stored() -> None:
    assert behind([A, B, C], [C, A]) == 0
    assert behind([A, B, C], [A]) == 2
    assert behind([A, B], []) == 2


def test_a_transaction_counts_once_whatever_it_changes(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "db", isolation_level=None) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE reading (id INTEGER PRIMARY KEY)")
        before = commits(tmp_path / "db")
        for _ in range(3):
            db.execute("BEGIN")
            db.executemany("INSERT INTO reading VALUES (?)", [(None,)] * 500)
            db.execute("COMMIT")
        assert commits(tmp_path / "db") - before == 3
